"""Small applications for the rules about turns: the minimal app with parts of its `respond()` written otherwise."""

from __future__ import annotations

import textwrap

from tests.rules.apps import app

HISTORY = """        page = await self.store.load_thread_items(thread.id, None, 30, "desc", context)
        history = await ThreadItemConverter().to_agent_input(list(reversed(page.data)))
"""
EVENTS = """                async for event in stream_agent_response(agent_context, result):
                    yield event
"""


def reading(history: str, below: str = "", **files: str) -> dict[str, str]:
    """The minimal app whose `respond()` makes `history` by these lines; `below` follows at the file's end."""
    return _edited(HISTORY, textwrap.indent(textwrap.dedent(history), " " * 8).rstrip() + "\n", below, files)


def running(call: str, below: str = "", **files: str) -> dict[str, str]:
    """The minimal app whose `respond()` runs its model by these lines, from `result =` to the end of the method."""
    tree = app(files)
    text = tree["app/server.py"]
    start, end = text.index("            result = Runner"), text.index("    async def handle_stream_cancelled")
    lines = textwrap.indent(textwrap.dedent(call), " " * 12).rstrip()
    tree["app/server.py"] = f"{text[:start]}{lines}\n\n{text[end:]}{below}"
    return tree


def sending(loop: str, below: str = "", **files: str) -> dict[str, str]:
    """The minimal app whose `respond()` sends its events by these lines."""
    return _edited(EVENTS, textwrap.indent(textwrap.dedent(loop), " " * 16).rstrip() + "\n", below, files)


def doing(lines: str, below: str = "", **files: str) -> dict[str, str]:
    """The minimal app whose `respond()` begins with these lines."""
    return _edited(HISTORY, textwrap.indent(textwrap.dedent(lines), " " * 8).rstrip() + "\n" + HISTORY, below, files)


def _edited(old: str, new: str, below: str, files: dict[str, str]) -> dict[str, str]:
    tree = app(files)
    assert tree["app/server.py"].count(old) == 1
    tree["app/server.py"] = tree["app/server.py"].replace(old, new) + below
    return tree
