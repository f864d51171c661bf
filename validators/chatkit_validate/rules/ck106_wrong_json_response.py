"""CK106: the JSON answer is the library's bytes, sent as JSON once."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration import plain, response
from chatkit_validate.integration.application import argument
from chatkit_validate.rules.edit import Fix, Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.flow import Frame
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK106",
    name="wrong-json-response",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="A `NonStreamingResult` is answered as its own JSON bytes with the content type `application/json`.",
    why="`NonStreamingResult.json` is an attribute that holds bytes. `result.json()` raises `TypeError`; `JSONResponse("
    "result.json)` cannot serialise bytes; returning `result.json` sends a JSON string that holds JSON; returning "
    '`result` sends `{"json": ...}`. The widget cannot read any of them.',
    instead='Write `Response(content=result.json, media_type="application/json")`.',
    acceptable="Any response that sends the same JSON, such as `JSONResponse(json.loads(result.json))`.",
    sources=("chatkit/server.py: NonStreamingResult",),
    shown=Shown(
        path="app/main.py",
        good='return Response(content=result.json, media_type="application/json")',
        bad="return result.json",
    ),
    fix='safe or unsafe: answers `Response(content=result.json, media_type="application/json")`, further arguments '
    "kept. Unsafe where the response is made in a function that other routes may use.",
)
_PLAIN = "starlette.responses.Response"
_WAY_OUT = 'Write `Response(content=result.json, media_type="application/json")`.'


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges the response that carries a result that does not stream."""
    answer = integration.once(plain.answer, endpoint)
    if answer is None:
        return NotApplicable("No answer is made from a result that does not stream", endpoint.where)
    match answer.form:
        case plain.Form.BYTES:
            return Pass("The result's JSON is sent as it is", answer.where)
        case plain.Form.UNKNOWN:
            return Unknown("What is sent for a result that does not stream cannot be followed", answer.where)
        case _:
            fix = partial(_fix, integration, endpoint, answer)
            return Fail(plain.MEANING[answer.form], answer.where, _WAY_OUT, fix=fix)


def _fix(integration: Integration, endpoint: Endpoint, answer: plain.Answer) -> Fix | None:
    from chatkit_validate.rules import editing
    from chatkit_validate.rules.importing import imported

    reply, module = answer.reply, answer.reply.frame.module
    sent = _sent(integration, reply)
    typed = answer.form in {plain.Form.OTHER_TYPE, plain.Form.NO_TYPE}
    body = editing.source(module, sent) if typed and sent else _json(integration, endpoint, sent, reply.frame)
    if sent is None or body is None or not response.streams(integration, endpoint):
        return None  # where nothing streams, the same answer serves the result that does
    local, edits = imported(module, "fastapi.responses", "Response", "fastapi", "starlette.responses")
    media_type = 'media_type="application/json"'
    if isinstance(reply, response.Bare):
        edits += (editing.replaced(module, sent, f"{local}(content={body}, {media_type})"),)
    else:
        given = argument(reply.call, "media_type", 3)
        added = (
            (editing.replaced(module, given, media_type[11:]),)
            if given
            else editing.with_argument(module, reply.call, media_type)
        )
        if not reply.plain or added is None:
            return None
        renamed = () if reply.base == _PLAIN else (editing.replaced(module, reply.call.func, local),)
        edits = (*(edits if renamed else ()), *renamed, *added)
        edits += (editing.replaced(module, sent, body),) if body != editing.source(module, sent) else ()
    own = reply.frame is endpoint.frame
    return Fix(safe=own, edits=tuple(sorted(edits, key=lambda edit: (edit.start, edit.end))))


def _sent(integration: Integration, reply: response.Reply | response.Bare) -> ast.expr | None:
    """The expression to replace: the content, or what is returned, of a conditional the side that gives it."""
    if isinstance(reply, response.Reply):
        return reply.content
    returned = reply.returned
    while isinstance(returned, ast.IfExp):
        sides = [
            side
            for side in (returned.body, returned.orelse)
            if reply.value in integration.flow.values(side, reply.frame)
        ]
        if len(sides) != 1:
            return None
        returned = sides[0]
    return returned


def _json(integration: Integration, endpoint: Endpoint, sent: ast.expr | None, frame: Frame) -> str | None:
    """`result.json` of the one name in `sent` that holds the result itself."""
    results = response.result_nodes(endpoint)
    names = {
        node.id
        for node in (ast.walk(sent) if sent else ())
        if isinstance(node, ast.Name)
        and any(getattr(value, "node", None) in results for value in integration.flow.values(node, frame))
    }
    return f"{names.pop()}.json" if len(names) == 1 else None
