"""What is a credential: by where a value comes from, and, where that cannot be seen, by what it is called."""

from __future__ import annotations

import ast
import re
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Parameter, Part
from chatkit_validate.flow.calls import default
from chatkit_validate.names.unparse import unparse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.names import Class

# A scheme's object, what calling it gives, and the token in that.
_GIVING = r"(?:Bearer|Credentials|Header|Cookie|Query|Basic)\(\)(?:\(\))?(?:\.credentials|\.password)?$"
_REQUEST = ("starlette.requests.Request()", "starlette.requests.HTTPConnection()", "starlette.websockets.WebSocket()")
_SECURITY = (
    "HTTPBearer()",
    "OAuth2PasswordBearer()",
    "OAuth2AuthorizationCodeBearer()",
    "HTTPAuthorizationCredentials()",
    "APIKeyHeader()",
    "APIKeyCookie()",
    "APIKeyQuery()",
    "HTTPBasicCredentials()",
    "HTTPBasic()",
)
_HEADERS = r"(?i)authorization|proxy-authorization|cookie|x-api-key|[\w-]*(?:token|jwt|bearer)[\w-]*|x-auth[\w-]*"
_PARAMETERS = ("fastapi.Header()", "fastapi.Cookie()")
# Whole words at the end of an identifier, after an optional prefix: `access_token`, not `token_count`.
_NAMED = (
    r"(?i)(?:^|.*_)(?:(?:access|refresh|id|auth|bearer|session|user|raw|jwt|api|client)_?token|token|jwt|bearer"
    r"|api_?key|apikey|secret|secret_?key|client_?secret|password|passwd|authorization|auth_?header|cookies?)"
)
_NOT_NAMED = r"(?i)(?:^|_)(?:next|page|continuation|cursor|csrf|cancel|stop|eos|bos|pad|num|hash(?:ed)?)_"
# Methods that give their receiver's text, or a part of it.
_TEXT = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "removeprefix",
        "removesuffix",
        "lower",
        "split",
        "rsplit",
        "partition",
        "rpartition",
        "replace",
        "encode",
        "decode",
    ]
)
_DSN = r"(?i)(?:database|db|redis|postgres|mongo)\w*_(?:url|uri|dsn)$"
_KEYS = r"(?:_API_KEY|^API_KEY|_SECRET(?:_KEY)?|SECRET|_TOKEN|PASSWORD|_KEY)$"


class Credential(Enum):
    """Kinds of what must not leak, from the gravest."""

    HEADERS = "the whole header set of the request"
    TOKEN = "a token"  # noqa: S105 - a description
    COOKIE = "a cookie"
    KEY = "a key or password"
    SETTINGS = "a whole settings object with its secrets"
    BODY = "the body of the request"


def of(flow: Flow, value: Value) -> Credential | None:
    """What `value` is by its origin, else by the key, attribute or parameter name under which it was passed on."""
    found = by_origin(flow, value)
    return found if found is not None else by_name(key_of(flow, value))


def key_of(flow: Flow, value: Value) -> str:
    """The attribute, item key or parameter name that `value` was read by; empty where there is none."""
    match value:
        case Part(base=Part(key="get"), key="()", node=ast.Call() as call, frame=frame) if call.args:
            return str(next(iter(flow.constants(call.args[0], frame) or ("",))))
        case Part(key=str() as key) if key != "()":
            return key
        case Parameter(name=name):
            return name
        case Foreign(name=name, node=ast.Call() as call, frame=frame) if (
            name.endswith(".get()") and call.args and frame
        ):
            return str(next(iter(flow.constants(call.args[0], frame) or ("",))))
        case Foreign(name=name, node=ast.Subscript() as node, frame=frame) if name.endswith("[]") and frame:
            return str(next(iter(flow.constants(node.slice, frame) or ("",))))
        case Foreign(name=name) if "()" in name:
            return name.rpartition(".")[2]
        case _:
            return ""


def bare(value: Value) -> Value:
    """`value` without the text methods that were applied to it: what `header.split()[1].strip()` was taken from."""
    while isinstance(value, Foreign) and value.base is not None:
        last = value.name.removesuffix("()").rpartition(".")[2]
        sliced = isinstance(value.node, ast.Subscript) and value.name.endswith("()[]")
        if last.removesuffix("()[]") not in _TEXT and not (sliced and last.removesuffix("()[]") in _TEXT):
            break
        value = value.base
    return value


