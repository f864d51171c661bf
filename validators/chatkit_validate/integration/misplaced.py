"""Tokens where they do not belong: in URLs, in rows, in thread metadata, in headers made for something else."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import ClassValue, Foreign, Structure
from chatkit_validate.flow.calls import default
from chatkit_validate.integration import credential, modules
from chatkit_validate.integration.credential import Credential
from chatkit_validate.names import Class, arguments
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.names import Function
    from chatkit_validate.source import Place

_REQUEST = ("starlette.requests.Request()", "starlette.websockets.WebSocket()", "starlette.requests.HTTPConnection()")
_IN_URL = r"(?i)[?&](?:[\w-]*token|jwt|auth|api_?key|session(?:_?id)?)=$"
# Tokens made for one link: a mail to confirm, a password to reset, a file to fetch.
_ONE_TIME = r"(?i)verif|reset|confirm|invit|unsubscribe|magic|download|share|csrf|callback|oauth|webhook"
_HIDDEN = r"(?i)hash|digest|encrypt|fernet|sha\d|bcrypt|fingerprint|hmac"
_OWN_HEADERS = r"(?i)x-chatkit-[\w-]+|user-agent|referer|origin|accept[\w-]*|x-request-id|x-forwarded-[\w-]+"
# The host's first label: `https://{session}.example.com`.
_IN_HOST = r"(?i)https?://$"
_NAMED = r"(?i)(?:.*_)?(?:token|jwt|bearer)"


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A token in the wrong place.

    Attributes:
        where: The read, URL or row.
        what: In words, what is wrong.
        way_out: What to do.
    """

    where: Place
    what: str
    way_out: str


_TRANSPORT = "Send it in the `Authorization` header."
_STORE_HASH = "Store a hash of it, or the id of a session that the server keeps."


def misplaced(integration: Integration, root: str) -> tuple[Misplaced, ...]:
    """The misplaced tokens in the modules that the application imports, in order of path and line."""
    found: dict[Place, Misplaced] = {}
    reached = integration.once(modules.modules, root)
    held = {registration.handler.function for registration in integration.routing.registrations()}
    for module in reached:
        for function in module.functions():
            frame = integration.flow.entry(function)
            for one in (*_asked(integration.flow, function, frame, held), *_done(integration.flow, function, frame)):
                found.setdefault(one.where, one)
    return tuple(sorted(found.values(), key=lambda one: one.where))


def _asked(flow: Flow, function: Function, frame: Frame, handlers: set[Function]) -> Iterator[Misplaced]:
    """Parameters that FastAPI fills from the query string."""
    if re.search(_ONE_TIME, function.name):
        return
    for node in arguments(function.node):
        if credential.by_name(node.arg) is not Credential.TOKEN:
            continue
        stated = default(function, node)
        made = flow.project.external(stated.func, function.outside) if isinstance(stated, ast.Call) else ""
        if made == "fastapi.Query" or (stated is None and _plain(node) and function in handlers and _is_get(function)):
            yield Misplaced(
                frame.place(node), f"`{node.arg}` is a query parameter: the token stands in the URL", _TRANSPORT
            )


def _plain(node: ast.arg) -> bool:
    return node.annotation is not None and unparse(node.annotation) in {"str", "str | None", "Optional[str]"}


def _is_get(function: Function) -> bool:
    texts = [unparse(decorator) for decorator in function.node.decorator_list]
    return any(".get(" in text and "{" + "token" not in text for text in texts)


def _done(flow: Flow, function: Function, frame: Frame) -> Iterator[Misplaced]:
    for node in ast.walk(function.node):
        match node:
            case ast.Call():
                yield from _read(flow, function, node, frame)
                yield from _row(flow, node, frame)
                yield from _parameters(flow, node, frame)
                yield from _host(flow, node, frame)
            case ast.JoinedStr():
                yield from _url(flow, function, node, frame)
            case ast.Assign(targets=[ast.Subscript(value=owner, slice=key) as target], value=value):
                yield from _metadata(flow, owner, key, value, target, frame)
            case _:
                continue


