"""Data classes that cost little to define.

`dataclasses.dataclass(frozen=True, slots=True)` compiles six functions for each class, every time the program starts:
for the hundred classes here that was more than half of what importing them took. This one compiles `__init__` alone,
once for all classes of one shape, and means the same by the same words, as far as it goes: type checkers are told so
(PEP 681).
"""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_MISSING: Final[Any] = object()


class Field:
    """What `field` says about one attribute."""

    __slots__ = ("compare", "default", "default_factory", "init", "repr")

    def __init__(self, default: Any, default_factory: Any, *, init: bool, repr: bool, compare: bool) -> None:  # noqa: A002, ANN401
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.compare = compare


def field(
    *,
    default: Any = _MISSING,  # noqa: ANN401 - any type of attribute
    default_factory: Callable[[], Any] = _MISSING,
    init: bool = True,
    repr: bool = True,  # noqa: A002 - the word of dataclasses.field
    compare: bool = True,
) -> Any:  # noqa: ANN401 - same
    """As `dataclasses.field`."""
    return Field(default, default_factory, init=init, repr=repr, compare=compare)


@dataclass_transform(field_specifiers=(field,))
def dataclass(
    *,
    frozen: bool = False,
    slots: bool = True,  # noqa: ARG001 - for type checkers; there are always slots
    eq: bool = True,
    order: bool = False,
    repr: bool = True,  # noqa: A002 - the word of dataclasses.dataclass
) -> Callable[[type[T]], type[T]]:
    """As `dataclasses.dataclass`, always with slots.

    Not supported, because nothing here needs it: pickling, `asdict`, `KW_ONLY`, `InitVar`.
    """
    flags = {"frozen": frozen, "eq": eq, "order": order, "repr": repr}
    wanted = frozenset(name for name, is_set in flags.items() if is_set)

    def decorate(cls: type[T]) -> type[T]:
        return _make(cls, wanted)

    return decorate


def replace(record: T, **changes: object) -> T:
    """As `dataclasses.replace`."""
    fields: dict[str, Field] = record.__record__  # type: ignore[attr-defined] # of whatever `dataclass` decorated
    kept = {name: getattr(record, name) for name, about in fields.items() if about.init and name not in changes}
    return type(record)(**kept, **changes)


def names(cls: type) -> tuple[str, ...]:
    """The attributes of a class that `dataclass` decorated, in order."""
    return tuple(cls.__record__)  # type: ignore[attr-defined] # same


