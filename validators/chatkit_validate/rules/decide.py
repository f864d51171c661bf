"""The one combinator that turns a reader's evidence into a decision, so that no rule forgets `unknown`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.rules.verdict import Decision, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def decide(
    evidence: Evidence[T], *, found: Callable[[Found[T]], Decision], absent: Callable[[Absent], Decision]
) -> Decision:
    """Asks `found` or `absent`; what is unresolved becomes unknown with the reader's reason."""
    match evidence:
        case Found():
            return found(evidence)
        case Absent():
            return absent(evidence)
        case Unresolved(reason, where):
            return Unknown(reason, where)
