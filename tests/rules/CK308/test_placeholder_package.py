from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", '[project]\ndependencies = ["chatkit>=0.0.1", "openai-agents"]\n'),
        ("pyproject.toml", '[tool.poetry.dependencies]\nChatKit = "^0.0.1"\n'),
        ("requirements.txt", "fastapi\nchatkit==0.0.1\n"),
        ("Pipfile", '[packages]\nchatkit = "*"\n'),
        ("setup.cfg", "[options]\ninstall_requires =\n  chatkit\n"),
        ("app/requirements.txt", "chatkit-server>=0.2\n"),
        ("requirements/base.txt", "openai-chatkit\nchatkit\n"),
    ],
)
def test_the_placeholder_fails(verdicts: Verdicts, path: str, text: str) -> None:
    (failure,) = failed(verdicts(app({path: text}), "CK308"))
    assert failure.subject.path == path
    assert failure.where.line


@pytest.mark.parametrize(
    "text",
    [
        '[project]\ndependencies = ["openai-chatkit"]\n',
        '[project]\ndependencies = ["chatkit @ git+https://example.com/chatkit"]\n',
        '[project]\ndependencies = ["chatkit"]\n[tool.uv.sources]\nchatkit = { workspace = true }\n',
        '[tool.poetry.dependencies]\nchatkit = { path = "../chatkit" }\n',
    ],
)
def test_the_real_package_and_a_folder_pass(verdicts: Verdicts, text: str) -> None:
    assert outcomes(verdicts(app({"pyproject.toml": text}), "CK308")) == {Outcome.PASS}


def test_a_file_about_other_things_is_not_applicable(verdicts: Verdicts) -> None:
    answers = {v.subject.path: v.verdict for v in verdicts(app({"requirements-dev.txt": "pytest\n"}), "CK308")}
    assert answers == {"pyproject.toml": Outcome.PASS, "requirements-dev.txt": Outcome.NOT_APPLICABLE}
