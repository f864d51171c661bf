"""CK901: what the client reads of an agent file is what its author meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from chatkit_validate.bundle.schema import violations
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.bundle.document import Document
    from chatkit_validate.bundle.layout import Bundle

# The client's own tools, some of them offered in some settings only.
TOOLS: Final = frozenset(
    (
        "Agent", "AskUserQuestion", "Bash", "BashOutput", "CronCreate", "CronDelete", "CronList", "Edit",
        "EnterPlanMode", "EnterWorktree", "ExitPlanMode", "Glob", "Grep", "KillShell", "LS", "LSP", "ListAgents",
        "ListMcpResourcesTool", "Monitor", "MultiEdit", "NotebookEdit", "NotebookRead", "PowerShell", "Read",
        "ReadMcpResourceTool", "ReportFindings", "ScheduleWakeup", "SendMessage", "Skill", "SlashCommand",
        "StructuredOutput", "Task", "TaskCreate", "TaskGet", "TaskList", "TaskOutput", "TaskStop", "TaskUpdate",
        "TeamCreate", "TeamDelete", "TodoWrite", "ToolSearch", "WebFetch", "WebSearch", "Workflow", "Write",
    )
)  # fmt: skip
_IGNORED_IN_PLUGINS: Final = ("hooks", "mcpServers", "permissionMode")


def judge(agent: Document, bundle: Bundle) -> Iterator[Decision]:
    """Every fault of the agent's frontmatter, or one pass."""
    faults = list(_faults(agent, bundle))
    yield from faults
    if not faults:
        yield Pass("the client reads every key, and everything named exists", Place(agent.path, 1))


def _faults(agent: Document, bundle: Bundle) -> Iterator[Fail]:
    for line, message, way_out in agent.faults:
        yield Fail(f"{agent.path}: {message}", Place(agent.path, line), way_out)
    if not agent.frontmatter:
        return
    for violation in violations(agent.frontmatter, "agent"):
        way_out = violation.way_out
        if "allowed-tools" in violation.message:
            way_out = "Agents say `tools`; `allowed-tools` is a skill's key."
        yield Fail(violation.message, Place(agent.path, agent.line(violation.key)), way_out)
    if not agent.body.strip():
        yield Fail("it has no text after the frontmatter, so the agent has no instructions", Place(agent.path, 1),
                   "Write the system prompt below the second `---`.")  # fmt: skip
    yield from _doubles(agent, bundle)
    yield from _tools(agent)
    yield from _skills(agent, bundle)
    if bundle.is_plugin:
        for key in _IGNORED_IN_PLUGINS:
            if key in agent.frontmatter:
                yield Fail(f"`{key}` is ignored in a plugin's agent", Place(agent.path, agent.line(key)),
                           "Put hooks into hooks/hooks.json and servers into .mcp.json.")  # fmt: skip


def _doubles(agent: Document, bundle: Bundle) -> Iterator[Fail]:
    name = agent.text("name")
    first = next((other for other in bundle.agents if other.text("name") == name), agent)
    if name and first.path != agent.path:
        where = Place(agent.path, agent.line("name"))
        yield Fail(f"{first.path} is called `{name}` too; one of them hides the other", where, "Give it another name.")


def _tools(agent: Document) -> Iterator[Fail]:
    for key in ("tools", "disallowedTools"):
        for tool in agent.names(key):
            name = tool.partition("(")[0]
            if name in TOOLS or name == "*" or name.startswith("mcp__"):
                continue
            near = get_close_matches(name, TOOLS, 1)
            way_out = f"Did you mean `{near[0]}`?" if near else "Name a tool, or mcp__server__tool."
            message = f"`{key}` names `{tool}`, which is no tool; the client drops it without a word"
            yield Fail(message, Place(agent.path, agent.line(key)), way_out, level=None if near else Level.WARNING)


def _skills(agent: Document, bundle: Bundle) -> Iterator[Fail]:
    where = Place(agent.path, agent.line("skills"))
    for name in agent.names("skills"):
        skill = bundle.skill(name)
        if skill is None or skill.document is None:
            known = ", ".join(f"`{one.name}`" for one in bundle.skills) or "none"
            message = f"`skills` names `{name}`, which is not here; the client starts the agent without it"
            yield Fail(message, where, f"Name a skill of this bundle: {known}.")
        elif skill.document.frontmatter.get("disable-model-invocation") is True:
            yield Fail(f"`{name}` says `disable-model-invocation`, so it is not given to the agent", where,
                       f"Remove that key from {skill.document.path}.")  # fmt: skip
