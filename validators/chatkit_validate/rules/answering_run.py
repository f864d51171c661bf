"""Judging the runs of a turn that its answer comes from, and what is said where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import runs
from chatkit_validate.rules.stream import gravest
from chatkit_validate.rules.verdict import Decision, NotApplicable

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.turn import Turn


def each_run(integration: Integration, turn: Turn, judge: Callable[[ModelRun], Decision]) -> Decision:
    """The gravest answer of `judge` over the runs that the turn's answer comes from."""
    known = runs.answering(integration, turn)
    return gravest(judge(one) for one in known) if known else no_run(turn)


def no_run(turn: Turn) -> NotApplicable:
    """What is said of a turn in which no model runs."""
    return NotApplicable("No model is run that could be recognised", turn.where)