def _make(cls: type[T], wanted: frozenset[str]) -> type[T]:
    own = {
        name: _field(cls.__dict__.get(name, _MISSING))
        for name, annotation in cls.__annotations__.items()
        if not str(annotation).startswith("ClassVar")
    }
    fields: dict[str, Field] = {}
    for base in reversed(cls.__mro__):
        fields.update(getattr(base, "__record__", {}))
    fields.update(own)
    body = {
        name: value
        for name, value in cls.__dict__.items()
        if name not in own and name not in ("__dict__", "__weakref__")
    }
    cached = (
        ()
        if {"eq", "frozen"} - wanted or any(hasattr(base, "__hashed__") for base in cls.__mro__[1:])
        else ("__hashed__",)
    )
    body["__slots__"] = (*own, *cached)
    body["__record__"] = fields
    body.setdefault("__match_args__", tuple(name for name, about in fields.items() if about.init))
    body.update(_methods(fields, body, wanted))
    metaclass: Any = type(cls)
    made: type[T] = metaclass(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    if "__init__" not in body:
        made.__init__ = _init(made, fields, frozen="frozen" in wanted)  # type: ignore[method-assign] # this is where it is made
    return made


def _field(default: Any) -> Field:  # noqa: ANN401 - any type of attribute
    return default if isinstance(default, Field) else Field(default, _MISSING, init=True, repr=True, compare=True)


def _methods(fields: dict[str, Field], body: dict[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    """What is the same code for every class, but for the names that it looks at."""
    made: dict[str, Any] = {}
    compared = tuple(name for name, about in fields.items() if about.compare)
    key = attrgetter(*compared) if compared else lambda _: ()
    if "eq" in wanted:
        made["__eq__"] = _comparison(key, lambda mine, other: mine == other)
        made["__hash__"] = _hash(key) if "frozen" in wanted else None
    if "order" in wanted:
        made["__lt__"] = _comparison(key, lambda mine, other: mine < other)
        made["__le__"] = _comparison(key, lambda mine, other: mine <= other)
        made["__gt__"] = _comparison(key, lambda mine, other: mine > other)
        made["__ge__"] = _comparison(key, lambda mine, other: mine >= other)
    if "repr" in wanted:
        made["__repr__"] = _shown(tuple(name for name, about in fields.items() if about.repr))
    if "frozen" in wanted:
        made["__setattr__"] = _refuse
        made["__delattr__"] = _refuse
    return {name: method for name, method in made.items() if name not in body}


def _hash(key: Callable[[Any], Any]) -> Callable[[Any], int]:
    """Worked out once for each object: these are keys of caches, with whole trees of others inside."""

    def method(self: Any) -> int:  # noqa: ANN401 - of whatever class
        try:
            known: int = self.__hashed__
        except AttributeError:
            known = hash(key(self))
            object.__setattr__(self, "__hashed__", known)
        return known

    return method


def _comparison(key: Callable[[Any], Any], compare: Callable[[Any, Any], bool]) -> Callable[[Any, object], Any]:
    def method(self: object, other: object) -> Any:  # noqa: ANN401 - NotImplemented has no type
        return compare(key(self), key(other)) if other.__class__ is self.__class__ else NotImplemented

    return method


def _shown(names: tuple[str, ...]) -> Callable[[object], str]:
    def method(self: object) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return method


def _refuse(self: object, name: str, *_: object) -> None:
    raise AttributeError(f"cannot assign to {name!r}: {type(self).__qualname__} is frozen")


def _init(cls: Any, fields: dict[str, Field], *, frozen: bool) -> Callable[..., None]:  # noqa: ANN401 - it is assigned to
    """`__init__`, made when the first object is: most runs make none of many classes."""

    def first(*arguments: object, **options: object) -> None:
        cls.__init__ = _initialiser(cls, fields, frozen=frozen)
        cls.__init__(*arguments, **options)

    return first


def _initialiser(cls: type, fields: dict[str, Field], *, frozen: bool) -> Callable[..., None]:
    """`__init__` as it would be written: it runs thousands of times."""
    kinds = {name: kind for name, about in fields.items() if (kind := _kind(about))}
    code = _template(tuple(kinds.values()), frozen=frozen, ends=hasattr(cls, "__post_init__"))
    real = {f"field{number}": name for number, name in enumerate(kinds)}
    known: dict[str, Any] = {"MISSING": _MISSING}
    for placeholder, name in real.items():
        known[f"set_{placeholder}"] = getattr(cls, name).__set__
        known[f"make_{placeholder}"] = fields[name].default_factory
        known[f"value_{placeholder}"] = fields[name].default
    made = FunctionType(
        code.replace(
            co_varnames=tuple(real.get(name, name) for name in code.co_varnames),
            co_names=tuple(real.get(name, name) for name in code.co_names),
            co_qualname=f"{cls.__qualname__}.__init__",
        ),
        known,
    )
    made.__defaults__ = tuple(fields[name].default for name, kind in kinds.items() if kind.startswith("given or"))
    return made


def _kind(about: Field) -> str:
    """How an attribute gets its value; empty where `__init__` leaves it alone."""
    if about.default_factory is not _MISSING:
        return "given or made" if about.init else "made"
    if about.init:
        return "given" if about.default is _MISSING else "given or default"
    return "constant" if about.default is not _MISSING else ""


@cache
def _template(kinds: tuple[str, ...], *, frozen: bool, ends: bool) -> CodeType:
    """The code of `__init__` for attributes of these `kinds`, called `field0` and so on.

    Compiling takes longer than all else here, and most classes have the shape of another one.
    """
    values = {
        "given": "{0}",
        "given or default": "{0}",
        "given or made": "make_{0}() if {0} is MISSING else {0}",
        "made": "make_{0}()",
        "constant": "value_{0}",
    }
    parameters = [
        f"field{number}{'=None' if kind.startswith('given or') else ''}"
        for number, kind in enumerate(kinds)
        if kind.startswith("given")
    ]
    assign = " set_{0}(self, {1})" if frozen else " self.{0} = {1}"
    lines = [
        assign.format(f"field{number}", values[kind].format(f"field{number}")) for number, kind in enumerate(kinds)
    ]
    if ends:
        lines.append(" self.__post_init__()")
    source = f"def __init__({', '.join(['self', *parameters])}):\n" + ("\n".join(lines) or " pass")
    module = compile(source, __file__, "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))
