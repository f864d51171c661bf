"""Judging the texts that a turn hands to the model: which rule looks for what, said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.carried import Carried, carried
from chatkit_validate.rules.verdict import NotApplicable, Note, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.turn import Prompt, Turn
    from chatkit_validate.source import Place


_SHORT = 40


def pasted(integration: Integration, turn: Turn) -> Iterator[tuple[Prompt, tuple[Carried, ...]]]:
    """Every prompt of the turn with the values pasted into it."""
    for prompt in turn.prompts:
        yield prompt, integration.once(_read, prompt)


def answered(integration: Integration, turn: Turn) -> Iterator[tuple[Prompt, tuple[Carried, ...]]]:
    """The same for what the turn's tools return."""
    for prompt in turn.answers:
        yield prompt, integration.once(_read, prompt)


def _read(integration: Integration, prompt: Prompt) -> tuple[Carried, ...]:
    return tuple(carried(integration.flow, prompt.text, prompt.frame))


def unread(turn: Turn) -> Unknown | NotApplicable | None:
    """What is said where the turn gives no text to a model that could be found."""
    if turn.prompts:
        return None
    if turn.runs:
        return Unknown("What the model is given cannot be followed", turn.runs[0])
    return NotApplicable("No model is run that could be recognised", turn.where)


def path(item: Carried, prompt: Prompt, source: str) -> tuple[Note, ...]:
    """The way of a value from its source to the model, for a failure's evidence."""
    places: dict[Place, str] = {}
    if item.origin is not None:
        places[item.origin] = source
    for step in reversed(item.trail):
        # One note for each line, and none that repeats the one before it.
        known = any((place.path, place.line) == (step.where.path, step.where.line) for place in places)
        if not known:
            places[step.where] = f"passed on as `{step.text}`" if len(step.text) <= _SHORT else "passed on here"
    role = "instructions" if prompt.instructs else "input"
    places.setdefault(prompt.where, f"stands in the {role} of the model")
    places.setdefault(prompt.call, "which are given to the model here")
    return tuple(Note(where, message) for where, message in places.items())
