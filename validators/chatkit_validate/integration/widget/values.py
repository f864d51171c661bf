"""What an expression of a script can stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

    from chatkit_validate.integration.widget.script import Script
    from chatkit_validate.source import Place


@dataclass(frozen=True, slots=True)
class Hole:
    """A part of a text that reading does not give.

    Attributes:
        variable: The environment variable it comes from; empty where it comes from elsewhere.
        reason: Why it is not known.
    """

    variable: str
    reason: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text, known but for its holes.

    Attributes:
        parts: Known texts and holes, in order.
        where: What states it.
    """

    parts: tuple[str | Hole, ...]
    where: Place

    @property
    def is_certain(self) -> bool:
        """Whether it is certainly not the empty text."""
        return any(isinstance(part, str) and part for part in self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """An object, array, function or class as it is written.

    Attributes:
        node: Its syntax.
        script: Where that stands.
        frame: What the parameters around it are bound to.
    """

    node: Node
    script: Script
    frame: Frame


@dataclass(frozen=True, slots=True, eq=False)
class Global:
    """Something the browser or the build provides, e.g. `import.meta.env` or `window.location`."""

    name: str
    where: Place


@dataclass(frozen=True, slots=True)
class Nothing:
    """`undefined`, `null`, `false` or the empty text.

    Attributes:
        where: What states it.
        text: Whether it is the empty text.
    """

    where: Place
    text: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """What reading does not give.

    Attributes:
        reason: Why, as a clause.
        where: Where reading ended.
        package: Whether it comes from an installed package, and so does what it promises.
    """

    reason: str
    where: Place
    package: str = ""


Value: TypeAlias = Text | Thing | Global | Nothing | Unclear

Bound: TypeAlias = dict[tuple[str, int, str], tuple[Value, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What the parameters of the functions that were entered are bound to, by path, function and name."""

    bound: Bound
    depth: int = 0
