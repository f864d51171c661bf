"""CK206: no token in what the model reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import credential
from chatkit_validate.integration.credential import Credential
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.prompt import answered, pasted, path, unread
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.turn import Turn

RULE = Rule(
    code="CK206",
    name="token-in-prompt",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="mcp-agent-auth",
    subject="turn",
    what="No access token, cookie or API key stands in the agent's instructions or input.",
    why="The token goes to the model provider with every call and is kept there, it stands in trace spans, a prompt "
    "injection reads it out, the model mistypes it, and a user can name another one. Measured with the Agents SDK: the "
    "JWT was in the body of every model call, in `instructions` and again in the echoed tool call.",
    instead='Put it on the transport: `MCPServerStreamableHttp(params={"headers": {"Authorization": f"Bearer '
    "{context.token}\"}, ...})`, one connection per turn; tools of the process take it from the run's context.",
    acceptable="A token made for the model to show (a public link, a coupon code) is no credential of the caller: "
    "write `# chatkit: ignore[CK206] <why>` on the line that pastes it.",
    sources=(
        "OWASP LLM02, LLM07",
        "Agents SDK: function spans hold tool input unless trace_include_sensitive_data=False",
    ),
    shown=Shown(
        path="app/server.py",
        good="instructions=INSTRUCTIONS,",
        bad='instructions=f"{INSTRUCTIONS} Call the tools with access_token={context.token}.",',
    ),
    flow=True,
)
_KINDS = {Credential.TOKEN, Credential.COOKIE, Credential.KEY, Credential.HEADERS}


def decide(turn: Turn, integration: Integration) -> Decision:
    """Judges every text that the turn gives to a model."""
    for prompt, items in (*pasted(integration, turn), *answered(integration, turn)):
        for item in items:
            kind = credential.of(integration.flow, item.value)
            if kind not in _KINDS:
                continue
            evidence = path(item, prompt, f"{kind.value} comes from here")
            where = item.trail[0].where if item.trail else prompt.where
            return Fail(
                f"{kind.value} stands in the {'instructions' if prompt.instructs else 'input'} of the model",
                where,
                "Send it on the Authorization header of the MCP transport, or keep it in the run's context.",
                evidence,
            )
    return unread(turn) or Pass("No credential is pasted into what the model reads", turn.prompts[0].where)
