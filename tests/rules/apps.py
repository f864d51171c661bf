"""Small applications for rules' tests: the minimal app with files replaced, added or edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.verdict import Outcome
from tests.conftest import minimal_app

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatkit_validate.rules.verdict import Verdict


def app(files: dict[str, str] | None = None, *edits: tuple[str, str, str]) -> dict[str, str]:
    """The minimal app with `files` put over it, and (path, old, new) edits made.

    Raises:
        AssertionError: The old text of an edit does not stand there exactly once.
    """
    tree = minimal_app() | (files or {})
    for path, old, new in edits:
        assert tree[path].count(old) == 1, f"{old!r} stands {tree[path].count(old)} times in {path}"
        tree[path] = tree[path].replace(old, new)
    return tree


def outcomes(verdicts: Iterable[Verdict]) -> set[Outcome]:
    """Which answers were given."""
    return {verdict.verdict for verdict in verdicts}


def failed(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The failures among `verdicts`."""
    return [verdict for verdict in verdicts if verdict.verdict is Outcome.FAIL]
