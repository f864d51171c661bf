"""The files that an installation consists of, wherever this package runs from: a wheel, a checkout, an installation."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = Path(__file__).resolve().parent.parent
AGENT: Final = "agents/chatkit-integration-agent.md"
HOOK: Final = "hooks/chatkit-validate-hook"
COMMAND: Final = "validators/chatkit-validate"
SKILLS: Final = ("fastapi-chatkit-endpoint", "chatkit-integration", "mcp-agent-auth")

# What a wheel ships beside the package is put where it belongs, not into the package's copy.
_LEFT_BEHIND: Final = frozenset({"__pycache__", "shipped", ".agents", ".pytest_cache", ".ruff_cache", ".mypy_cache"})

# Without it the project's own linter would read these files by the project's own rules.
_RUFF: Final = b'# Not the project\'s code.\nexclude = ["*"]\n'


class IncompletePackageError(RuntimeError):
    """This package was taken apart: the agent, the skills or the hooks are not with it."""


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """One file to install.

    Attributes:
        path: Relative to the `.claude` folder, with forward slashes.
        content: Its bytes.
        executable: Whether it is a program.
    """

    path: str
    content: bytes
    executable: bool = False


def claude_files() -> tuple[CarriedFile, ...]:
    """Everything that belongs into a `.claude` folder except its settings.

    Raises:
        IncompletePackageError: A part is missing.
    """
    root = _root()
    found = [_file(root / path, path) for path in (AGENT, HOOK, COMMAND)]
    found += skill_files()
    found += [_file(path, f"validators/chatkit_validate/{name}") for name, path in _tree(PACKAGE)]
    found += _model_files()
    found.append(CarriedFile("validators/.gitignore", b"__pycache__/\n"))
    found.append(CarriedFile("validators/ruff.toml", _RUFF))
    return tuple(sorted(found, key=lambda file: file.path))


def skill_files() -> tuple[CarriedFile, ...]:
    """The three skills, below `skills/`.

    Raises:
        IncompletePackageError: One is missing.
    """
    folder = PACKAGE / ".agents" / "skills"
    if not folder.is_dir():
        folder = _root() / "skills"
    found = [CarriedFile("skills/chatkit-integration/assets/ruff.toml", _RUFF)]
    for skill in SKILLS:
        if not (folder / skill / "SKILL.md").is_file():
            raise IncompletePackageError(_missing(f"skills/{skill}/SKILL.md"))
        found += [_file(path, f"skills/{skill}/{name}") for name, path in _tree(folder / skill)]
    return tuple({file.path: file for file in found}.values())


def _model_files() -> list[CarriedFile]:
    """The scripted model that `probe` puts under an app."""
    for folder in (PACKAGE / "shipped", PACKAGE.parent.parent / "fixtures"):
        if (folder / "services").is_dir():
            model = [f"services/scripted_model/{name}" for name, _ in _tree(folder / "services/scripted_model")]
            names = ["services/__init__.py", *model]
            return [_file(folder / name, f"validators/chatkit_validate/shipped/{name}") for name in names]
    return []


def _root() -> Path:
    for candidate in (PACKAGE / "shipped", PACKAGE.parent.parent):
        if (candidate / AGENT).is_file():
            return candidate
    raise IncompletePackageError(_missing(AGENT))


def _missing(path: str) -> str:
    return f"{path} is not with this package: install chatkit-validate from its wheel, or run it from a whole checkout"


def _file(source: Path, path: str) -> CarriedFile:
    try:
        return CarriedFile(path, source.read_bytes(), executable=path in {HOOK, COMMAND})
    except FileNotFoundError as error:
        raise IncompletePackageError(_missing(path)) from error


def _tree(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files below `folder`, links followed, as (relative path, file)."""
    for here, folders, files in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name not in _LEFT_BEHIND and not name.endswith(".egg-info"))
        for name in sorted(files):
            file = Path(here) / name
            if not name.endswith((".pyc", ".pyo")) and name != ".env":
                yield file.relative_to(folder).as_posix(), file
