"""CK105: the stream tells caches and proxies to leave it alone."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration.application import argument
from chatkit_validate.rules.decide import decide as judge
from chatkit_validate.rules.edit import Edit, Fix, Shown
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
    fix="safe or unsafe: adds the headers that are missing to the call of the response. Unsafe where the call stands "
    "in a function that other routes may use, or takes its headers from elsewhere.",
)
_VALUES = {"cache-control": "no-cache", "x-accel-buffering": "no"}
_WANTED = 'Pass `headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}`.'


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges the headers of every response that streams."""
    return each_stream(integration, endpoint, partial(_judge, endpoint))


def _judge(endpoint: Endpoint, reply: Reply) -> Decision:
    own = reply.frame is endpoint.frame
    return judge(
        reply.headers, found=lambda held: _found(held, reply, own=own), absent=lambda gap: _absent(gap, reply, own=own)
    )


def _found(held: Found[Headers], reply: Reply, *, own: bool) -> Decision:
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
    named = " and ".join(f"`{_title(name)}: {_VALUES[name]}`" for name in missing)
    fix = partial(_fix, reply, missing, own=own)
    return Fail(f"The streaming response lacks {named}", reply.where, _WANTED, fix=fix)


def _absent(_gap: Absent, reply: Reply, *, own: bool) -> Decision:
    if reply.base.endswith("EventSourceResponse"):
        return Pass("`EventSourceResponse` sets both headers itself", reply.where)
    fix = partial(_fix, reply, list(_VALUES), own=own)
    message = "The streaming response sets neither `Cache-Control` nor `X-Accel-Buffering`"
    return Fail(message, reply.where, _WANTED, fix=fix)


def _fix(reply: Reply, missing: list[str], *, own: bool) -> Fix | None:
    """`own`: whether the handler itself makes the response."""
    from chatkit_validate.rules import editing

    if not reply.plain:
        return None
    module, given = reply.frame.module, argument(reply.call, "headers", 2)
    items = ", ".join(f'"{_title(name)}": "{_VALUES[name]}"' for name in missing)
    edits: tuple[Edit, ...] | None
    if given is None:
        edits = editing.with_argument(module, reply.call, f"headers={{{items}}}")
        return Fix(safe=own, edits=edits) if edits else None
    if isinstance(given, ast.Constant):
        return Fix(safe=own, edits=(editing.replaced(module, given, f"{{{items}}}"),))
    if not isinstance(given, ast.Dict):
        return Fix(
            safe=False, edits=(editing.replaced(module, given, f"{{**{editing.source(module, given)}, {items}}}"),)
        )
    wrong = {
        key.value.lower(): value
        for key, value in zip(given.keys, given.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    mended = [editing.replaced(module, wrong[name], f'"{_VALUES[name]}"') for name in missing if name in wrong]
    lacking = ", ".join(f'"{_title(name)}": "{_VALUES[name]}"' for name in missing if name not in wrong)
    added = editing.with_item(module, given, lacking) if lacking else ()
    return Fix(safe=own, edits=tuple(sorted((*mended, *added), key=lambda edit: edit.start)))


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
