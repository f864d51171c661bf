"""CK504: nothing is stored twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import persistence
from chatkit_validate.integration.agent.persistence import Keeps
from chatkit_validate.rules.answering_run import each_turn
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.served import Run
    from chatkit_validate.integration.turn import Turn

RULE = Rule(
    code="CK504",
    name="double-persist",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="model run",
    what="No item is in the store twice, neither under one id nor under two.",
    why="`process()` stores the user's message before `respond()` and every item at its `thread.item.done`. "
    "What `respond()` stores besides becomes a second row in a store that only inserts, or a second item "
    "where it makes an id of its own: the user sees it twice after a reload, and the model reads it twice "
    "in every later turn.",
    instead="Leave storing to `process()`: yield `ThreadItemDoneEvent` and nothing more. Let `add_thread_item` "
    "insert or update by id; ChatKit itself adds a workflow item twice.",
    acceptable="Items that are not streamed, hidden context above all: `respond()` stores these itself. A second "
    "write under the same id changes nothing where the store replaces by id.",
    sources=(
        "chatkit/server.py: _process_new_thread_item_respond, _process_events (1.6.5)",
        "chatkit/agents.py:812: the workflow (1.6.5)",
    ),
    shown=Shown(
        path="app/server.py",
        good="""                async for event in stream_agent_response(agent_context, result):
                    yield event
""",
        bad="""                from datetime import datetime

                from chatkit.types import AssistantMessageContent, AssistantMessageItem

                async for event in stream_agent_response(agent_context, result):
                    yield event
                answer = AssistantMessageItem(
                    id=self.store.generate_item_id("message", thread, context),
                    thread_id=thread.id,
                    created_at=datetime.now(),
                    content=[AssistantMessageContent(text=result.final_output)],
                )
                await self.store.add_thread_item(thread.id, answer, context)
""",
    ),
)


def decide(run: Run, integration: Integration) -> Decision:
    """Judges what the turns of one run store beside what ChatKit stores."""
    return each_turn(integration, run, lambda turn, _: _judge(integration, turn))


def _judge(integration: Integration, turn: Turn) -> Decision:
    writes = integration.once(persistence.writes, turn)
    for write in writes:
        if write.keeps is Keeps.TWICE:
            notes = (Note(write.store, "the store keeps a second copy"),) if write.store != write.where else ()
            return Fail(
                f"This stores {write.what.value}; ChatKit stores it as well, and the store keeps both",
                write.where,
                "Leave it to ChatKit, or let the store replace by id.",
                (*notes, Note(turn.where, "the turn that stores it")),
            )
    for write in writes:
        if write.keeps is Keeps.UNKNOWN:
            return Unknown("What the store does with an item that it has already cannot be read", write.where)
    if writes:
        return Pass("What the turn stores itself replaces what ChatKit stores", writes[0].where)
    return Pass("The turn stores nothing that ChatKit stores", turn.where)
