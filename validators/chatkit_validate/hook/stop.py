"""When an agent stops: one look at the whole tree, files written by the shell included; it blocks at most once."""

from __future__ import annotations

import os

from chatkit_validate.hook.memory import Memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

AGENT: Final = "chatkit-integration-agent"


def at_stop(payload: dict[str, Any]) -> dict[str, Any] | None:
    """The hook's answer when the agent or the main thread wants to stop; None lets it.

    The ChatKit agent answers for everything that fails. Anybody else answers for what fails since the last commit, and
    for each failure once in a session.

    Args:
        payload: What the client sends to Stop or SubagentStop.
    """
    root = os.environ.get("CLAUDE_PROJECT_DIR") or payload.get("cwd")
    if not isinstance(root, str) or payload.get("stop_hook_active") is not False:
        # Not said to be the first time: a block too many costs more than one too few.
        return None
    agent = str(payload.get("agent_type", ""))
    is_ours = agent.rpartition(":")[2] == AGENT
    if payload.get("hook_event_name") == "SubagentStop" and not is_ours:
        return None
    memory = Memory(str(payload.get("session_id", "")), root)
    if not memory.first("stop", *(str(payload.get(key, "")) for key in ("hook_event_name", "agent_id", "prompt_id"))):
        return None
    from chatkit_validate.hook.failures import all_failures, failures_since_commit, marks
    from chatkit_validate.hook.words import said

    found = all_failures(root, memory) if is_ours else failures_since_commit(root, memory)
    if not is_ours:
        found = [verdict for verdict in found if memory.blocked.isdisjoint(marks([verdict]))]
    if not found:
        return None
    memory.block(marks(found))
    count = "1 check fails" if len(found) == 1 else f"{len(found)} checks fail"
    head = f"chatkit-validate: {count}. Mend it, or say in your answer why it stays. This is said once."
    return {"decision": "block", "reason": said(head, found)}
