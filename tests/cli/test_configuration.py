"""`[tool.chatkit-validate]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import Answer, minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., Answer]


@pytest.fixture
def configured(tmp_path: Path, command: Command) -> Callable[[str], Answer]:
    """Checks an app that fails CK105 under the given settings."""

    def run(settings: str) -> Answer:
        files = minimal_app()
        files["app/main.py"] = files["app/main.py"].replace("X-Accel-Buffering", "X-Other")
        files["pyproject.toml"] += f"\n[tool.chatkit-validate]\n{settings}\n"
        return command("check", write_tree(tmp_path / "app", files))

    return run


def test_ignore_takes_codes_with_reasons(configured: Callable[[str], Answer]) -> None:
    assert configured("").code == 1
    assert configured('ignore = {CK105 = "the proxy adds it"}').code == 0
    assert configured('ignore = ["CK105"]').code == 0


def test_level(configured: Callable[[str], Answer]) -> None:
    assert configured('level = "error"').code == 0


def test_exclude_leaves_paths_out(configured: Callable[[str], Answer]) -> None:
    answer = configured('exclude = ["app"]')
    assert answer.code == 0
    assert "no Python file" in answer.out


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('selct = ["CK1"]', "there is no setting 'selct'; did you mean 'select'?"),
        ('select = ["CK1O5"]', "select: there is no rule 'CK1O5'; did you mean"),
        ('select = "CK105"', "select: a list of strings is wanted, not 'CK105'"),
        ('level = "advice"', "level: error or warning is wanted, not 'advice'"),
        ("strict = 1", "strict: true or false is wanted, not 1"),
        ("ignore = 105", "ignore: a list of codes or a table"),
    ],
)
def test_a_mistake_is_named_with_the_way_out(configured: Callable[[str], Answer], settings: str, message: str) -> None:
    answer = configured(settings)
    assert answer.code == 2
    assert message in answer.err


@pytest.mark.parametrize("text", ["[tool.chatkit-validate\n", "chatkit-validate = \n", "\x00 chatkit-validate"])
def test_a_broken_pyproject_is_named_and_survived(command: Command, tmp_path: Path, text: str) -> None:
    files = {**minimal_app(), "pyproject.toml": text}
    answer = command("check", write_tree(tmp_path / "app", files), "--select", "CK105")
    assert answer.code == 0
    assert "configuration pyproject.toml" in answer.out


def test_the_nearest_table_above_governs(command: Command, tmp_path: Path) -> None:
    files = {f"backend/{path}": text for path, text in minimal_app().items()}
    files["backend/app/main.py"] = files["backend/app/main.py"].replace("X-Accel-Buffering", "X-Other")
    files["pyproject.toml"] = '[tool.chatkit-validate]\nignore = ["CK105"]\n'
    assert command("check", write_tree(tmp_path / "repo", files) / "backend").code == 0
