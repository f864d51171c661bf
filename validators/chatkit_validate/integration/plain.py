"""What the handler sends for a result that does not stream."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Instance, Part
from chatkit_validate.flow.influence import influences
from chatkit_validate.integration import detection, response
from chatkit_validate.integration.evidence import Absent, Found
from chatkit_validate.integration.processing import RESULT
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place


class Form(Enum):
    """The ways an answer can be made from a result that does not stream."""

    BYTES = 1
    CALLED = 2
    UNSERIALISABLE = 3
    STRING = 4
    OBJECT = 5
    OTHER_TYPE = 6
    NO_TYPE = 7
    UNKNOWN = 8


MEANING = {
    Form.CALLED: "`result.json` is called, but it is bytes: `TypeError`",
    Form.UNSERIALISABLE: "`JSONResponse` cannot serialise the bytes of `result.json`",
    Form.STRING: "`result.json` is returned bare: FastAPI sends a JSON string that holds JSON",
    Form.OBJECT: "The result object itself is sent, not its JSON",
    Form.OTHER_TYPE: "The JSON is sent with another content type than `application/json`",
    Form.NO_TYPE: "The JSON is sent without a content type",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for a result that does not stream.

    Attributes:
        form: How it is made.
        where: Where it is made.
    """

    form: Form
    where: Place


def answer(integration: Integration, endpoint: Endpoint) -> Answer | None:
    """The first answer in the handler that is made from a result that does not stream; None where there is none."""
    for reply in integration.once(response.replies, endpoint):
        if not reply.carries or (isinstance(reply, response.Reply) and reply.streaming):
            continue
        if detection.only_foreign(integration, endpoint, response.reached(endpoint, reply)):
            continue
        if isinstance(reply, response.Bare):
            return Answer(_bare(reply.value), reply.where)
        return Answer(_form(integration.flow, reply), reply.where)
    return None


def _bare(value: Value) -> Form:
    if isinstance(value, Foreign):
        if value.name == f"{RESULT}.json":
            return Form.STRING
        if value.name == f"{RESULT}.json()":
            return Form.CALLED
        if value.name == RESULT:
            return Form.OBJECT
        if value.name.endswith(".loads()") and isinstance(value.node, ast.Call) and value.frame is not None:
            return Form.BYTES
    return Form.UNKNOWN


def _form(flow: Flow, reply: response.Reply) -> Form:
    if reply.content is None:
        return Form.UNKNOWN
    forms = {_content(flow, value, reply.base) for value in _values(flow, reply.content, reply.frame)}
    forms.discard(None)
    bad = next((form for form in Form if form in forms and form not in {Form.BYTES, Form.UNKNOWN}), None)
    if bad is not None:
        return bad
    if Form.BYTES not in forms:
        return Form.UNKNOWN
    match reply.media_type:
        case Found(value=text):
            return Form.BYTES if "json" in text else Form.OTHER_TYPE
        case Absent():
            return Form.NO_TYPE
        case _:
            return Form.UNKNOWN


def _values(flow: Flow, content: ast.expr, frame: Frame) -> tuple[Value, ...]:
    """The values of the content, alternatives that a `hasattr(result, "json")` rules out left out."""
    if isinstance(content, ast.IfExp):
        decided = detection.has_json(flow, content.test, frame)
        if decided is not None:
            return flow.values(content.body if decided else content.orelse, frame)
    return flow.values(content, frame)


def _content(flow: Flow, value: Value, base: str) -> Form | None:
    serialises = base.endswith(("JSONResponse", "UJSONResponse", "ORJSONResponse"))
    match value:
        case Foreign(name=name) if name == f"{RESULT}.json":
            return Form.UNSERIALISABLE if serialises else Form.BYTES
        case Foreign(name=name) if name == f"{RESULT}.json()":
            return Form.CALLED
        case Foreign(name=name) if name == RESULT:
            return Form.OBJECT
        case Foreign(name=name) if name.startswith(f"{RESULT}.json"):
            # `result.json.decode()` is the same text.
            return Form.STRING if serialises else Form.BYTES
        case Foreign(name=name) if name.endswith(".loads()"):
            return Form.BYTES if serialises else Form.UNKNOWN
        case Foreign(name=name, node=ast.Call() as call, frame=frame) if frame is not None:
            used = [
                item.name for part in call.args for item in influences(flow, part, frame) if isinstance(item, Foreign)
            ]
            return Form.BYTES if any(item.startswith(f"{RESULT}.json") for item in used) else Form.UNKNOWN
        case Constant(value=None):
            return None
        case Part() | Instance():
            return Form.UNKNOWN
        case _:
            return Form.UNKNOWN
