"""What a client wrote: values that come from the body, query or headers of a request, or from the conversation."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Instance, Parameter, Part
from chatkit_validate.flow.influence import influences, passed
from chatkit_validate.integration import credential, kept
from chatkit_validate.integration.credential import Credential
from chatkit_validate.names import arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.turn import Turn

_REQUEST = "starlette.requests.Request()"
_PARTS = (".json()", ".body()", ".form()", ".query_params", ".path_params", ".headers", ".cookies")
_PARSERS = (
    "json.loads()",
    "orjson.loads()",
    "validate_json()",
    "validate_python()",
    "model_validate_json()",
    "model_validate()",
)
_CONVERSATION = ("chatkit.types.UserMessageItem()", "chatkit.types.ThreadItem()", "chatkit.types.Action()")


def source(flow: Flow, turn: Turn, value: Value) -> str:
    """In words, what of the client's `value` is looked up in; empty where it comes from elsewhere.

    A credential is none: CK206 speaks of it.
    """
    for one in _chain(value):
        if credential.by_origin(flow, one) in {Credential.TOKEN, Credential.COOKIE, Credential.KEY}:
            return ""
        found = _of(flow, turn, one)
        if found:
            return found
        if kept.remembered(flow, turn, one):
            return "what was said in earlier conversations"
    stored = kept.written(flow, turn, value, credential.key_of(flow, value)) if isinstance(value, Part) else ()
    found_in = (one for other in stored for one in _chain(other))
    return next((found for one in found_in if (found := _of(flow, turn, one) or _of_action(one))), "")


def _chain(value: Value) -> Iterator[Value]:
    """The value and what it was looked up in, inwards: items, attributes, `.get()`, text methods."""
    for _ in range(12):
        yield value
        base = value.base if isinstance(value, Foreign | Part) else None
        if base is None:
            return
        value = base


def _of(flow: Flow, turn: Turn, value: Value) -> str:
    match value:
        case Foreign(name=name) if name.startswith(_REQUEST):
            path = name[len(_REQUEST) :]
            if not path.startswith(_PARTS) or credential.by_origin(flow, value):
                body = path in {".body()", ".json()", ".form()"}
                return "the body of the request" if body else ""
            return f"the request's {path.strip('.').partition('(')[0].partition('[')[0].partition('.')[0]}"
        case Foreign(name=name) if name.startswith(_CONVERSATION):
            return "what the user wrote"
        case Foreign(name=name, node=ast.Call() as call, frame=frame) if name.endswith(_PARSERS) and frame is not None:
            for part in passed(call):
                for inner in influences(flow, part, frame):
                    if isinstance(inner, Foreign) and inner.name.startswith((f"{_REQUEST}.body", f"{_REQUEST}.json")):
                        return "the body of the request"
            return ""
        case Parameter(frame=frame, name=name):
            return _of_parameter(turn, value, name)
        case Instance(made=False) if value.frame.caller is None and value.frame.function is not None:
            return ""
        case _:
            return ""


def _of_action(value: Value) -> str:
    """The third parameter of the server's `action()`: what the client's widget sent, whatever its annotation."""
    if not isinstance(value, Parameter) or value.frame.function is None or value.frame.function.name != "action":
        return ""
    third = list(arguments(value.frame.function.node))[2:3]
    return "what a widget action sent" if value.node in third else ""


def _of_parameter(turn: Turn, value: Parameter, name: str) -> str:
    """The message parameter of `respond()`, or a path, query or body parameter of a handler."""
    for frame in turn.frames:
        if value.frame is frame:
            return "what the user wrote" if name not in {"self", "thread", "context", "ctx"} else ""
    return ""
