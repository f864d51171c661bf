"""CK105: the stream tells caches and proxies to leave it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.decide import decide as judge
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import each_stream
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration
    from chatkit_validate.integration.evidence import Absent, Found
    from chatkit_validate.integration.headers import Headers
    from chatkit_validate.integration.response import Reply

RULE = Rule(
    code="CK105",
    name="missing-sse-headers",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="The stream carries `Cache-Control: no-cache` (or `no-store`) and `X-Accel-Buffering: no`.",
    why="nginx buffers a proxied response unless told otherwise: six events sent over 1.8 s arrive as one block at the "
    "end; with `X-Accel-Buffering: no` each arrives when it is sent. A cache may keep a stream that does not say "
    "otherwise.",
    instead='Pass `headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}` to the `StreamingResponse`.',
    acceptable="Headers that a subclass of the response, a helper or a middleware sets count. `Connection: keep-alive` "
    "concerns one hop only and is never needed. What the configuration of a proxy sets is not seen here.",
    sources=("nginx: ngx_http_proxy_module, proxy_buffering", "RFC 9111, section 5.2.2"),
    shown=Shown(
        path="app/main.py",
        good='headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},',
        bad='headers={"Connection": "keep-alive"},',
    ),
)
_WANTED = 'Pass `headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}`.'


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges the headers of every response that streams."""
    return each_stream(integration, endpoint, _judge)


def _judge(reply: Reply) -> Decision:
    return judge(reply.headers, found=lambda held: _found(held, reply), absent=lambda gap: _absent(gap, reply))


def _found(held: Found[Headers], reply: Reply) -> Decision:
    missing = []
    for name, good in (("cache-control", ("no-cache", "no-store")), ("x-accel-buffering", ("no",))):
        if name not in held.value:
            # EventSourceResponse sets both itself.
            if not reply.base.endswith("EventSourceResponse"):
                missing.append(name)
            continue
        text = held.value[name]
        if text is None:
            return Unknown(f"The value of `{_title(name)}` is not a literal", held.where)
        if not any(word in [part.strip().lower() for part in text.split(",")] for word in good):
            missing.append(name)
    if not missing:
        return Pass("The stream asks caches and proxies to pass it on as it comes", held.where)
    named = " and ".join(f"`{_title(name)}: {'no-cache' if name == 'cache-control' else 'no'}`" for name in missing)
    return Fail(f"The streaming response lacks {named}", reply.where, _WANTED)


def _absent(_gap: Absent, reply: Reply) -> Decision:
    if reply.base.endswith("EventSourceResponse"):
        return Pass("`EventSourceResponse` sets both headers itself", reply.where)
    return Fail("The streaming response sets neither `Cache-Control` nor `X-Accel-Buffering`", reply.where, _WANTED)


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
