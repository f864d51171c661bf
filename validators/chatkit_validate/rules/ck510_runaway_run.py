"""CK510: the run ends when its reader leaves."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import cancelling
from chatkit_validate.rules.decide import decide as decide_evidence
from chatkit_validate.rules.edit import Fix, Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import gravest
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.agent.served import Run
    from chatkit_validate.integration.turn import Turn

RULE = Rule(
    code="CK510",
    name="runaway-run",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="model run",
    what="Once the client has left, the model is no longer read and no tool is called.",
    why="A streamed run is a task of its own, and cancelling `respond()` does not cancel it. Measured: a tool "
    "finished its work after the client had gone. The tokens are paid for, and tools go on acting for "
    "somebody who pressed stop.",
    instead="Around the loop over `stream_agent_response`: `finally:` with `if not result.is_complete: "
    "result.cancel()`.",
    acceptable="`await Runner.run(...)`: the cancellation reaches it by itself. Work that must be completed whoever "
    "listens belongs into a job queue.",
    sources=("agents/result.py: RunResultStreaming.cancel",),
    shown=Shown(
        path="app/server.py",
        good="""            try:
                async for event in stream_agent_response(agent_context, result):
                    yield event
            finally:
                if not result.is_complete:
                    result.cancel()
""",
        bad="""            async for event in stream_agent_response(agent_context, result):
                yield event
""",
    ),
    fix="unsafe: puts the loop that reads the run into a `try` that cancels it in `finally` where it is not complete. "
    "A tool that is at work is then cut off in its middle, which may have been counted on to finish.",
)


def decide(run: Run, integration: Integration) -> Decision:
    """Judges whether one streamed run ends with its reader."""
    if not run.turns:
        return NotApplicable("No model is run that could be recognised", run.where)
    return gravest(_judge(integration, turn, one) for turn, one in run.turns)


def _judge(integration: Integration, turn: Turn, one: ModelRun) -> Decision:
    if not one.sdk:
        if one.streamed:
            return NotApplicable("A stream that the turn itself reads ends with its reader", one.where)
        return Pass("The call is awaited: cancelling the turn reaches it", one.where)
    if not one.streamed:
        return Pass("The run is awaited: cancelling the turn reaches it", one.where)
    return decide_evidence(
        cancelling.cancelled(integration, turn, one),
        found=lambda found: Pass("The run is cancelled whichever way the turn is left", found.where),
        absent=lambda absent: Fail(
            "The run goes on, and calls tools, after the client has left",
            absent.where,
            "Around the loop that reads it: `finally:` with `if not result.is_complete: result.cancel()`.",
            (Note(turn.where, "the turn that reads it"),),
            fix=partial(_fix, one),
        ),
    )


def _fix(one: ModelRun) -> Fix | None:
    """Where the run has a name, and one loop of the same function reads it."""
    from chatkit_validate.rules import editing

    module, function = one.frame.module, one.frame.function
    made = module.parents.get(one.call)
    if function is None or not isinstance(made, ast.Assign) or not isinstance(made.targets[0], ast.Name):
        return None
    name = made.targets[0].id
    reading = [node for node in ast.walk(function.node) if isinstance(node, ast.AsyncFor) and _names(node.iter, name)]
    if len(made.targets) > 1 or len(reading) != 1 or not editing.alone(module, reading[0]):
        return None
    unit = editing.unit_in(module, reading[0])
    tail = ("finally:", f"{unit}if not {name}.is_complete:", f"{unit}{unit}{name}.cancel()")
    return Fix(safe=False, edits=editing.wrapped(module, [reading[0]], "try:", tail))


def _names(expression: ast.expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(expression))
