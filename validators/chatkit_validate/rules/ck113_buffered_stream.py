"""CK113: text leaves while the model still writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import run, serving
from chatkit_validate.integration.run import Way
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK113",
    name="buffered-stream",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="`respond()` sends text events while the model writes, not one finished item after it.",
    why="With `await Runner.run(...)` the user looks at nothing until the whole answer is there; long answers run into "
    "the time limits of proxies, which see no byte.",
    instead="`result = Runner.run_streamed(...)` and `async for event in stream_agent_response(agent_context, result): "
    "yield event`.",
    acceptable="A server whose answers come from no model. A second run beside the streamed one, for a title say.",
    sources=("agents/run.py: Runner.run_streamed", "chatkit/agents.py: stream_agent_response"),
    shown=Shown(
        path="app/server.py",
        good="result = Runner.run_streamed(",
        bad="result = await Runner.run(",
    ),
)
_WAY_OUT = "Use `Runner.run_streamed(...)` and pass on the events of `stream_agent_response(...)`."


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges how the runs of respond() answer."""
    if not serving.classes(endpoint):
        return Unknown("The server's class cannot be followed", endpoint.processing.where)
    loop = integration.once(run.consumed, endpoint)
    if loop is not None:
        return Fail("This loop reads the model's stream to its end before any text is sent", loop, _WAY_OUT)
    runs = integration.once(run.runs, endpoint)
    if not runs:
        return NotApplicable("`respond()` calls no model that is known here", endpoint.where)
    streamed = next((item for item in runs if item.way is Way.STREAMED), None)
    if streamed is not None:
        return Pass("The run is streamed", streamed.where)
    whole = next((item for item in runs if item.sent), None)
    if whole is None:
        return Unknown("Nothing that `respond()` sends can be followed to a run of a model", runs[0].where)
    notes = tuple(Note(item.where, "and here") for item in runs if item is not whole)
    return Fail("The model is run to its end before any text is sent", whole.where, _WAY_OUT, notes)
