"""How a context is built for a user that the kit makes up: named by the caller, or worked out from the store."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
import types
import typing
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatkit_validate.contract import target

USER_FIELDS: Final = (
    "user_id",
    "userid",
    "user",
    "current_user",
    "owner_id",
    "owner",
    "subject",
    "sub",
    "uid",
    "username",
    "account_id",
    "customer_id",
    "tenant_id",
    "session_id",
    "email",
    "id",
)
"""Names of the field that says whose a request is, the likelier first."""

_NUMBER: Final = "uuid.uuid5(uuid.NAMESPACE_URL, {user!r}).int % 2**31"
_FILLERS: Final[dict[object, Any]] = {str: "", int: 0, float: 0.0, bool: False, bytes: b""}


class ContextError(Exception):
    """No context can be built; the text says why and what to name."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """A way to build contexts.

    Attributes:
        build: Called with a user id; may return an awaitable.
        expression: The Python expression that builds one for `{user!r}`.
        imports: Statements that the expression needs.
        same_user: Why any two contexts are the same user to the store; empty where they are not.
        how: For people: how contexts are built.
    """

    build: typing.Callable[[str], Any]
    expression: str
    imports: tuple[str, ...]
    same_user: str = ""
    how: str = ""

    def written(self, user_id: str) -> str:
        """The Python expression that builds the context of `user_id`."""
        return self.expression.replace("{user!r}", repr(user_id))

    async def make(self, user_id: str) -> Any:
        """A context of `user_id`.

        Raises:
            ContextError: It cannot be built.
        """
        try:
            answer = self.build(user_id)
            return await answer if inspect.isawaitable(answer) else answer
        except Exception as error:
            raise ContextError(
                f"a context cannot be built as {self.written(user_id)}: {error}; name a function that "
                "takes a user id: --context module:function"
            ) from error


def named(spec: str, path: str = ".") -> Contexts:
    """The contexts that the callable `module:function` builds.

    Raises:
        TargetError: There is no such callable.
    """
    build = target.named(spec, path)
    if not callable(build):
        raise target.TargetError(f"{spec} is no function that takes a user id")
    module, _, attribute = spec.partition(":")
    call = f"{attribute}({{user!r}})"
    return Contexts(
        build,
        f"await {call}" if inspect.iscoroutinefunction(build) else call,
        (f"from {module} import {attribute.partition('.')[0]}",),
        how=f"by {spec}",
    )


def guessed(store_type: type) -> Contexts:
    """Contexts built from what the store's class says of them.

    Raises:
        ContextError: It does not say enough.
    """
    kind = _declared(store_type)
    if kind is None or kind in {Any, object} or isinstance(kind, typing.TypeVar):
        return _from_use(store_type)
    origin = typing.get_origin(kind) or kind
    if typing.is_typeddict(kind) or (inspect.isclass(origin) and issubclass(origin, Mapping)):
        keys = list(typing.get_type_hints(kind)) if typing.is_typeddict(kind) else _keys(store_type)
        return _dictionary(keys)
    if inspect.isclass(kind) and kind not in _FILLERS:
        return _constructed(kind)
    if kind is str:
        return Contexts(lambda user: user, "{user!r}", (), how="as the user's id")
    raise ContextError(f"{store_type.__name__} takes a context of type {kind}; name --context module:function")


def _declared(store_type: type) -> Any:
    for base in store_type.__mro__:
        for generic in getattr(base, "__orig_bases__", ()):
            arguments = typing.get_args(generic)
            if arguments and getattr(typing.get_origin(generic), "__name__", "") == "Store":
                return _resolved(arguments[0], base)
    method = getattr(store_type, "load_thread", None)
    if method is None:
        return None
    return _resolved(getattr(method, "__annotations__", {}).get("context"), method)


def _resolved(annotation: Any, owner: Any) -> Any:
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        scope = vars(inspect.getmodule(owner)) if inspect.getmodule(owner) else {}
        try:
            return eval(annotation, scope)  # noqa: S307 - the target's own annotation, in its own process
        except Exception:  # noqa: BLE001 - imported for type checkers only
            return None
    return annotation


def _from_use(store_type: type) -> Contexts:
    """Contexts for a store that declares none: from what it reads of them."""
    if keys := _keys(store_type):
        return _dictionary(keys)
    attributes = _attributes(store_type)
    if field := next((name for name in USER_FIELDS if name in attributes), None):
        return Contexts(
            lambda user: types.SimpleNamespace(**{field: user}),
            f"SimpleNamespace({field}={{user!r}})",
            ("from types import SimpleNamespace",),
            how=f"as an object with {field}, which the store reads",
        )
    return Contexts(
        lambda user: {"user_id": user},
        "{'user_id': {user!r}}",
        (),
        same_user="" if not attributes else f"the store reads {', '.join(sorted(attributes))} of its context",
        how="as {'user_id': …}, for the store does not say what its context is",
    )


def _dictionary(keys: list[str]) -> Contexts:
    key = next((name for name in USER_FIELDS if name in keys), "user_id")
    others = ", ".join(sorted(set(keys)))
    return Contexts(
        lambda user: {key: user},
        f"{{{key!r}: {{user!r}}}}",
        (),
        same_user=f"the store reads {others} of its context, none of which names a user"
        if keys and key not in keys
        else "",
        how=f"as a dictionary with the key {key!r}",
    )


def _constructed(kind: type) -> Contexts:
    try:
        parameters = inspect.signature(kind).parameters
    except (TypeError, ValueError) as error:
        raise ContextError(f"{kind.__name__} does not say what it takes; name --context module:function") from error
    hints = _hints(kind)
    field = next((name for name in USER_FIELDS if name in parameters), None)
    fixed = {
        name: _filler(hints.get(name, parameter.annotation))
        for name, parameter in parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
        and name != field
    }
    written = [f"{name}={value!r}" for name, value in fixed.items()]
    imports = (f"from {kind.__module__} import {kind.__qualname__.partition('.')[0]}",)
    if field is None:
        return Contexts(
            lambda _user: kind(**fixed),
            f"{kind.__qualname__}({', '.join(written)})",
            imports,
            same_user=f"{kind.__name__} has no field that says whose a request is ({', '.join(USER_FIELDS[:4])}, …)",
            how=f"as {kind.__name__}, without a user",
        )
    convert, pattern, more = _converter(hints.get(field))
    return Contexts(
        lambda user: kind(**{field: convert(user)}, **fixed),
        f"{kind.__qualname__}({', '.join([f'{field}={pattern}', *written])})",
        (*more, *imports),
        how=f"as {kind.__name__} with {field}",
    )


def _converter(hint: Any) -> tuple[typing.Callable[[str], Any], str, tuple[str, ...]]:
    """How a made-up user id becomes a value of type `hint`, as a function, an expression and its imports."""
    if hint is uuid.UUID:
        return lambda user: uuid.uuid5(uuid.NAMESPACE_URL, user), "uuid.uuid5(uuid.NAMESPACE_URL, {user!r})", ()
    if hint is int:
        return lambda user: uuid.uuid5(uuid.NAMESPACE_URL, user).int % 2**31, _NUMBER, ()
    if inspect.isclass(hint) and hint is not str and (dataclasses.is_dataclass(hint) or hasattr(hint, "model_fields")):
        inner = _constructed(hint)
        return inner.build, inner.expression, inner.imports
    return lambda user: user, "{user!r}", ()


def _hints(kind: type) -> dict[str, Any]:
    try:
        return typing.get_type_hints(vars(kind).get("__init__", kind)) | typing.get_type_hints(kind)
    except Exception:  # noqa: BLE001 - annotations that only type checkers can resolve
        return {}


def _filler(hint: Any) -> Any:
    """A value for a required field that does not matter."""
    if hint in _FILLERS:
        return _FILLERS[hint]
    origin = typing.get_origin(hint) or hint
    if origin in {dict, list, set, tuple}:
        return origin()
    return None


def _source(store_type: type) -> list[ast.AST]:
    nodes: list[ast.AST] = []
    for base in store_type.__mro__:
        if base.__module__.startswith(("chatkit.", "abc", "typing", "builtins")):
            continue
        try:
            nodes += ast.walk(ast.parse(textwrap.dedent(inspect.getsource(base))))
        except (OSError, TypeError, SyntaxError):
            continue
    return nodes


def _keys(store_type: type) -> list[str]:
    """The keys that the store reads of `context`."""
    keys = []
    for node in _source(store_type):
        match node:
            case ast.Subscript(value=ast.Name(id="context"), slice=ast.Constant(value=str(key))):
                keys.append(key)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="context"), attr="get"), args=[ast.Constant(value=str(key)), *_]
            ):
                keys.append(key)
    return keys


def _attributes(store_type: type) -> set[str]:
    """The attributes that the store reads of `context`."""
    return {
        node.attr
        for node in _source(store_type)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "context"
    }
