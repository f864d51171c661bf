"""Which origins a browser may call the application from, and whether with credentials."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Opaque, Structure
from chatkit_validate.flow.influence import influences
from chatkit_validate.integration import headers, middleware
from chatkit_validate.integration.application import argument
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.integration.application import Router
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.source import Place

_CORS = "starlette.middleware.cors.CORSMiddleware"
# Origins that no project means when it writes a pattern for its own.
_STRANGERS = ("https://attacker.test", "http://attacker.test:8080", "https://a.b.attacker.test")


@dataclass(frozen=True, slots=True)
class Cors:
    """One CORS policy of an application.

    Attributes:
        where: Where it is added.
        public: What admits origins of strangers: `*`, `null`, a pattern. Absent: everything admitted is named.
        credentials: Whether cookies and authorization may come along.
    """

    where: Place
    public: Evidence[str]
    credentials: Evidence[bool]


def policies(integration: Integration, application: Router) -> tuple[Cors, ...]:
    """The CORS policies of `application`: the middleware's, and headers that its own middleware writes."""
    found = [
        _policy(integration.flow, each) for each in integration.once(middleware.of, application) if each.name == _CORS
    ]
    own = headers.by_middleware(integration, application)
    if isinstance(own, Found) and "access-control-allow-origin" in own.value:
        found.append(_written(own))
    return tuple(found)


def _policy(flow: Flow, added: middleware.Middleware) -> Cors:
    call, frame = added.call, added.frame
    if any(keyword.arg is None for keyword in call.keywords):
        gap = Unresolved("the options of the CORS middleware are passed as a dictionary", added.where)
        return Cors(added.where, gap, gap)
    return Cors(added.where, _public(flow, call, frame), _credentials(flow, call, frame))


def _public(flow: Flow, call: ast.Call, frame: Frame) -> Evidence[str]:
    origins = argument(call, "allow_origins", None)
    pattern = argument(call, "allow_origin_regex", None)
    if pattern is not None:
        for text in _texts(flow, pattern, frame):
            if _admits_strangers(text):
                return Found(f"allow_origin_regex={text!r}", frame.place(pattern))
    if origins is not None:
        alternatives = [(kind, text) for kind in _alternatives(flow, origins, frame) for text in (_open(kind),)]
        wide = [text for _, text in alternatives if text]
        if wide and len(wide) < len(alternatives):
            return Unresolved(
                f"only some of the origins it may be given admit everybody ({wide[0]})", frame.place(origins)
            )
        if wide:
            return Found(f"allow_origins={wide[0]}", frame.place(origins))
    return Absent(frame.place(call))


def _alternatives(flow: Flow, origins: ast.expr, frame: Frame) -> Iterator[list[str]]:
    """The literal texts in each value that `origins` may have; environment defaults count, the names do not."""
    for value in flow.values(origins, frame):
        match value:
            case Structure(node=node, frame=where):
                yield _texts(flow, node, where)
            case Constant(value=str() as text):
                yield [text]
            case Foreign(node=ast.Call() as call, frame=inner) if inner is not None:
                yield _texts(flow, call, inner)
            case Constant() | Opaque():
                continue
            case _:
                held, made_in = getattr(value, "node", None), getattr(value, "frame", None)
                if isinstance(held, ast.expr) and made_in is not None:
                    yield _texts(flow, held, made_in)


def _texts(flow: Flow, expression: ast.expr, frame: Frame) -> list[str]:
    return [
        value.value
        for value in influences(flow, expression, frame)
        if isinstance(value, Constant) and isinstance(value.value, str)
    ]


def _open(texts: list[str]) -> str:
    parts = {part.strip() for text in texts for part in text.split(",")}
    return next((repr(word) for word in ("*", "null") if word in parts), "")


def _admits_strangers(pattern: str) -> bool:
    if len(pattern) > 200:  # nobody writes one; a hostile one must not run
        return False
    try:
        compiled = re.compile(pattern)
    except re.error:
        return False
    return any(compiled.fullmatch(origin) for origin in _STRANGERS)


def _credentials(flow: Flow, call: ast.Call, frame: Frame) -> Evidence[bool]:
    allowed = argument(call, "allow_credentials", None)
    if allowed is None:
        return Absent(frame.place(call))
    literals = flow.constants(allowed, frame)
    where = frame.place(allowed)
    if literals is None:
        return Unresolved("whether credentials are allowed is not literal", where)
    return Found(value=True, where=where) if any(literals) else Absent(where)


def _written(own: Found[headers.Headers]) -> Cors:
    origin = own.value["access-control-allow-origin"]
    sent = own.value.get("access-control-allow-credentials", "false")
    public: Evidence[str] = Absent(own.where)
    if origin in {"*", "null"}:
        public = Found(f"Access-Control-Allow-Origin: {origin}", own.where)
    elif origin is None:
        public = Unresolved("the allowed origin is computed for each request", own.where)
    return Cors(own.where, public, Found(value=True, where=own.where) if sent == "true" else Absent(own.where))
