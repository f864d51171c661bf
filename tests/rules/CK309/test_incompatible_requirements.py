from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


def declaring(*requirements: str) -> dict[str, str]:
    return app({"pyproject.toml": f"[project]\ndependencies = {list(requirements)}\n"})


@pytest.mark.parametrize(
    "requirements",
    [
        ("openai-chatkit>=1.0.0", "openai-agents==0.0.12"),
        ("openai-chatkit==1.6.5", "openai-agents==0.0.9"),
        ("openai-agents<0.20", "mcp>=2"),
        ("openai-agents~=0.6.4", "mcp==2.3.0"),
        ("openai-chatkit", "openai-agents[litellm]>=0.6.4,<0.7", "openai>=3"),
        ("openai-agents==0.24.0", "mcp<1.19"),
        ("openai-agents==0.24.0", "fastapi==0.115.13"),
        ("openai-chatkit==1.6.5", "fastapi==0.115.0", "starlette==0.47.0"),
        ("openai-chatkit>=1.6", "openai-chatkit<1.5"),
    ],
)
def test_what_excludes_each_other_fails(verdicts: Verdicts, requirements: tuple[str, ...]) -> None:
    (failure,) = failed(verdicts(declaring(*requirements), "CK309"))
    assert failure.evidence


@pytest.mark.parametrize(
    "requirements",
    [
        ("openai-chatkit>=1.4", "openai-agents>=0.0.9", "mcp>=1.25"),
        ("openai-chatkit>=1.6.5,<1.7", "openai-agents>=0.24,<0.25", "mcp>=2.3,<3"),
        ("openai-agents>=0.19", "mcp>=2"),
        ("openai-chatkit==1.4.1", "openai-agents==0.6.4", "mcp==1.25.0", "openai==2.14.0", "fastapi==0.125.0"),
        ("openai-chatkit>=1.5.3,<1.6", "fastapi>=0.114.1,<0.116", "openai>=1.40"),
        ("openai-agents @ git+https://example.com/agents", "mcp>=2"),
    ],
)
def test_what_has_a_joint_solution_passes(verdicts: Verdicts, requirements: tuple[str, ...]) -> None:
    assert outcomes(verdicts(declaring("openai-chatkit", *requirements), "CK309")) == {Outcome.PASS}


def test_a_lower_bound_that_is_merely_old_is_said(verdicts: Verdicts) -> None:
    (verdict,) = verdicts(declaring("openai-chatkit", "openai-agents>=0.0.9"), "CK309")
    assert ">=0.3.2" in verdict.message


def test_what_cannot_be_read_is_unknown(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(declaring("openai-agents>=newest"), "CK309")) == {Outcome.UNKNOWN}


def test_a_file_without_the_packages_is_not_applicable(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(declaring("fastapi==0.1"), "CK309")) == {Outcome.NOT_APPLICABLE}


def test_a_lock_file_is_no_subject(verdicts: Verdicts) -> None:
    lock = '[[package]]\nname = "openai-agents"\nversion = "0.0.12"\n[[package]]\nname = "mcp"\nversion = "2.3.0"\n'
    assert {v.subject.path for v in verdicts(app({"uv.lock": lock}), "CK309")} == {"pyproject.toml"}
