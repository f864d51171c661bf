"""Whether a token is verified before it is believed: by a signature, a library, a lookup, or by who issued it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Instance, Opaque, Parameter, Part, Structure, variables
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.flow.influence import influences, passed
from chatkit_validate.integration import credential, gate
from chatkit_validate.integration.application import argument
from chatkit_validate.integration.credential import Credential
from chatkit_validate.names import arguments
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

_DECODES = (
    "jwt.decode",
    "jwt.PyJWT().decode",
    "jwt.api_jwt.decode",
    "jwt.decode_complete",
    "jose.jwt.decode",
    "jose.jws.verify",
    "authlib.jose.jwt.decode",
    "authlib.jose.JsonWebToken().decode",
    "joserfc.jwt.decode",
    "jwcrypto.jwt.JWT",
)
_READS_ONLY = ("get_unverified_claims", "decode_unverified", "base64.urlsafe_b64decode", "base64.b64decode")
_LIBRARIES = (
    "google.oauth2.id_token.",
    "firebase_admin.auth.",
    "fastapi_users.",
    "clerk_backend_api.",
    "fastapi_clerk_auth.",
    "itsdangerous.",
    "supabase.",
    "propelauth_fastapi.",
    "okta_jwt_verifier.",
    "cognitojwt.",
    "fastapi_nextauth_jwt.",
    "fastapi_azure_auth.",
    "auth0.",
    "workos.",
    "descope.",
    "stytch.",
    "hmac.compare_digest",
    "secrets.compare_digest",
    "fastapi_jwt_auth.",
    "authx.",
    "fastapi_login.",
    "msal.",
    "authlib.",
)
# Calls that only handle the text, or hand it on: none of them says whether the token is good.
_IGNORED = (
    "builtins.",
    "logging.",
    "structlog.",
    "loguru.",
    "fastapi.HTTPException",
    "starlette.",
    "chatkit.",
    "typing.",
    "re.",
    "agents.",
    "dataclasses.",
    "json.",
    "starlette.requests.",
    "fastapi.",
    "base64.",
    "os.",
    "time.",
    "urllib.parse.",
    "jwt.get_unverified_header",
    "jose.jwt.get_unverified_header",
    "asyncio.",
)
_TOKENS = {Credential.TOKEN, Credential.COOKIE}
_STATES_USER = r"(?i)(?:user|customer|account|member)_?(?:id|email|name)|uid|email|username"
_WRITES = frozenset({"execute", "executemany", "add", "append", "set", "insert", "publish", "send", "save", "put"})
_JAR = "starlette.requests.Request().cookies"


@dataclass(frozen=True, slots=True)
class Check:
    """A call (or comparison) that tells whether a token is good, or one that reads it without telling.

    Attributes:
        where: The call.
        how: In words.
        node: The call or comparison itself.
    """

    where: Place
    how: str
    node: ast.AST


@dataclass(frozen=True, slots=True)
class Verification:
    """What the way to an endpoint's `process()` does with tokens.

    Attributes:
        tokens: Where a token or session cookie is read.
        verified: What verifies one.
        believed: What reads one without verifying it, and names the caller from what it read.
        unread: Calls that get the token and could not be followed.
    """

    tokens: tuple[Place, ...]
    verified: tuple[Check, ...]
    believed: tuple[Check, ...]
    unread: tuple[Place, ...]


def read(integration: Integration, endpoint: Endpoint) -> Verification:
    """What happens to tokens before `process()`; ask through `Integration.once`."""
    flow = integration.flow
    reader = _Reader(integration, endpoint)
    frames = integration.once(gate.way, endpoint)
    for frame in frames:
        reader.frame(frame)
    refuses = integration.once(gate.read, endpoint)
    values = tuple(_named(flow, endpoint))
    named = {getattr(value, "node", None) for value in values}
    # A header that only a rate limiter looks at is no token of the application.
    used = bool(refuses.schemes or refuses.refusals) or any(
        is_token(flow, one) and getattr(one, "name", "") != _JAR for one in values
    )
    tokens = dict.fromkeys((*reader.tokens, *refuses.schemes)) if used else {}
    believed = tuple(check for check in reader.unverified if check.node in named)
    return Verification(tuple(tokens), (*reader.signed, *reader.verified), believed, tuple(reader.unread))


def _named(flow: Flow, endpoint: Endpoint) -> Iterator[Value]:
    """Everything the contexts are made from."""
    for processing in endpoint.processings:
        if processing.context is not None:
            yield from influences(flow, processing.context, processing.frame)


class _Reader:
    def __init__(self, integration: Integration, endpoint: Endpoint) -> None:
        self.flow = integration.flow
        self.endpoint = endpoint
        self.tokens: list[Place] = []
        self.signed: list[Check] = []
        self.verified: list[Check] = []
        self.unverified: list[Check] = []
        self.unread: list[Place] = []

    def frame(self, frame: Frame) -> None:
        """Reads one function that runs before `process()`."""
        if frame.function is None:
            return
        for parameter in arguments(frame.function.node):
            self._parameter(parameter, frame)
        for node in own_nodes(frame.function):
            if isinstance(node, ast.Call):
                self._call(node, frame)
            elif isinstance(node, ast.Compare):
                self._compare(node, frame)
            elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Load):
                self._source(node, frame)

    def _parameter(self, node: ast.arg, frame: Frame) -> None:
        for callee in variables.injected(self.flow, node, frame) or ():
            if isinstance(callee, Foreign) and callee.name.startswith(_LIBRARIES):
                self.verified.append(Check(frame.place(node), f"`{callee.name}` verifies it", node))
        if node.arg not in frame.arguments and frame.call is None:
            for value in variables.parameter(self.flow, node, frame):
                if isinstance(value, Parameter) and is_token(self.flow, value):
                    self.tokens.append(frame.place(node))

    def _source(self, node: ast.expr, frame: Frame) -> None:
        for value in self.flow.values(node, frame):
            if isinstance(value, Foreign) and value.name == _JAR and self._picks(node, frame):
                continue
            if is_token(self.flow, value) and getattr(value, "node", None) is node:
                self.tokens.append(frame.place(node))
            if isinstance(value, Foreign) and value.name == "starlette.requests.Request().session":
                self.verified.append(Check(frame.place(node), "the session cookie is signed", node))

    def _picks(self, node: ast.expr, frame: Frame) -> bool:
        """Whether `node`, a collection, is only a step on the way to one of its entries."""
        above = self.flow.parents(frame).get(node)
        return isinstance(above, ast.Subscript) or (isinstance(above, ast.Attribute) and above.attr == "get")

    def _call(self, node: ast.Call, frame: Frame) -> None:
        self._source(node, frame)
        for callee in self.flow.values(node.func, frame):
            name = callee.name if isinstance(callee, Foreign) else ""
            place = frame.place(node)
            if name in _DECODES:
                gap = unverified(self.flow, node, frame, name)
                if gap:
                    self.unverified.append(Check(place, gap, node))
                else:
                    self.signed.append(Check(place, f"`{name}` verifies the signature", node))
            elif name.endswith(_READS_ONLY):
                self.unverified.append(Check(place, f"`{name.rpartition('.')[2]}` verifies nothing", node))
            elif name.startswith(_LIBRARIES):
                self.verified.append(Check(place, f"`{name}` verifies it", node))
            elif self._may_tell(node, name, frame) and self._gets_token(node, frame):
                self._taken(callee, name, node, frame)

    def _may_tell(self, node: ast.Call, name: str, frame: Frame) -> bool:
        """Whether a call that gets the token may answer whether it is good; writing it down, or ChatKit, does not."""
        if name.startswith(_IGNORED) or any(node is item.call for item in self.endpoint.processings):
            return False
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _WRITES:
            return True
        parents = self.flow.parents(frame)
        above = parents.get(node)
        above = parents.get(above) if isinstance(above, ast.Await) else above
        return not isinstance(above, ast.Expr)

    def _taken(self, callee: Value, name: str, node: ast.Call, frame: Frame) -> None:
        place = frame.place(node)
        match callee:
            case Foreign():
                self.verified.append(Check(place, f"`{name}` is asked about it", node))
            case Part(base=Part() | Structure() | Parameter() | Instance()) | Part(key="get" | "pop"):
                if _is_lookup(callee):
                    self.verified.append(Check(place, "it is looked up", node))
            case Opaque() | Parameter():
                self.unread.append(place)
            case _:
                return

    def _gets_token(self, node: ast.Call, frame: Frame) -> bool:
        return any(self._carries_token(part, frame) for part in passed(node))

    def _carries_token(self, expression: ast.expr, frame: Frame) -> bool:
        return any(
            is_token(self.flow, value) or _from_scheme(value) for value in influences(self.flow, expression, frame)
        )

    def _compare(self, node: ast.Compare, frame: Frame) -> None:
        """`token in SESSIONS`, `token == settings.api_token`: not a look at its form."""
        if not isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            return
        sides = (node.left, node.comparators[0])
        held = [self._carries_token(side, frame) for side in sides]
        if held.count(True) != 1 or isinstance(node.left, ast.Constant):
            return
        other = sides[held.index(False)]
        values = self.flow.values(other, frame)
        if values and not any(isinstance(value, Constant) for value in values) and not _is_length(sides):
            self.verified.append(Check(frame.place(node), "it is compared with a known one", node))


def is_token(flow: Flow, value: Value) -> bool:
    """Whether `value` is a token or a session cookie by its origin; a cookie that states a user's id is a claim."""
    found = credential.by_origin(flow, value)
    if found is Credential.COOKIE and re.fullmatch(_STATES_USER, _cookie(flow, value)):
        return False
    return found in _TOKENS


