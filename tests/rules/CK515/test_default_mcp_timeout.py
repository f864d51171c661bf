from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


SET = "            client_session_timeout_seconds=30,\n"


def test_nothing_said_is_advice(verdicts: Verdicts) -> None:
    (verdict,) = verdicts(app({}, ("app/server.py", SET, "            cache_tools_list=True,\n")), "CK515")
    assert (verdict.verdict, verdict.level.value) == (Outcome.FAIL, "advice")


@pytest.mark.parametrize(
    "said", ["client_session_timeout_seconds=None", "**OPTIONS", '**{"client_session_timeout_seconds": 9}']
)
def test_a_limit_of_ones_own_passes(verdicts: Verdicts, said: str) -> None:
    tree = app({}, ("app/server.py", SET, f"            {said},\n"))
    tree["app/server.py"] = 'OPTIONS = {"client_session_timeout_seconds": 20}\n' + tree["app/server.py"]
    assert outcomes(verdicts(tree, "CK515")) == {Outcome.PASS}


def test_options_from_elsewhere_are_unknown(verdicts: Verdicts) -> None:
    tree = app({}, ("app/server.py", SET, "            **context.options,\n"))
    assert outcomes(verdicts(tree, "CK515")) == {Outcome.UNKNOWN}


def test_a_server_that_the_provider_reaches_has_no_such_limit(verdicts: Verdicts) -> None:
    tree = app({}, ("app/server.py", "mcp_servers=[tasks]", "tools=[HostedMCPTool(tool_config={})]"))
    tree["app/server.py"] = "from agents import HostedMCPTool\n" + tree["app/server.py"]
    assert Outcome.NOT_APPLICABLE in outcomes(verdicts(tree, "CK515"))
