from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.integration import ruff
from chatkit_validate.rules.verdict import Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

PROJECT = '[project]\ndependencies = ["openai-chatkit"]\n'


def unmarked(configuration: str = '[tool.ruff.lint]\nselect = ["E"]\n', **files: str) -> dict[str, str]:
    tree = app({"pyproject.toml": PROJECT + configuration, **files})
    tree["app/main.py"] = tree["app/main.py"].replace("  # noqa: E402 - as above", "")
    return tree


@pytest.mark.parametrize(
    ("path", "configuration"),
    [
        ("pyproject.toml", PROJECT + '[tool.ruff.lint]\nselect = ["E402"]\n'),
        ("pyproject.toml", PROJECT + '[tool.ruff]\nselect = ["E4", "F"]\n'),
        ("pyproject.toml", PROJECT + '[tool.ruff.lint]\nselect = ["F"]\nextend-select = ["E"]\n'),
        ("ruff.toml", '[lint]\nselect = ["E", "F"]\n'),
        (".ruff.toml", 'lint.select = ["ALL"]\n'),
        ("app/ruff.toml", 'lint.extend-select = ["E402"]\n'),
    ],
)
def test_ruff_decides_with_the_declared_configuration(verdicts: Verdicts, path: str, configuration: str) -> None:
    (failure,) = failed(verdicts(unmarked("", **{path: configuration}), "CK302"))
    assert failure.where.path == "app/main.py"
    assert "import" in failure.way_out or "noqa" in failure.way_out
    assert any(note.where.path == path for note in failure.evidence), "the line that asks for E402 is shown"


def test_an_extended_configuration_is_followed(verdicts: Verdicts) -> None:
    tree = unmarked('[tool.ruff]\nextend = "../shared/ruff.toml"\n')
    tree = {f"service/{path}": text for path, text in tree.items()} | {"shared/ruff.toml": 'lint.select = ["E"]\n'}
    assert outcomes(verdicts(tree, "CK302")) == {Outcome.FAIL}


def test_marked_imports_pass(verdicts: Verdicts) -> None:
    tree = app({"pyproject.toml": PROJECT + '[tool.ruff.lint]\nselect = ["E"]\n'})
    assert outcomes(verdicts(tree, "CK302")) == {Outcome.PASS}


@pytest.mark.parametrize(
    "configuration",
    [
        "",
        "[tool.ruff]\nline-length = 100\n",
        '[tool.ruff.lint]\nextend-select = ["I"]\n',
        '[tool.ruff.lint]\nselect = ["E501", "F"]\n',
        '[tool.ruff.lint]\nselect = ["E"]\nignore = ["E402"]\n',
        '[tool.ruff.lint]\nselect = ["ALL"]\nextend-ignore = ["E4"]\n',
    ],
)
def test_a_project_that_does_not_ask_for_it_is_not_judged(verdicts: Verdicts, configuration: str) -> None:
    assert outcomes(verdicts(unmarked(configuration), "CK302")) == {Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize(
    "configuration",
    [
        '[tool.ruff.lint]\nselect = ["E"]\nper-file-ignores = {"app/*" = ["E402"]}\n',
        '[tool.ruff]\nextend-exclude = ["app/main.py"]\nlint.select = ["E"]\n',
    ],
)
def test_ruffs_own_exceptions_pass(verdicts: Verdicts, configuration: str) -> None:
    assert outcomes(verdicts(unmarked(configuration), "CK302")) == {Outcome.PASS}


@pytest.mark.parametrize(
    ("configuration", "reason"),
    [
        ('[tool.ruff]\nrequired-version = ">=99"\nlint.select = ["E"]\n', "version"),
        ('[tool.ruff.lint]\nselect = ["E", "ZZZ"]\n', "ZZZ"),
        ('[tool.ruff]\nextend = "nowhere.toml"\n', "nowhere.toml"),
        ('[tool.ruff]\nextend = "../../elsewhere.toml"\n', "elsewhere.toml"),
    ],
)
def test_an_unusable_configuration_is_unknown(verdicts: Verdicts, configuration: str, reason: str) -> None:
    answers = verdicts(unmarked(configuration), "CK302")
    assert outcomes(answers) == {Outcome.UNKNOWN}
    assert reason in answers[0].reason


def test_without_ruff_it_is_unknown_with_the_line_that_installs_it(
    verdicts: Verdicts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    ruff._reported.cache_clear()
    (verdict,) = verdicts(unmarked(), "CK302")
    assert verdict.verdict is Outcome.UNKNOWN
    assert "pip install chatkit-validate[ruff]" in verdict.reason
    assert tmp_path.name not in verdict.reason


def test_an_import_below_other_code_is_advice(verdicts: Verdicts) -> None:
    tree = app({"pyproject.toml": PROJECT + '[tool.ruff.lint]\nselect = ["E"]\n'})
    tree["app/server.py"] = tree["app/server.py"].replace("from app.auth", 'NAME = "chat"\nfrom app.auth')
    (failure,) = failed(verdicts(tree, "CK302"))
    assert (failure.level, failure.where.path) == (Level.ADVICE, "app/server.py")


@pytest.mark.parametrize(
    "set_up",
    [
        'import os\nos.environ["A"] = "b"\n',
        'from os import environ\nenviron.update(A="b")\n',
        "import dotenv as d\nd.load_dotenv()\n",
    ],
)
def test_every_set_up_of_the_environment_is_named(verdicts: Verdicts, set_up: str) -> None:
    tree = unmarked()
    start = tree["app/main.py"].index("import asyncpg")
    tree["app/main.py"] = set_up + "print('set up')\n" + tree["app/main.py"][start:]
    (failure,) = failed(verdicts(tree, "CK302"))
    assert failure.level is Level.WARNING
    assert any("set up" in note.message for note in failure.evidence)


def test_no_file_is_touched_and_no_cache_is_left(verdicts: Verdicts, tmp_path: Path) -> None:
    tree = unmarked()
    verdicts(tree, "CK302")
    left = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == tree


def test_a_program_that_the_application_starts_is_judged_too(verdicts: Verdicts) -> None:
    tree = app({"pyproject.toml": PROJECT + '[tool.ruff.lint]\nselect = ["E"]\n'})
    tree["app/tool_server.py"] = "from dotenv import load_dotenv\n\nload_dotenv()\n\nimport json\n\nprint(json)\n"
    assert not failed(verdicts(tree, "CK302")), "nothing runs it"
    tree["app/server.py"] += '\n\ndef command():\n    return ["python", "-m", "app.tool_server"]\n'
    (failure,) = failed(verdicts(tree, "CK302"))
    assert failure.where.path == "app/tool_server.py"
