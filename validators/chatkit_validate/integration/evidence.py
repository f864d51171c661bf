"""What a reader can say of an attribute: found, absent after reading everything, or unresolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from chatkit_validate.source import Place

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The attribute's value, and the place that states it."""

    value: T
    where: Place


@dataclass(frozen=True, slots=True)
class Absent:
    """The attribute is not there, and everything in scope was read and resolved.

    Attributes:
        where: The place where it would have stood.
        read: The places whose reading shows the absence.
    """

    where: Place
    read: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Unresolved:
    """The reader met something it could not follow; neither presence nor absence is proven."""

    reason: str
    where: Place


Evidence: TypeAlias = Found[T] | Absent | Unresolved
