"""The ways in which the rules about turns are violated; as `ways`, which has those of the other rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutation.mutant import Way

if TYPE_CHECKING:
    from collections.abc import Mapping

_MINIMAL = "app/server.py"
_TASKFLOW = "app/services/chatkit_server.py"
_TODO = "src/chatkit_server/server.py"
_HISTORY = ("app/services/history.py", "src/chatkit_server/history.py")
_TOOLS = ("app/services/task_tools.py", "src/todo_agent/mcp_tools.py")
_IDS = ("app/services/item_ids.py", "src/chatkit_server/item_ids.py")
_BLOCK = "        async with tasks:\n"
_LOADED = "to_agent_input(list(reversed(page.data)))"
_READ = "                async for event in stream_agent_response(agent_context, result):\n                    yield event\n"
_TITLES = (
    (_TASKFLOW, "            if thread.title is None and input_user"),
    (_TODO, "            if thread.title is None and input_user"),
)


def _first(line: str) -> tuple[tuple[str, str, str], ...]:
    """Path, good and bad for a line that each app's `respond()` begins with."""
    later = tuple((path, good, f"            {line}\n{good}") for path, good in _TITLES)
    return (*later, (_MINIMAL, _BLOCK, f"        {line}\n{_BLOCK}"))


def _each(name: str, places: tuple[tuple[str, str, str], ...]) -> tuple[Way, ...]:
    return tuple(Way(name, good, bad, path=path) for path, good, bad in places)