def by_origin(flow: Flow, value: Value) -> Credential | None:
    """What `value` is by where it comes from: the request's headers, cookies, body, or the environment."""
    value = bare(value)
    match value:
        case Foreign(name=name) if name.startswith(_REQUEST):
            return _of_request(flow, name.partition("()")[2], value)
        case Foreign(name=name) if any(scheme in name for scheme in _SECURITY):
            return Credential.TOKEN if re.search(_GIVING, name) else None
        case Foreign(name="os.getenv()" | "os.environ.get()" | "os.environ[]"):
            named = next(_keys(flow, value), "")
            return Credential.KEY if re.search(_KEYS, named.upper()) else None
        case Parameter():
            return _of_parameter(flow, value)
        case _:
            return None


def _of_request(flow: Flow, path: str, value: Foreign) -> Credential | None:
    if path in {".headers", ".headers.items()", ".headers.items()[]", ".headers.raw", ".headers.values()",
                ".headers.mutablecopy()", ".headers.items()[][]", ".scope[]"}:  # fmt: skip
        return Credential.HEADERS if path != ".scope[]" or next(_keys(flow, value), "") == "headers" else None
    if path in {".headers.get()", ".headers[]", ".headers.getlist()"}:
        name = next(_keys(flow, value), "").lower()
        return (Credential.COOKIE if name == "cookie" else Credential.TOKEN) if re.fullmatch(_HEADERS, name) else None
    if path in {".cookies", ".cookies.get()", ".cookies[]", ".cookies.items()"}:
        return Credential.COOKIE
    if path in {".body()", ".json()", ".form()"}:
        return Credential.BODY
    return None


def _keys(flow: Flow, value: Foreign) -> Iterator[str]:
    """The literal keys of a `.get(key)` or `[key]`."""
    node, frame = value.node, value.frame
    if frame is None:
        return
    key = None
    if isinstance(node, ast.Call) and node.args:
        key = node.args[0]
    elif isinstance(node, ast.Subscript):
        key = node.slice
    for literal in (flow.constants(key, frame) or ()) if key is not None else ():
        yield str(literal)


def _of_parameter(flow: Flow, value: Parameter) -> Credential | None:
    name = header_parameter(flow, value)
    if name is None:
        return None
    if name.startswith("cookie "):
        return Credential.COOKIE
    return (Credential.COOKIE if name == "cookie" else Credential.TOKEN) if re.fullmatch(_HEADERS, name) else None


def header_parameter(flow: Flow, value: Parameter) -> str | None:
    """The header, in lower case, that FastAPI puts into a parameter (`cookie <name>` for a cookie); None for others."""
    function = value.frame.function
    if function is None:
        return None
    stated = [default(function, value.node)]
    if isinstance(value.node.annotation, ast.Subscript):
        inner = value.node.annotation.slice
        stated.extend(inner.elts[1:] if isinstance(inner, ast.Tuple) else ())
    for expression in stated:
        if not isinstance(expression, ast.Call):
            continue
        made = flow.project.external(expression.func, function.outside)
        if f"{made}()" in _PARAMETERS:
            alias = next((word.value for word in expression.keywords if word.arg == "alias"), None)
            literal = alias.value if isinstance(alias, ast.Constant) else None
            name = str(literal or value.name.replace("_", "-")).lower()
            return f"cookie {name}" if made.endswith("Cookie") else name
    return None


def by_name(identifier: str) -> Credential | None:
    """What a variable, attribute or key called `identifier` holds, if its name says it is a credential."""
    if identifier.isupper() or not re.fullmatch(_NAMED, identifier) or re.search(_NOT_NAMED, identifier):
        return None
    if "cookie" in identifier.lower():
        return Credential.COOKIE
    if re.search(r"key|secret|passw", identifier, re.IGNORECASE):
        return Credential.KEY
    return Credential.TOKEN


def is_literal(values: tuple[Value, ...]) -> bool:
    """Whether a value is known to be plain text of the program, whatever its name says."""
    return bool(values) and all(isinstance(value, Constant) for value in values)


def streamed(values: tuple[Value, ...]) -> bool:
    """Whether a value is what a loop goes over, like the tokens of a language model."""
    return any(isinstance(value, Part) and value.key is None for value in values)


def secret_fields(cls: Class) -> tuple[str, ...]:
    """The fields of a settings class that are named like credentials and would be printed as they are."""
    return tuple(
        statement.target.id
        for statement in cls.node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and "Secret" not in unparse(statement.annotation)
        and (by_name(statement.target.id.lower()) is not None or re.search(_DSN, statement.target.id))
    )
