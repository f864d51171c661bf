"""Secrets written into the code: literals, and literal defaults of settings and environment reads."""

from __future__ import annotations

import ast
import math
import re
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.integration import modules
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration.model import Integration
    from chatkit_validate.names import Module
    from chatkit_validate.source import Place

_SIGNS = (
    r"(?i)(?:.*_)?(?:jwt|session|signing|cookie|token|auth|app|reset|verification|flask|django|better_auth|nextauth)?_?"
    r"(?:secret|secret_key|signing_key|jwt_key|token_secret)"
)
_NOT_SIGNS = r"(?i)client_secret|secret_(?:name|id|path|arn)|webhook"
_OPENS = (
    r"(?i)(?:.*_)?(?:api_?key|apikey|access_key|password|passwd|access_token|auth_token|bearer_token|client_secret"
    r"|private_key|service_key|master_key|encryption_key)"
)
_PLACEHOLDER = (
    r"(?i)your|change|placeholder|example|x{3,}|<.*>|\$\{|dummy|fake|not[-_ ]?(?:needed|used|required|set)|none|todo"
    r"|empty|lm-studio|ollama|local|dev(?:elopment)?[-_]|test|insert|replace|sample|secret$|\.\.\.|\*\*\*|null|unused|mock"
)
# A place that a template engine fills in: no secret, and none that anybody could forget to change.
_TEMPLATE = r"\[\[.*\]\]|\{\{.*\}\}|\$\{.*\}|<%.*%>"
_PUBLIC = r"(?:domain_pk_|pk_(?:test|live)_|pk\.)"
_ISSUED = (
    r"sk-[A-Za-z0-9_-]{16,}|ghp_|github_pat_|AKIA[0-9A-Z]{12,}|AIza[\w-]{30,}|xox[abp]-|hf_\w{20,}|eyJ[\w-]{10,}\."
)
_ENVIRONMENT_NAME = r"(?:[A-Z]+_)*(?:SECRET|KEY|TOKEN|PASSWORD)"
_ISSUED_ALONE = r"[A-Za-z0-9_.-]{32,}"
_READS = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault", "os.getenvb"})
_SIGNING_CALLS = {"jwt.encode": 1, "jose.jwt.encode": 1, "jwt.decode": 1, "jose.jwt.decode": 1, "hmac.new": 0}


