"""CK508: what differs between requests stands on no object that requests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import shared_state
from chatkit_validate.integration.agent.shared_state import Kind
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.served import Served
    from chatkit_validate.integration.agent.shared_state import SharedWrite

RULE = Rule(
    code="CK508",
    name="shared-request-state",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="mcp-agent-auth",
    subject="whole turn",
    what="Nothing that belongs to one request (a user, a thread, a connection, a choice) is kept on an object that all "
    "requests share: the server, a module's agent, a global, an Agents SDK session, the environment.",
    why="One process answers many turns at once, and each `await` lets another one run. What a turn has put on a "
    "shared object another turn replaces before the first reads it again: tools act for the wrong user, and one "
    "user's words stand in another's answer. With a single user nothing is ever seen of it.",
    instead="Keep it in the turn: local variables, the request's context, `AgentContext`. Make the agent for each turn "
    "(`Agent(...)` and `agent.clone(...)` cost next to nothing), and a session for each thread: "
    "`SQLiteSession(thread.id, ...)`. State that outlives the turn is kept by thread or user: `self.state[thread.id]`.",
    acceptable="What is the same for everybody: a client made on first use, a cache, a counter. A `ContextVar`.",
    sources=(
        "agents/run.py: an agent is read anew in each step of a run",
        "openai-agents-python: sessions are told apart by their id only",
    ),
    shown=Shown(
        path="app/server.py",
        good="""        async with tasks:
""",
        bad="""        self.caller = context.user_id
        print("turn of", self.caller)
        async with tasks:
""",
    ),
)
_SAID = {
    Kind.ATTRIBUTE: "`{}` is set for one turn, and all turns share the object",
    Kind.ENTRY: "`{}` keeps something of one turn, and all turns share it",
    Kind.GLOBAL: "The global `{}` is set for one request, and all turns read it",
    Kind.EVENT: "`{}` is one event for all turns: whoever sets it releases another's wait",
    Kind.SESSION: "`{}` is one session for all threads and users",
    Kind.ENVIRONMENT: "`{}` is set for one turn, and the whole process reads it",
}


def decide(turn: Served, integration: Integration) -> Decision:
    """Judges what the turns of one server write on what they share."""
    writes = integration.once(shared_state.writes, turn)
    if not writes:
        return Pass("No turn writes anything of its own on what turns share", turn.where)
    notes = tuple(Note(one.where, f"`{one.name}` too") for one in writes[1:6])
    return Fail(
        _SAID[writes[0].kind].format(writes[0].name),
        writes[0].where,
        _way_out(writes[0]),
        (Note(turn.where, "its turns run at the same time"), *notes),
    )


def _way_out(write: SharedWrite) -> str:
    if write.kind is Kind.SESSION:
        return "Make the session for each thread: its id is `thread.id`."
    return "Keep it in the turn (a local variable, the context), or by thread: `state[thread.id]`."
