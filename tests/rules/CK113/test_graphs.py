from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

GRAPH = """
from chatkit.types import AssistantMessageContent, AssistantMessageItem, ThreadItemDoneEvent
from langgraph.graph import END, StateGraph

graph = StateGraph(dict).add_edge("answer", END).compile()


class"""
LOOP = """            async for step in graph.astream({{"messages": history}}{mode}):
                text = str(step)
                yield ThreadItemDoneEvent(item=AssistantMessageItem(content=[AssistantMessageContent(text=text)]))
"""


def graph(mode: str) -> dict[str, str]:
    tree = app()
    text = tree["app/server.py"]
    start, end = text.index("            agent = Agent("), text.index("    async def handle_stream_cancelled")
    text = text[:start] + LOOP.format(mode=mode) + "\n" + text[end:]
    tree["app/server.py"] = text.replace("\nclass", GRAPH, 1)
    return tree


def test_a_graph_gives_whole_nodes_unless_messages_are_asked_for(verdicts: Verdicts) -> None:
    assert failed(verdicts(graph(""), "CK113"))
    assert failed(verdicts(graph(', stream_mode="updates"'), "CK113"))
    for mode in (', stream_mode="messages"', ', stream_mode=["updates", "messages"]', ", **options"):
        assert outcomes(verdicts(graph(mode), "CK113")) == {Outcome.PASS}, mode
