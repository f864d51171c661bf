"""Judging every streaming response of an endpoint, and what is said where there is none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration import response
from chatkit_validate.record import replace
from chatkit_validate.rules.edit import Fix
from chatkit_validate.rules.verdict import Decision, Fail, NotApplicable, Pass, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatkit_validate.integration import Endpoint, Integration


def each_stream(integration: Integration, endpoint: Endpoint, judge: Callable[[response.Reply], Decision]) -> Decision:
    """The gravest answer of `judge` over the responses that carry a stream."""
    streams = integration.once(response.streams, endpoint)
    if streams:
        return _together([judge(reply) for reply in streams])
    for reply in integration.once(response.replies, endpoint):
        if isinstance(reply, response.Bare) and not reply.carries:
            continue
        if isinstance(reply, response.Reply) and not reply.carries:
            continue
        return NotApplicable("No response streams what `process()` gives", reply.where)
    return Unknown("What the handler answers cannot be followed to a response", endpoint.where)


def _together(decisions: list[Decision]) -> Decision:
    """The gravest, with the fixes of all that fail."""
    first = gravest(decisions)
    makers = tuple(one.fix for one in decisions if isinstance(one, Fail) and one.fix is not None)
    return replace(first, fix=partial(joined, makers)) if isinstance(first, Fail) and len(makers) > 1 else first


def joined(makers: Iterable[Callable[[], Fix | None]]) -> Fix | None:
    """One fix of all that can be made."""
    fixes = [fix for make in makers if (fix := make()) is not None]
    edits = {edit for fix in fixes for edit in fix.edits}
    ordered = tuple(sorted(edits, key=lambda edit: (edit.path, edit.start, edit.end, edit.text)))
    return Fix(safe=all(fix.safe for fix in fixes), edits=ordered) if fixes else None


def gravest(decisions: Iterable[Decision]) -> Decision:
    """A failure before an unknown, an unknown before a pass, a pass before not applicable; the first of its kind."""
    order = (Fail, Unknown, Pass, NotApplicable)
    known = list(decisions)
    return min(known, key=lambda decision: order.index(type(decision)))
