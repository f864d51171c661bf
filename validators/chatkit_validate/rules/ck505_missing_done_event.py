"""CK505: every item that is begun is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import events
from chatkit_validate.integration.agent.forwarding import Passing
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.served import Served

RULE = Rule(
    code="CK505",
    name="missing-done-event",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="whole turn",
    what="In a turn that ends well every item that `thread.item.added` announced gets its `thread.item.done`, "
    "or is removed or replaced.",
    why="`process()` stores an item at its `thread.item.done` and at no other event. Without it the user "
    "reads an answer that is gone after a reload, and that the next turn's model has never seen.",
    instead="Yield `ThreadItemDoneEvent(item=...)` with the whole item after its last update; "
    "`stream_agent_response` does so by itself.",
    acceptable="An item that `ThreadItemRemovedEvent` takes back, after a guardrail say.",
    sources=("chatkit/server.py: _process_events stores on ThreadItemDoneEvent (1.6.5)",),
    shown=Shown(
        path="app/server.py",
        good="""                async for event in stream_agent_response(agent_context, result):
                    yield event
""",
        bad="""                async for event in stream_agent_response(agent_context, result):
                    if event.type in ("thread.item.added", "thread.item.updated"):
                        yield event
""",
    ),
)


def decide(turn: Served, integration: Integration) -> Decision:
    """Judges the events that the turn makes itself, and the loops that pass on those of a run."""
    loops = integration.once(events.loops, turn)
    dropping = next((loop for loop in loops if loop.passing is Passing.DROPPED), None)
    if dropping is not None:
        return Fail(
            "This loop passes on events of a message, but not its `thread.item.done`: the message is never stored",
            dropping.where,
            "Yield every event of `stream_agent_response(...)`.",
        )
    for event in events.unfinished(integration, turn):
        return Fail(
            "The item that is announced here gets no `thread.item.done`: it is never stored",
            event.where,
            "Yield `ThreadItemDoneEvent(item=...)` with the whole item after its last update.",
            (Note(turn.where, "the turn that announces it"),),
        )
    announced = next((one.where for one in events.made(turn) if one.name == events.ADDED), None) or next(
        (loop.where for loop in loops), None
    )
    changed = events.renamed(integration, turn)
    if announced is not None and changed is not None:
        return Fail(
            "The store gives the item another id: the one that was announced gets no `thread.item.done`",
            changed,
            "Leave `item.id` as it is; a number of the row's own belongs into another column.",
            (Note(announced, "the item is announced here"),),
        )
    unclear = next((loop for loop in loops if loop.passing is Passing.PERHAPS), None)
    if unclear is not None:
        return Unknown("Whether this loop passes on `thread.item.done` depends on what cannot be read", unclear.where)
    shown = next((loop.where for loop in loops), None) or next((one.where for one in events.made(turn)), None)
    if shown is None:
        return NotApplicable("The turn sends no items that could be recognised", turn.where)
    return Pass("Every item that is begun is finished", shown)
