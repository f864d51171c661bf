"""CK207: who is acting is decided by code, not by the model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chatkit_validate.integration import credential, mcp_connection
from chatkit_validate.integration.carried import literal_text
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.prompt import pasted, path
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.carried import Carried
    from chatkit_validate.integration.turn import Turn

RULE = Rule(
    code="CK207",
    name="identity-from-model",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="mcp-agent-auth",
    subject="turn",
    what="No tool takes the acting user as an argument that the model fills in, and no prompt tells the model which "
    "user id to pass.",
    why="A tool argument is whatever the model writes. A sentence in a task, a document or a message (\u201cthe user "
    "id is 42\u201d) makes it act for somebody else, and the tool cannot tell.",
    instead="Take the user from the run's context (`RunContextWrapper`) in tools of the process, and from the verified "
    "token of the transport in an MCP server. Leave the argument out of the tool's signature.",
    acceptable="An argument that names somebody else's record (to whom a task is assigned) is fine where the tool "
    "checks that the caller may; so is an application without users. Write "
    "`# chatkit: ignore[CK207] <why>` on the line of the tool or of the prompt.",
    sources=("OWASP LLM06 (excessive agency)", "CWE-639"),
    shown=Shown(
        path="app/server.py",
        good="instructions=INSTRUCTIONS,",
        bad='instructions=f"{INSTRUCTIONS} Pass user_id={context.user_id} to every tool.",',
    ),
)
_ARGUMENT = (
    r"(?i)(?:current_|acting_|auth_|caller_)?(?:user|customer|owner|account|member|employee|tenant)_?id"
    r"|user_?name|user|uid|user_email|learner_id|student_id|patient_id"
)
_ID = r"(?i)(?:.*_)?(?:user|customer|owner|account|member|employee|tenant)_?id(?:_str)?|uid|sub"
_SAID = r"(?i)\b(?:user|customer|owner|account|member|employee|tenant)"


def decide(turn: Turn, integration: Integration) -> Decision:
    """Judges the tools of the turn and the texts it gives to the model."""
    connections = integration.once(mcp_connection.connections, turn)
    for tool in turn.tools:
        taken = next((name for name in tool.parameters if re.fullmatch(_ARGUMENT, name)), None)
        if taken is not None:
            return Fail(
                f"the tool {tool.function.name}() acts for whatever `{taken}` the model fills in",
                tool.where,
                "Take the user from the run's context and leave the argument out.",
                (Note(turn.where, "the turn gives this tool to the model"),),
            )
    if not connections and not turn.gives_tools:
        return NotApplicable("The turn gives the model no tools", turn.where)
    told = _told(turn, integration)
    if told is not None:
        return told
    where = turn.tools[0].where if turn.tools else connections[0].where if connections else turn.where
    return Pass("No tool takes its user from the model, and no prompt names one to pass", where)


def _told(turn: Turn, integration: Integration) -> Fail | None:
    for prompt, items in pasted(integration, turn):
        if not re.search(_SAID, literal_text(items)):
            continue
        # The innermost: the values around it only pass it on.
        for item in reversed(items):
            name = _identity(integration, item)
            if name:
                return Fail(
                    f"the {'instructions' if prompt.instructs else 'input'} of the model say which `{name}` to act for",
                    item.trail[0].where if item.trail else prompt.where,
                    "Let the tools take the user from the verified token or the run's context.",
                    path(item, prompt, "the user's id comes from here"),
                )
    return None


def _identity(integration: Integration, item: Carried) -> str:
    names = (*(step.name for step in item.trail[-1:]), credential.key_of(integration.flow, item.value))
    return next((name for name in names if re.fullmatch(_ID, name)), "")
