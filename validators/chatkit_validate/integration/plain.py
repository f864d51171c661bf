"""What the handler sends for a result that does not stream."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.integration import detection, json_content, response
from chatkit_validate.integration.evidence import Absent, Found
from chatkit_validate.integration.json_content import Shape
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
    PRINTED = 8
    WRAPPED = 9
    MISSING = 10
    UNENCODABLE = 11
    UNKNOWN = 12


MEANING = {
    Form.CALLED: "`result.json` is called, but it is bytes: `TypeError`",
    Form.UNSERIALISABLE: "`JSONResponse` cannot serialise the bytes of `result.json`",
    Form.STRING: "`result.json` is returned bare: FastAPI sends a JSON string that holds JSON",
    Form.OBJECT: "The result object itself is sent, not its JSON",
    Form.OTHER_TYPE: "The JSON is sent with another content type than `application/json`",
    Form.NO_TYPE: "The JSON is sent without a content type",
    Form.PRINTED: "What Python prints of the result is sent, not its JSON",
    Form.WRAPPED: "The JSON is wrapped in another object: the widget expects it bare",
    Form.MISSING: "The result has no such attribute, only `json`: `AttributeError`",
    Form.UNENCODABLE: "`Response` sends bytes or text, and this is parsed JSON: `AttributeError`",
}
_OF_ANY = {
    Shape.CALLED: Form.CALLED,
    Shape.OBJECT: Form.OBJECT,
    Shape.PRINTED: Form.PRINTED,
    Shape.WRAPPED: Form.WRAPPED,
    Shape.MISSING: Form.MISSING,
    Shape.UNWRITABLE: Form.UNSERIALISABLE,
    Shape.QUOTED: Form.STRING,
}
# What FastAPI makes of a returned value, what a response sends as it is, and where one that writes JSON differs.
_SERIALISED = _OF_ANY | {Shape.BYTES: Form.STRING, Shape.TEXT: Form.STRING, Shape.DATA: Form.BYTES}
_RESPONDED = _OF_ANY | {Shape.BYTES: Form.BYTES, Shape.TEXT: Form.BYTES, Shape.DATA: Form.UNENCODABLE}
_SENT_BY_JSON_RESPONSE = {Shape.BYTES: Form.UNSERIALISABLE, Shape.TEXT: Form.STRING, Shape.DATA: Form.BYTES}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for a result that does not stream.

    Attributes:
        form: How it is made.
        where: Where it is made.
        reply: What is returned.
    """

    form: Form
    where: Place
    reply: response.Reply | response.Bare


def answer(integration: Integration, endpoint: Endpoint) -> Answer | None:
    """The first answer in the handler that is made from a result that does not stream; None where there is none."""
    for reply in integration.once(response.replies, endpoint):
        if not reply.carries or (isinstance(reply, response.Reply) and reply.streaming):
            continue
        if detection.only_foreign(integration, endpoint, reply):
            continue
        return Answer(_form(integration, reply), reply.where, reply)
    return None


def _form(integration: Integration, reply: response.Reply | response.Bare) -> Form:
    flow = integration.flow
    if isinstance(reply, response.Bare):
        return _SERIALISED.get(json_content.shape(flow, reply.value), Form.UNKNOWN)
    if reply.content is None:
        return Form.UNKNOWN
    serialises = reply.base.endswith("JSONResponse")
    sent = _RESPONDED | _SENT_BY_JSON_RESPONSE if serialises else _RESPONDED
    shapes = {json_content.shape(flow, value) for value in _values(flow, reply.content, reply.frame)}
    forms = {sent.get(shape, Form.UNKNOWN) for shape in shapes - {Shape.NOTHING}}
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
