"""What was asked of a store and what it answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 160  # characters of a value in a transcript


@dataclass(slots=True)
class Call:
    """One call.

    Attributes:
        user: `alice` or `bob`.
        method: The store's method.
        arguments: Without the context; copies, as they were when the call began.
        ended: How it ended, for people; empty while it has not.
    """

    user: str
    method: str
    arguments: tuple[Any, ...]
    ended: str = ""

    def __str__(self) -> str:
        told = ", ".join(short(argument) for argument in self.arguments)
        return f"{self.user}: {self.method}({told}) {self.ended or 'did not end'}"


@dataclass(slots=True)
class Journal:
    """The calls of one trial, in the order in which they began."""

    calls: list[Call] = field(default_factory=list)

    def begin(self, user: str, method: str, arguments: Sequence[Any]) -> Call:
        """Notes that a call begins."""
        call = Call(user, method, tuple(copied(argument) for argument in arguments))
        self.calls.append(call)
        return call

    def transcript(self) -> tuple[str, ...]:
        """One line a call."""
        return tuple(str(call) for call in self.calls)


def copied(value: Any) -> Any:
    """A deep copy of a model; anything else as it is."""
    return value.model_copy(deep=True) if hasattr(value, "model_copy") else value


def short(value: object) -> str:
    """`value` as it would be written, cut to a line."""
    if hasattr(value, "model_dump_json"):
        text = f"{type(value).__name__} {value.model_dump_json(exclude_none=True)}"
    else:
        text = repr(value)
    # Controls and marks that turn the direction of writing do not belong on a terminal.
    text = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