def _read(flow: Flow, function: Function, node: ast.Call, frame: Frame) -> Iterator[Misplaced]:
    """`request.query_params.get("token")`; a token taken from a header made for something else."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "get" or not node.args:
        return
    for callee in flow.values(node.func, frame):
        name = callee.name if isinstance(callee, Foreign) else ""
        keys = [str(one) for one in flow.constants(node.args[0], frame) or ()]
        if not name.startswith(_REQUEST) or not keys:
            continue
        asked = credential.by_name(keys[0]) is Credential.TOKEN and not re.search(_ONE_TIME, function.name)
        own = re.fullmatch(_OWN_HEADERS, keys[0]) is not None
        if name.endswith(".query_params.get") and asked:
            yield Misplaced(frame.place(node), f"the token is read from the query string (`{keys[0]}`)", _TRANSPORT)
        elif name.endswith(".headers.get") and own and _becomes_token(flow, function, node, frame):
            yield Misplaced(frame.place(node), f"the token is also accepted from the header `{keys[0]}`", _TRANSPORT)


def _becomes_token(flow: Flow, function: Function, node: ast.Call, frame: Frame) -> bool:
    """Whether what the header holds is assigned to, or passed on through, a name that says token."""
    names = set()
    parents = flow.parents(frame)
    current: ast.AST = node
    while not isinstance(current, ast.stmt):
        above = parents.get(current)
        if above is None:
            return False
        current = above
    if isinstance(current, ast.Assign):
        names = {target.id for target in current.targets if isinstance(target, ast.Name)}
    if any(re.fullmatch(_NAMED, name) for name in names):
        return True
    # One step on: `header = ...; token = header.strip()`.
    return any(
        isinstance(other, ast.Assign)
        and any(isinstance(target, ast.Name) and re.fullmatch(_NAMED, target.id) for target in other.targets)
        and any(isinstance(inner, ast.Name) and inner.id in names for inner in ast.walk(other.value))
        for other in ast.walk(function.node)
    )


def _is_token(flow: Flow, expression: ast.expr, frame: Frame) -> bool:
    if re.search(_HIDDEN, unparse(expression)):
        return False
    named = expression.attr if isinstance(expression, ast.Attribute) else getattr(expression, "id", "")
    values = flow.values(expression, frame)
    if any(credential.by_origin(flow, value) is Credential.TOKEN for value in values):
        return True
    if credential.is_literal(values) or any(
        isinstance(one, Foreign) and re.search(_HIDDEN, one.name) for one in values
    ):
        return False
    return credential.by_name(named) is Credential.TOKEN or any(
        isinstance(value, Foreign) and value.name in {"jwt.encode()", "jose.jwt.encode()"} for value in values
    )


def _url(flow: Flow, function: Function, node: ast.JoinedStr, frame: Frame) -> Iterator[Misplaced]:
    text = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            one_time = re.search(_ONE_TIME, text) or re.search(_ONE_TIME, function.name)
            in_host = re.search(_IN_HOST, text) and _is_secret(flow, part.value, frame)
            if in_host or (re.search(_IN_URL, text) and not one_time and _is_token(flow, part.value, frame)):
                yield Misplaced(frame.place(node), "a token is written into a URL", _TRANSPORT)


def _is_secret(flow: Flow, expression: ast.expr, frame: Frame) -> bool:
    """A token, or a cookie that came with the request or is called one."""
    named = expression.attr if isinstance(expression, ast.Attribute) else getattr(expression, "id", "")
    values = flow.values(expression, frame)
    cookie = any(credential.by_origin(flow, value) is Credential.COOKIE for value in values)
    cookie |= credential.by_name(named) is Credential.COOKIE and not credential.is_literal(values)
    return cookie or _is_token(flow, expression, frame)


def _host(flow: Flow, node: ast.Call, frame: Frame) -> Iterator[Misplaced]:
    """`parsed._replace(netloc=f"{token}.{parsed.netloc}")`."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "_replace":
        return
    for word in node.keywords:
        if word.arg in {"netloc", "query", "path"} and isinstance(word.value, ast.JoinedStr):
            pasted = [part.value for part in word.value.values if isinstance(part, ast.FormattedValue)]
            if any(_is_secret(flow, part, frame) for part in pasted):
                yield Misplaced(frame.place(word.value), f"a token is written into a URL (its {word.arg})", _TRANSPORT)


def _parameters(flow: Flow, node: ast.Call, frame: Frame) -> Iterator[Misplaced]:
    """`client.get(url, params={"token": token})`."""
    for keyword in node.keywords:
        if keyword.arg != "params":
            continue
        for value in flow.values(keyword.value, frame):
            if not isinstance(value, Structure) or not isinstance(value.node, ast.Dict):
                continue
            for key, item in zip(value.node.keys, value.node.values, strict=True):
                named = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
                if credential.by_name(named) is Credential.TOKEN and _is_token(flow, item, value.frame):
                    yield Misplaced(
                        value.frame.place(item), f"a token goes into the query string as `{named}`", _TRANSPORT
                    )


def _row(flow: Flow, node: ast.Call, frame: Frame) -> Iterator[Misplaced]:
    """`Session(token=token)`, where the class is a table."""
    named = [word for word in node.keywords if word.arg and credential.by_name(word.arg) is Credential.TOKEN]
    if not named:
        return
    for callee in flow.values(node.func, frame):
        if isinstance(callee, ClassValue) and _is_table(flow, callee.cls):
            for word in named:
                if _is_token(flow, word.value, frame):
                    yield Misplaced(
                        frame.place(word.value), f"a token is stored in a row of {callee.cls.name}", _STORE_HASH
                    )


def _is_table(flow: Flow, cls: Class) -> bool:
    if any(keyword.arg == "table" for keyword in cls.node.keywords):
        return True
    held = flow.hierarchy.attribute(cls, "__tablename__")
    return held is not None


def _metadata(
    flow: Flow, owner: ast.expr, key: ast.expr, value: ast.expr, target: ast.expr, frame: Frame
) -> Iterator[Misplaced]:
    """`thread.metadata["token"] = token`: the thread is stored with it."""
    if not isinstance(owner, ast.Attribute) or owner.attr != "metadata":
        return
    named = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
    if credential.by_name(named) is Credential.TOKEN or _is_token(flow, value, frame):
        yield Misplaced(frame.place(target), "a token is stored in the thread's metadata", "Keep it in the context.")
