"""A mutant: an app with one violation put in by program."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metamorphic.app import App, base
from metamorphic.source import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is wrong in an app.

    Attributes:
        rule: The rule that has to fail.
        name: What was done, in a few words.
        app: The app with the violation in it.
        also: Other rules whose verdicts the violation changes -> why.
    """

    rule: str
    name: str
    app: App
    also: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule} {self.app.name}: {self.name}"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to violate a rule by replacing text that stands in a file exactly once.

    Attributes:
        name: What is done.
        good: What stands there.
        bad: What stands there instead.
        path: The file; empty for the endpoint's.
        head: Lines put before the file's first import of fastapi.
        also: Rules that change too, beyond those of the rule's table.
    """

    name: str
    good: str
    bad: str
    path: str = ""
    head: str = ""
    also: Mapping[str, str] = field(default_factory=dict)


ENDPOINTS = {"taskflow": "app/main.py", "todo_app": "src/api/v1/chatkit.py", "minimal": "app/main.py"}


def _is_python(text: str) -> bool:
    try:
        parsed(text)
    except SyntaxError:
        return False
    return True


def mutated(app: str, rule: str, way: Way, also: Mapping[str, str]) -> Mutant | None:
    """The app with the violation in it; None where it has no such place."""
    sound, path = base(app), way.path or ENDPOINTS[app]
    text = sound.files.get(path, "")
    if text.count(way.good) != 1:
        return None
    text = text.replace(way.good, way.bad)
    if path.endswith(".py") and not _is_python(text):
        return None
    if way.head:
        first = next((line for line in text.splitlines() if line.startswith("from fastapi")), "")
        late = "  # noqa: E402 - as below" if "noqa: E402" in first else ""
        text = text.replace(first, f"{way.head}{late}\n{first}", 1)
    return Mutant(rule, way.name, sound.having({path: text}), {**also, **way.also})
