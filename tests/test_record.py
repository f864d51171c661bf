"""The cheap data classes mean what the standard library's mean."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from chatkit_validate import record

T = TypeVar("T")


def build(library: Any) -> dict[str, Any]:  # noqa: ANN401 - two modules of one shape
    field = library.field

    @library.dataclass(frozen=True, slots=True, order=True)
    class Place:
        """A place."""

        path: str
        line: int = 0
        note: str = field(default="", repr=False, compare=False)

    @library.dataclass(frozen=True, slots=True)
    class Found(Generic[T]):
        limit: ClassVar[int] = 3
        value: T
        seen: tuple[str, ...] = ()

    @library.dataclass(slots=True)
    class Walk:
        root: str
        paths: list[str] = field(default_factory=list)
        _count: int = field(default=0, init=False)
        joined: str = field(init=False)

        def __post_init__(self) -> None:
            self.joined = "/".join([self.root, *self.paths])

        @property
        def size(self) -> int:
            return len(self.paths)

    @library.dataclass(frozen=True, slots=True)
    class Deeper(Place):
        depth: int = 1

    @library.dataclass(frozen=True, slots=True, eq=False)
    class Same:
        value: int

    return {"Place": Place, "Found": Found, "Walk": Walk, "Deeper": Deeper, "Same": Same}


@pytest.fixture(params=[dataclasses, record], ids=["standard library", "record"])
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    return build(request.param)


def test_construction_defaults_and_repr(made: dict[str, Any]) -> None:
    assert repr(made["Place"]("a", 2)).endswith("Place(path='a', line=2)")
    assert repr(made["Deeper"]("a", depth=3)).endswith("Deeper(path='a', line=0, depth=3)")
    assert made["Walk"]("a", ["b"]).joined == "a/b"
    assert made["Walk"]("a").paths is not made["Walk"]("a").paths
    with pytest.raises(TypeError, match="path"):
        made["Place"]()
    with pytest.raises(TypeError, match="_count"):
        made["Walk"]("a", _count=3)


def test_equality_order_and_hash(made: dict[str, Any]) -> None:
    place, same, found = made["Place"], made["Same"], made["Found"]
    assert place("a", 1, "x") == place("a", 1, "y")
    assert hash(place("a", 1, "x")) == hash(place("a", 1, "y"))
    assert place("a", 1) != made["Deeper"]("a", 1)
    assert found(1) != (1, ())
    assert sorted([place("b"), place("a", 2), place("a", 1)]) == [place("a", 1), place("a", 2), place("b")]
    assert place("a") <= place("a") < place("b") > place("a") >= place("a")
    assert same(1) != same(1)
    assert len({same(1), same(1)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(made["Walk"]("a"))


def test_frozen_is_frozen_and_there_are_slots(made: dict[str, Any]) -> None:
    with pytest.raises(AttributeError, match="path"):
        made["Place"]("a").path = "b"
    with pytest.raises(AttributeError, match="path"):
        del made["Place"]("a").path
    walk = made["Walk"]("a")
    walk.root = "b"
    with pytest.raises(AttributeError):
        walk.other = 1
    assert not hasattr(made["Found"](1), "__dict__")


def test_patterns_and_class_attributes(made: dict[str, Any]) -> None:
    place, found = made["Place"], made["Found"]
    match place("a", 1):
        case place(path, line):
            assert (path, line) == ("a", 1)
    assert found.limit == 3
    assert place.__doc__ == "A place."
    assert made["Walk"]("a", ["b"]).size == 1


def test_replace_keeps_the_rest() -> None:
    place = build(record)["Place"]
    assert record.replace(place("a", 1, "x"), line=2) == place("a", 2)
    assert record.replace(place("a", 1, "x"), line=2).note == "x"
    assert record.names(place) == ("path", "line", "note")
