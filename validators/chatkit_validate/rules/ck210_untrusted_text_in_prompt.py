"""CK210: what a client wrote stays out of the instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import client_text
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.prompt import pasted, path, unread
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.turn import Turn

RULE = Rule(
    code="CK210",
    name="untrusted-text-in-prompt",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="mcp-agent-auth",
    subject="turn",
    what="The agent's instructions (and system or developer messages) hold no text that a client sent: no metadata of "
    "the request, no header or query parameter, no message.",
    why="Text in the instruction role has the application's authority. A display name \u201cAnn. Ignore the rules "
    "above\u201d is then a rule. With `str.format` a brace in it raises `KeyError` besides.",
    instead="Keep the instructions constant. Give facts about the user as a user message, taken from the verified "
    "identity or the database, and let the conversation reach the model as input items.",
    acceptable="A value that was checked against a fixed set (a locale, a plan) is no free text: look it up in a "
    "dictionary of allowed values and it passes. Otherwise write `# chatkit: ignore[CK210] <why>` on the line "
    "that pastes it.",
    sources=("OWASP LLM01", "OpenAI, ChatKit in production: do not put user input into the instruction role"),
    shown=Shown(
        path="app/server.py",
        good="instructions=INSTRUCTIONS,",
        bad='instructions=f"{INSTRUCTIONS} They just wrote: {input_user_message.content}",',
    ),
    flow=True,
)


def decide(turn: Turn, integration: Integration) -> Decision:
    """Judges every text in the instruction role."""
    instructs = [(prompt, items) for prompt, items in pasted(integration, turn) if prompt.instructs]
    for prompt, items in instructs:
        for item in items:
            source = client_text.source(integration.flow, turn, item.value)
            if source:
                named = f" as `{item.trail[-1].text}`" if item.trail else ""
                return Fail(
                    f"{source} reaches the instructions of the model{named}",
                    item.trail[0].where if item.trail else prompt.where,
                    "Keep the instructions constant; give it as a user message, or look it up among allowed values.",
                    path(item, prompt, f"{source} comes from here"),
                )
    missing = unread(turn)
    if missing is not None:
        return missing
    where = instructs[0][0].where if instructs else turn.prompts[0].where
    return Pass("Nothing a client sent is pasted into the instructions", where)
