from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatkit_validate.integration.requirement_files import Requirements, read_requirements
from chatkit_validate.source.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read(tmp_path: Path, files: Mapping[str, str | bytes], root: str = ".") -> Requirements:
    for path, content in files.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_requirements(Texts(tmp_path), root)


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("pyproject.toml", '[project]\ndependencies = [\n  "openai-chatkit>=1.6,<1.7",\n]\n', 3),
        ("pyproject.toml", '[project.optional-dependencies]\nchat = ["OpenAI_ChatKit [x] >=1.6,<1.7"]\n', 2),
        ("pyproject.toml", "[dependency-groups]\ndev = [\n 'openai.chatkit>=1.6,<1.7; python_version>\"3\"']\n", 3),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.11"\nopenai-chatkit = ">=1.6,<1.7"\n', 3),
        ("pyproject.toml", '[tool.poetry.group.chat.dependencies]\nopenai-chatkit = {version = ">=1.6,<1.7"}\n', 2),
        ("pyproject.toml", '[tool.pdm.dev-dependencies]\nchat = ["openai-chatkit>=1.6,<1.7"]\n', 2),
        ("pyproject.toml", '[tool.uv]\ndev-dependencies = ["openai-chatkit>=1.6,<1.7"]\n', 2),
        ("Pipfile", '[packages]\nopenai-chatkit = ">=1.6,<1.7"\n', 2),
        (
            "setup.py",
            "from setuptools import setup\nN = (\n    'openai-chatkit>=1.6,<1.7',\n)\nsetup(install_requires=N)\n",
            3,
        ),
        ("setup.py", "import setuptools\n\nsetuptools.setup(install_requires=['openai-chatkit>=1.6,<1.7', NAME])\n", 3),
        ("setup.cfg", "[options]\ninstall_requires =\n    openai-chatkit>=1.6,<1.7\npackages = find:\n", 3),
        ("requirements.txt", "# chat\nopenai-chatkit>=1.6,<1.7  # pinned\n", 2),
        ("requirements-dev.txt", "openai-chatkit>=1.6,<1.7 --hash=sha256:00\n", 1),
        ("requirements/base.in", "openai-chatkit (>=1.6,<1.7)\n", 1),
    ],
)
def test_every_form_says_package_versions_and_line(tmp_path: Path, path: str, text: str, line: int) -> None:
    (one,) = read(tmp_path, {path: text}).of("openai-chatkit")
    assert one.specifier.replace(" ", "") == ">=1.6,<1.7"
    assert (one.where.path, one.where.line) == (path, line)


def test_powershell_writes_utf_16(tmp_path: Path) -> None:
    found = read(tmp_path, {"requirements.txt": "openai-chatkit==1.6.5\r\n".encode("utf-16")})
    assert found.version("openai-chatkit") == "1.6.5"


def test_included_files_count_and_circles_end(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "-r more/base.txt\nmcp==1.25.0\n",
        "more/base.txt": "-r ../requirements.txt\nopenai-chatkit==1.4.1\n",
    }
    found = read(tmp_path, files)
    assert found.version("openai-chatkit") == "1.4.1"
    assert found.of("openai-chatkit")[0].where.path.endswith("base.txt")


def test_the_nearest_folder_decides(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "chatkit\n",
        "backend/pyproject.toml": '[project]\ndependencies = ["openai-chatkit"]\n',
    }
    found = read(tmp_path, files, root="backend/app")
    assert [file.name for file in found.files] == ["backend/pyproject.toml"]
    assert not found.of("chatkit")


def test_a_folder_or_repository_is_no_index(tmp_path: Path) -> None:
    text = '[project]\ndependencies = ["chatkit", "mcp @ git+https://example.com/mcp"]\n'
    text += '[tool.uv.sources]\nchatkit = { path = "../chatkit" }\n'
    found = read(tmp_path, {"pyproject.toml": text})
    assert [one.source for one in found.of("chatkit")] == ["../chatkit"]
    assert found.of("mcp")[0].source.startswith("git+")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("uv.lock", '[[package]]\nname = "fastapi"\nversion = "0.115.2"\n'),
        ("poetry.lock", '[[package]]\nname = "fastapi"\nversion = "0.115.2"\n'),
        ("pylock.toml", '[[packages]]\nname = "fastapi"\nversion = "0.115.2"\n'),
        ("Pipfile.lock", '{"default": {"fastapi": {"version": "==0.115.2"}}}'),
    ],
)
def test_locks_say_the_version_that_runs(tmp_path: Path, path: str, text: str) -> None:
    found = read(tmp_path, {path: text, "requirements.txt": "fastapi>=0.100\n"})
    assert found.version("fastapi") == "0.115.2"
    assert [file.locked for file in found.files] == [False, True]


def test_what_is_installed_beats_what_is_declared(tmp_path: Path) -> None:
    metadata = ".venv/lib/python3.12/site-packages/fastapi-0.120.0.dist-info/METADATA"
    found = read(tmp_path, {metadata: "", "requirements.txt": "fastapi==0.115.2\n"})
    assert found.version("fastapi") == "0.120.0"


def test_nothing_declared(tmp_path: Path) -> None:
    assert read(tmp_path, {}) == Requirements()


@pytest.mark.parametrize("text", ["[project\n", "project = 3\n", '[project]\ndependencies = "x"\n', "\x00"])
def test_a_broken_or_foreign_pyproject_is_no_crash(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, {"pyproject.toml": text, "requirements.txt": "openai-chatkit\n"})
    assert [file.name for file in found.files] == ["requirements.txt"]


def test_a_broken_lock_file_is_reported(tmp_path: Path) -> None:
    assert [problem.path for problem in read(tmp_path, {"uv.lock": "[[package"}).problems] == ["uv.lock"]
