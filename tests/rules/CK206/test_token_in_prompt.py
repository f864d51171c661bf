from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

AGENT = 'agent = Agent(name="assistant", instructions=INSTRUCTIONS, mcp_servers=[tasks])'
GOOD = "instructions=INSTRUCTIONS,"


def instructing(expression: str, above: str = "", **files: str) -> dict[str, str]:
    made = f'{above}            agent = Agent(name="assistant", instructions={expression}, mcp_servers=[tasks])'
    return app(files, ("app/server.py", f"            {AGENT}", made))


@pytest.mark.parametrize(
    "expression",
    [
        'f"{INSTRUCTIONS} token: {context.token}"',
        'INSTRUCTIONS + " token: " + context.token',
        '"Use {token}".format(token=context.token)',
        '"Use %s" % context.token',
        '"\\n".join([INSTRUCTIONS, "Token", context.token])',
        'INSTRUCTIONS.replace("TOKEN", context.token)',
        "prompt_for(context)",
    ],
)
def test_every_way_to_paste_it_fails_and_shows_the_path(verdicts: Verdicts, expression: str) -> None:
    tree = instructing(expression)
    tree["app/server.py"] += "\n\ndef prompt_for(who):\n    secret = who.token\n    return f'Send {secret} along'\n"
    (failure,) = failed(verdicts(tree, "CK206"))
    places = [(note.where.path, note.message) for note in failure.evidence]
    assert places[0][0] == "app/auth.py", "the path begins where the header is read"
    assert places[-1][1].endswith("given to the model here")


def test_a_template_of_another_module_is_followed(verdicts: Verdicts) -> None:
    prompts = 'TEMPLATE = """You help {name}.\nToken: {access_token}"""\n'
    tree = instructing("TEMPLATE.format(name='x', access_token=context.token)", **{"app/prompts.py": prompts})
    tree["app/server.py"] = "from app.prompts import TEMPLATE\n" + tree["app/server.py"]
    assert outcomes(verdicts(tree, "CK206")) == {Outcome.FAIL}


def test_a_context_without_type_is_judged_by_the_key(verdicts: Verdicts) -> None:
    tree = instructing("f\"{context['access_token']}\"")
    tree["app/main.py"] = tree["app/main.py"].replace(
        "server.process(body, caller)", "server.process(body, make(request))"
    )
    tree["app/main.py"] += "\n\ndef make(request):\n    import other\n    return other.context(request)\n"
    assert outcomes(verdicts(tree, "CK206")) == {Outcome.FAIL}


def test_a_system_message_of_the_input_counts(verdicts: Verdicts) -> None:
    edit = (
        "app/server.py",
        "                history,\n",
        '                [{"role": "system", "content": f"t {context.token}"}, *history],\n',
    )
    assert outcomes(verdicts(app(None, edit), "CK206")) == {Outcome.FAIL}


def test_a_changed_copy_of_an_agent_that_is_kept_somewhere_counts(verdicts: Verdicts) -> None:
    tree = app(None, ("app/server.py", f"            {AGENT}", "            agent = KEPT[thread.id]"))
    tree["app/server.py"] = tree["app/server.py"].replace(
        "                agent,\n", "                agent.clone(instructions=f'Send {context.token}.'),\n"
    )
    assert outcomes(verdicts(tree, "CK206")) == {Outcome.FAIL}


def test_instructions_as_a_function_count(verdicts: Verdicts) -> None:
    tree = instructing("lambda run, agent: f'{context.token}'")
    tree["app/server.py"] = (
        tree["app/server.py"]
        .replace("lambda run, agent: f'{context.token}'", "told")
        .replace(
            "            agent = Agent(",
            "            def told(r, a):\n                return f'{context.token}'\n\n            agent = Agent(",
        )
    )
    assert outcomes(verdicts(tree, "CK206")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "expression",
    [
        "INSTRUCTIONS",
        'f"{INSTRUCTIONS} You are talking to {context.user_id}"',
        'f"{INSTRUCTIONS} {len(context.token)} {bool(context.token)}"',
        'f"{INSTRUCTIONS} {context.token is not None}"',
        'f"At most {max_tokens} tokens"',
    ],
)
def test_what_is_only_computed_from_a_token_passes(verdicts: Verdicts, expression: str) -> None:
    tree = instructing(expression, above="            max_tokens = 800\n")
    assert outcomes(verdicts(tree, "CK206")) == {Outcome.PASS}


