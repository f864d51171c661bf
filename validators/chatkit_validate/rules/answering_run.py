"""Judging a run of a model within the turns that make it, and what is said where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import runs
from chatkit_validate.rules.stream import gravest
from chatkit_validate.rules.verdict import Decision, NotApplicable

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.agent.served import Run
    from chatkit_validate.integration.turn import Turn


def each_turn(integration: Integration, run: Run, judge: Callable[[Turn, ModelRun], Decision]) -> Decision:
    """The gravest answer of `judge` over the turns that make the run; its answer has to be sent."""
    if not run.turns:
        return NotApplicable("No model is run that could be recognised", run.where)
    answers = [judge(turn, one) for turn, one in run.turns if one in runs.answering(integration, turn)]
    return gravest(answers) if answers else NotApplicable("What the run gives is no part of the answer", run.where)
