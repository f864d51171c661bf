"""What names stand for during a rehearsal, beside Python's own strings, numbers, dates and collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from chatkit_validate.integration.rehearsal.environment import Environment
    from chatkit_validate.names import Class, Function

_PRIVILEGES = ("admin", "superuser", "is_staff", "is_root", "is_service", "is_system", "impersonat")
Value: TypeAlias = Any
"""Python's own immutable values and collections, the classes below, and the project's classes and modules."""


class Unknown:
    """Something of a library or of the outside world.

    Attributes:
        label: What it is called in messages.
        owner: The user from whose request it comes; empty where it comes from none.
        sources: What it was made from.
        truth: Whether it counts as true; None where that is not known.
        same: What it is known to be, where two of them can be told to be one thing.
    """

    __slots__ = ("label", "owner", "same", "sources", "truth")

    def __init__(
        self,
        label: str,
        owner: str = "",
        sources: tuple[Value, ...] = (),
        *,
        truth: bool | None = None,
        same: str = "",
    ) -> None:
        self.label = label
        self.owner = owner
        self.sources = sources
        self.truth = True if owner else truth
        self.same = same or owner

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return bool(self.same) and isinstance(other, Unknown) and other.same == self.same

    def __hash__(self) -> int:
        return hash(self.same) if self.same else id(self)

    def __repr__(self) -> str:
        return f"<{self.label}{f' of {self.owner}' if self.owner else ''}>"


class Attribute(Unknown):
    """An attribute of something unknown.

    Attributes:
        of: That.
        name: The attribute.
    """

    __slots__ = ("name", "of")

    def __init__(self, of: Unknown, name: str, *, shared: bool = False) -> None:
        label = f"{of.label}.{name}"
        owner = "" if shared else of.owner
        super().__init__(
            label,
            owner,
            () if shared else (of,),
            truth=True if shared else None,
            same=f"{of.label}.{name}" if shared else "",
        )
        self.of = of
        self.name = name
        if any(word in name.lower() for word in _PRIVILEGES):
            # Two ordinary users are looked at: neither sees what administrators may.
            self.truth = False


class Text:
    """A string of which parts are unknown."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Value, ...]) -> None:
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and other.parts == self.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        return "".join(part if isinstance(part, str) else repr(part) for part in self.parts)


class Library:
    """A function, class or module of a library, by its dotted name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Library) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return self.name


class Callable:
    """A function of the project with what it is bound to, or a lambda.

    Attributes:
        node: Its definition.
        function: The function; None for a lambda.
        receiver: The object or class it was read from.
        closure: The environment it was defined in; None at the top of a module.
    """

    __slots__ = ("closure", "function", "node", "receiver")

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        function: Function | None,
        receiver: Value = None,
        closure: Environment | None = None,
    ) -> None:
        self.node = node
        self.function = function
        self.receiver = receiver
        self.closure = closure


class Object:
    """An object of a class of the project."""

    __slots__ = ("cls", "fields")

    def __init__(self, cls: Class, fields: dict[str, Value] | None = None) -> None:
        self.cls = cls
        self.fields = fields if fields is not None else {}

    def __repr__(self) -> str:
        return f"{self.cls.name}({self.fields})"


class Made:
    """An object of a library's class whose fields are known: a model of ChatKit, an exception."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, fields: dict[str, Value]) -> None:
        self.name = name
        self.fields = fields

    def __repr__(self) -> str:
        return f"{self.name.rpartition('.')[2]}({self.fields})"


class Method:
    """A method of a value that is no project object, not called yet."""

    __slots__ = ("name", "owner")

    def __init__(self, owner: Value, name: str) -> None:
        self.owner = owner
        self.name = name


class Partial:
    """A callable with arguments given beforehand."""

    __slots__ = ("arguments", "callee", "keywords")

    def __init__(self, callee: Value, arguments: list[Value], keywords: dict[str, Value]) -> None:
        self.callee = callee
        self.arguments = arguments
        self.keywords = keywords


class Super:
    """`super()` in a method of `after`."""

    __slots__ = ("after", "receiver")

    def __init__(self, receiver: Value, after: Class) -> None:
        self.receiver = receiver
        self.after = after


class Generated(list[Value]):
    """What a generator yields, all of it."""

    __slots__ = ()


class Default(dict[Value, Value]):
    """A `defaultdict`."""

    __slots__ = ("factory",)

    def __init__(self, factory: Value) -> None:
        super().__init__()
        self.factory = factory


class ThrownError(Exception):
    """An exception of the rehearsed code.

    Attributes:
        error: The exception object.
        node: The statement that raised it, where one did.
    """

    def __init__(self, error: Value, node: ast.AST | None = None) -> None:
        super().__init__()
        self.error = error
        self.node = node


def thrown(name: str, *arguments: Value) -> ThrownError:
    """A builtin exception, raised by the language itself."""
    return ThrownError(Made(f"builtins.{name}", {"args": arguments}))


NATIVE = (str, int, float, bool, bytes, type(None))
"""Types whose values are what they are in Python."""


def parts(value: Value, depth: int = 6) -> Iterator[Value]:
    """`value` and what it is made of or holds, as deep as `depth`."""
    yield value
    if depth == 0 or isinstance(value, NATIVE):
        return
    inner: list[Value] = []
    match value:
        case Unknown():
            inner = list(value.sources)
        case Text():
            inner = list(value.parts)
        case Object() | Made():
            inner = list(value.fields.values())
        case dict():
            inner = [*value.keys(), *value.values()]
        case list() | tuple() | set() | frozenset():
            inner = list(value)
        case Method(owner=owner):
            inner = [owner]
        case _:
            inner = list(getattr(value, "held", ()))
    for item in inner[:60]:
        yield from parts(item, depth - 1)


def owner_of(*values: Value) -> str:
    """The user from whose request one of `values` comes; empty where none does."""
    for value in values:
        for part in parts(value, 3):
            if isinstance(part, Unknown) and part.owner:
                return part.owner
    return ""