def test_a_model_called_without_the_sdk_is_read_too(verdicts: Verdicts) -> None:
    body = (
        "from chatkit.server import ChatKitServer\nfrom openai import AsyncOpenAI\nfrom app.auth import Caller\n\n"
        "client = AsyncOpenAI()\n\n\nclass ChatServer(ChatKitServer[Caller]):\n"
        "    async def respond(self, thread, input_user_message, context):\n"
        "        answer = await client.chat.completions.create(model='m', messages=[\n"
        "            {'role': 'system', 'content': f'token {context.token}'}])\n        yield answer\n"
    )
    assert outcomes(verdicts(app({"app/server.py": body}), "CK206")) == {Outcome.FAIL}


def test_without_a_model_it_does_not_apply(verdicts: Verdicts) -> None:
    body = (
        "from chatkit.server import ChatKitServer\nfrom app.auth import Caller\n\n\n"
        "class ChatServer(ChatKitServer[Caller]):\n"
        "    async def respond(self, thread, input_user_message, context):\n        yield f'{context.token}'\n"
    )
    assert outcomes(verdicts(app({"app/server.py": body}), "CK206")) == {Outcome.NOT_APPLICABLE}


def test_a_run_whose_agent_and_input_cannot_be_followed_is_unknown(verdicts: Verdicts) -> None:
    body = (
        "from agents import Runner\nfrom chatkit.server import ChatKitServer\nfrom app.auth import Caller\n\n\n"
        "class ChatServer(ChatKitServer[Caller]):\n"
        "    async def respond(self, thread, input_user_message, context):\n"
        "        yield Runner.run_streamed(*self.prepared(context))\n"
    )
    assert outcomes(verdicts(app({"app/server.py": body}), "CK206")) == {Outcome.UNKNOWN}


def test_expressions_nested_deeply_are_read_or_unknown_and_never_crash(verdicts: Verdicts) -> None:
    tree = instructing("INSTRUCTIONS + context" + ".a" * 360)
    tree["app/main.py"] += f"\n\nprint(caller{'.a' * 350})\nif {'not ' * 300}caller:\n    pass\n"
    assert outcomes(verdicts(tree, "CK206", "CK208", "CK301")) <= {Outcome.PASS, Outcome.UNKNOWN}


def answering(returned: str) -> dict[str, str]:
    """A tool of the agent that returns `returned`."""
    tree = app(None, ("app/server.py", AGENT, AGENT.replace("mcp_servers=", "tools=[link], mcp_servers=")))
    tool = f"@function_tool\nasync def link(ctx: RunContextWrapper) -> str:\n    return {returned}\n\n\n"
    server = tree["app/server.py"].replace("class ChatServer", f"{tool}class ChatServer", 1)
    tree["app/server.py"] = "from agents import RunContextWrapper, function_tool\n" + server
    return tree


@pytest.mark.parametrize(
    "returned",
    ["ctx.context.request_context.token", "f'https://{ctx.context.request_context.token}.x.org/report'"],
)
def test_what_a_tool_returns_is_read_by_the_model(verdicts: Verdicts, returned: str) -> None:
    (failure,) = failed(verdicts(answering(returned), "CK206"))
    assert failure.where.path == "app/server.py"


def test_a_tool_that_only_uses_the_token_passes(verdicts: Verdicts) -> None:
    returned = "str(len(ctx.context.request_context.token))"
    assert outcomes(verdicts(answering(returned), "CK206")) == {Outcome.PASS}
