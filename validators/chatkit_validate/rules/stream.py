"""Judging every streaming response of an endpoint, and what is said where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import response
from chatkit_validate.rules.verdict import Decision, Fail, NotApplicable, Pass, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatkit_validate.integration import Endpoint, Integration


def each_stream(integration: Integration, endpoint: Endpoint, judge: Callable[[response.Reply], Decision]) -> Decision:
    """The gravest answer of `judge` over the responses that carry a stream."""
    streams = integration.once(response.streams, endpoint)
    if streams:
        return gravest(judge(reply) for reply in streams)
    for reply in integration.once(response.replies, endpoint):
        if isinstance(reply, response.Bare) and not reply.carries:
            continue
        if isinstance(reply, response.Reply) and not reply.carries:
            continue
        return NotApplicable("No response streams what `process()` gives", reply.where)
    return Unknown("What the handler answers cannot be followed to a response", endpoint.where)


def gravest(decisions: Iterable[Decision]) -> Decision:
    """A failure before an unknown, an unknown before a pass, a pass before not applicable; the first of its kind."""
    order = (Fail, Unknown, Pass, NotApplicable)
    known = list(decisions)
    return min(known, key=lambda decision: order.index(type(decision)))