def _cookie(flow: Flow, value: Value) -> str:
    if isinstance(value, Parameter):
        return (credential.header_parameter(flow, value) or "").removeprefix("cookie ").replace("-", "_")
    return credential.key_of(flow, credential.bare(value))


def _is_length(sides: tuple[ast.expr, ast.expr]) -> bool:
    return any(isinstance(side, ast.Call) and unparse(side.func) == "len" for side in sides) or any(
        isinstance(side, ast.Tuple | ast.List | ast.Set) for side in sides
    )


def _is_lookup(callee: Part) -> bool:
    """`SESSIONS.get(token)`, not `token.get(...)` or `context.get(...)`."""
    return callee.key in {"get", "pop"} and isinstance(callee.base, Structure)


def _from_scheme(value: Value) -> bool:
    return isinstance(value, Foreign) and any(
        scheme in value.name for scheme in ("HTTPBearer()", "OAuth2PasswordBearer()", "HTTPAuthorizationCredentials()")
    )


def unverified(flow: Flow, call: ast.Call, frame: Frame, name: str) -> str:
    """Why a decode proves nothing: no look at the signature, or `none` as an algorithm; empty if it does."""
    for keyword in ("verify", "verify_signature"):
        stated = argument(call, keyword, None)
        if stated is not None and flow.constants(stated, frame) == (False,):
            return f"`{keyword}=False`: the signature is not verified"
    options = argument(call, "options", None)
    if options is not None and _says_no(flow, options, frame):
        return "`verify_signature` is off: the signature is not verified"
    algorithms = argument(call, "algorithms", 2)
    for value in influences(flow, algorithms, frame) if algorithms is not None else ():
        if isinstance(value, Constant) and isinstance(value.value, str) and value.value.lower() == "none":
            return "the algorithm `none` is accepted"
    key = argument(call, "key", 1)
    if key is None and name.startswith(("jwt.", "jose.")):
        return "no key is given: the signature is not verified"
    return ""


def _says_no(flow: Flow, options: ast.expr, frame: Frame) -> bool:
    for value in flow.values(options, frame):
        if not isinstance(value, Structure) or not isinstance(value.node, ast.Dict):
            continue
        for key, held in zip(value.node.keys, value.node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "verify_signature":
                return flow.constants(held, value.frame) == (False,)
    return False