class Use(Enum):
    """What knowing the secret allows."""

    SIGNS = "signs"
    OPENS = "opens"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that stands in the code.

    Attributes:
        name: The variable, setting or argument it is given to.
        where: The literal.
        use: Whether it signs tokens and sessions, or opens a service or an account.
        default: Whether it stands only where nothing else is configured.
    """

    name: str
    where: Place
    use: Use
    default: bool


def secrets(integration: Integration, root: str) -> tuple[Secret, ...]:
    """The secrets in the modules that the application imports, in order of path and line."""
    found: dict[Place, Secret] = {}
    for module in integration.once(modules.modules, root):
        for secret in _of_module(integration, module):
            found.setdefault(secret.where, secret)
    return tuple(sorted(found.values(), key=lambda one: one.where))


def _of_module(integration: Integration, module: Module) -> Iterator[Secret]:
    kinds = {
        member
        for node in module.nodes
        if isinstance(node, ast.ClassDef) and any(unparse(base).endswith(("Enum", "Flag")) for base in node.bases)
        for member in node.body
    }
    for node in module.nodes:
        match node:
            case ast.Assign() if node in kinds:
                # A member of an enumeration names a kind of secret.
                continue
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _named(integration, module, _name(target), value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                yield from _named(integration, module, _name(target), value)
            case ast.Call(keywords=keywords):
                for keyword in keywords:
                    yield from _named(integration, module, keyword.arg or "", keyword.value)
                yield from _read(integration, module, node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _defaults(integration, module, node)
            case _:
                continue


def _defaults(
    integration: Integration, module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[Secret]:
    spec = node.args
    positional = [*spec.posonlyargs, *spec.args]
    for argument, value in zip(positional[len(positional) - len(spec.defaults) :], spec.defaults, strict=True):
        yield from _named(integration, module, argument.arg, value, default=True)
    for argument, held in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if held is not None:
            yield from _named(integration, module, argument.arg, held, default=True)


def _name(target: ast.expr) -> str:
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            return key
        case _:
            return ""


def _named(
    integration: Integration, module: Module, name: str, value: ast.expr, *, default: bool = False
) -> Iterator[Secret]:
    """The literal that `value` gives to `name`, itself or as the default of a field or of an alternative."""
    use = _use(name)
    if use is None:
        return
    match value:
        case ast.Constant(value=str() as text):
            if _is_secret(text, use):
                yield Secret(name, module.place(value), use, default)
        case ast.BoolOp(op=ast.Or(), values=[*_, last]):
            yield from _named(integration, module, name, last, default=True)
        case ast.Call(func=func) if unparse(func).rpartition(".")[2] in {"Field", "SecretStr"}:
            stated = [keyword.value for keyword in value.keywords if keyword.arg == "default"] or value.args[:1]
            for one in stated:
                yield from _named(integration, module, name, one, default=True)
        case _:
            return


def _read(integration: Integration, module: Module, call: ast.Call) -> Iterator[Secret]:
    """`os.getenv("JWT_SECRET", "literal")`, and literals given to functions that sign."""
    name = integration.flow.project.external(call.func, module.scope)
    if name in _READS and len(call.args) > 1:
        key, value = call.args[:2]
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield from _named(integration, module, key.value, value, default=True)
    match call.args:
        case [ast.Constant(value=str() as text), *_] if name not in _READS and _is_issued(text):
            yield Secret(unparse(call.func), module.place(call.args[0]), Use.OPENS, default=False)
        case _:
            pass
    if name in _SIGNING_CALLS and len(call.args) > _SIGNING_CALLS[name]:
        yield from _named(integration, module, "jwt_secret", call.args[_SIGNING_CALLS[name]])


def _use(name: str) -> Use | None:
    if re.fullmatch(_SIGNS, name) and not re.search(_NOT_SIGNS, name):
        return Use.SIGNS
    return Use.OPENS if re.fullmatch(_OPENS, name) else None


def _is_secret(text: str, use: Use) -> bool:
    if re.fullmatch(_TEMPLATE, text.strip()):
        return False
    if (
        not text.strip()
        or re.fullmatch(_ENVIRONMENT_NAME, text)
        or re.match(_PUBLIC, text)
        or " " in text
        or text[0] == "/"
    ):
        return False
    if use is Use.SIGNS:
        # A placeholder that nobody changed signs as well as any other text.
        return len(text) >= 4
    if re.match(_ISSUED, text):
        return not re.search(_PLACEHOLDER, text[:40]) or bool(re.search(r"[A-Za-z0-9]{24,}", text))
    return not re.search(_PLACEHOLDER, text) and len(text) >= 6 and _looks_random(text)


def _is_issued(text: str) -> bool:
    """Whether a text without a name can only be a key that some service issued."""
    if not re.fullmatch(_ISSUED_ALONE, text) or re.match(_PUBLIC, text):
        return False
    kinds = [re.search(kind, text) for kind in ("[a-z]", "[A-Z]", "[0-9]")]
    return all(kinds) and _entropy(text) > 4 and not re.search(r"[a-z]{8,}", text)


def _looks_random(text: str) -> bool:
    """Letters and digits mixed, as in issued keys and chosen passwords, not words and paths."""
    kinds = sum(bool(re.search(kind, text)) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))
    return bool(re.search(r"[0-9]", text)) and kinds >= 2 and _entropy(text) > 2.5


def _entropy(text: str) -> float:
    """In bits for each character."""
    return -sum(text.count(one) / len(text) * math.log2(text.count(one) / len(text)) for one in set(text))