TURN_WAYS: Mapping[str, tuple[Way, ...]] = {
    "CK501": (
        Way("the new message only", _LOADED, "to_agent_input(input_user_message)", path=_MINIMAL),
        Way("its text only", _LOADED, 'to_agent_input([]) or "".join(p.text for p in input_user_message.content)', path=_MINIMAL),
        Way("the last item only", 'thread.id, None, 30, "desc"', 'thread.id, None, 1, "desc"', path=_MINIMAL),
        *(Way("the last item only", 'WINDOW_ITEMS, "desc"', '1, "desc"', path=path) for path in _HISTORY),
        *(Way("the last item only", ' WINDOW, "desc"', ' 1, "desc"', path=path) for path in _HISTORY),
    ),
    "CK502": (
        Way("ascending", '30, "desc"', '30, "asc"', path=_MINIMAL),
        Way("cut at the wrong end", "list(reversed(page.data))", "list(reversed(page.data))[:10]", path=_MINIMAL),
        *(Way("ascending", 'WINDOW_ITEMS, "desc"', 'WINDOW_ITEMS, "asc"', path=path) for path in _HISTORY),
        *(Way("ascending", 'WINDOW, "desc"', 'WINDOW, "asc"', path=path) for path in _HISTORY),
    ),
    "CK503": (
        Way("appended as an item", "list(reversed(page.data))", "[*reversed(page.data), input_user_message]", path=_MINIMAL),
        Way("appended as text", _LOADED, f'{_LOADED} + [{{"role": "user", "content": input_user_message.content[0].text}}]', path=_MINIMAL),
        Way("appended later", "        tasks = MCP", "        history.append(input_user_message)\n        tasks = MCP", path=_MINIMAL),
    ),
    "CK504": (
        Way("the answer once more", _READ, f"{_READ}                from chatkit.types import AssistantMessageItem\n\n"
            "                again = AssistantMessageItem(id=agent_context.generate_id('message'), thread_id=thread.id, "
            "created_at=thread.created_at, content=[{'text': result.final_output}])\n"
            "                await self.store.add_thread_item(thread.id, again, context)\n", path=_MINIMAL),
    ),
    "CK505": (
        Way("only pieces", "                    yield event\n", '                    if event.type != "thread.item.done":\n                        yield event\n', path=_MINIMAL),
        *(Way("kept back", "            case ThreadItemDoneEvent(item=AssistantMessageItem() as item):\n",
              "            case ThreadItemDoneEvent(item=AssistantMessageItem()):\n                continue\n"
              "            case ThreadItemDoneEvent(item=AssistantMessageItem() as item):\n", path=path) for path in _IDS),
    ),
    "CK506": (
        Way("never entered", _BLOCK, "        if tasks:\n", path=_MINIMAL),
        *(Way("never connected", "await server.connect()", "await server.prepare()", path=path) for path in _TOOLS),
    ),
    "CK507": (
        Way("kept on the server", _BLOCK, '        self.kept = getattr(self, "kept", None) or tasks\n        async with self.kept:\n', path=_MINIMAL),
    ),
    "CK508": (
        *_each("the user on the server", _first("self.user = context.user_id; print(self.user)")),
        *_each("the user in the environment", _first('__import__("os").environ["CHAT_USER"] = context.user_id')[2:]),
        Way("the agent of the class", "            agent_context =", "            type(self).current = context\n            print(type(self).current)\n            agent_context =", path=_MINIMAL),
    ),
    "CK509": (
        *_each("a nap", _first("import time; time.sleep(0.1)")),
        *_each("a request", _first('import urllib.request; urllib.request.urlopen("https://example.com")')),
        *_each("a program", _first('import subprocess; subprocess.run(["true"])')),
    ),
    "CK510": (
        Way("nothing", "                if not result.is_complete:\n                    result.cancel()\n", "                pass\n", path=_MINIMAL),
        Way("nothing", "            if not result.is_complete:\n                result.cancel()\n", "            pass\n", path=_TODO),
        Way("nothing", "    if not result.is_complete:\n        result.cancel()\n", "    pass\n", path=_TASKFLOW),
        Way("on errors only", "            finally:\n", "            except ValueError:\n", path=_MINIMAL),
    ),
    "CK511": tuple(
        way
        for path in (_MINIMAL, _TASKFLOW, _TODO)
        for way in (
            Way("no shield", "anyio.CancelScope(shield=True)", "anyio.CancelScope()", path=path),
            Way("another name", "def handle_stream_cancelled", "def handle_cancelled", path=path),
        )
    ),
    "CK512": (
        Way("a model of LiteLLM", 'name="assistant", ', 'name="assistant", model="litellm/m", ', path=_MINIMAL),
        Way("a chat model", "RunConfig(", 'RunConfig(model=__import__("agents").OpenAIChatCompletionsModel("m", None), ', path=_MINIMAL),
    ),
    "CK513": (
        *_each("dropped", _first("import asyncio; asyncio.create_task(self.store.save_thread(thread, context))")),
        *_each("under a name", _first("import asyncio; saving = asyncio.ensure_future(self.store.save_thread(thread, context))")),
    ),
    "CK514": (
        Way("a literal", '"url": settings.mcp_server_url', '"url": "http://10.0.0.5:8001/mcp"', path=_MINIMAL),
        Way("two literals", '"url": settings.mcp_server_url', '"url": "http://tasks" + "/mcp"', path=_MINIMAL),
        *(Way("a literal", '"url": url,', '"url": "http://10.0.0.5:8001/mcp",', path=path) for path in _TOOLS),
        *(Way("a literal", '"url": self.url,', '"url": "http://10.0.0.5:8001/mcp",', path=path) for path in _TOOLS),
    ),
    "CK515": (
        Way("left out", "            client_session_timeout_seconds=30,\n", "", path=_MINIMAL),
        *(Way("left out", "            client_session_timeout_seconds=self.tool_timeout,\n", "", path=path) for path in _TOOLS),
        *(Way("left out", "            client_session_timeout_seconds=self.timeout,\n", "", path=path) for path in _TOOLS),
    ),
}  # fmt: skip

_NO_HISTORY = "without stored history there is no window, and nothing that could hold the message already"
TURN_ALSO: Mapping[str, Mapping[str, str]] = {
    "CK501": {"CK502": _NO_HISTORY, "CK503": _NO_HISTORY},
    "CK506": {"CK507": "what nothing connects, no turn shares"},
}
