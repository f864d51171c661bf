"""Which files of a folder make a bundle."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chatkit_validate.bundle.document import Document, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DEEP: Final = 6
"""Folder levels below a skill that are looked into."""


@dataclass(frozen=True, slots=True)
class Skill:
    """A folder of `skills/`.

    Attributes:
        folder: Relative to the bundle.
        document: Its SKILL.md; None where there is none.
        texts: All Markdown files in it, relative to the bundle, SKILL.md too.
    """

    folder: str
    document: Document | None
    texts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The folder's own name, by which the client knows a project's skill."""
        return self.folder.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The agents, skills and manifests of one root.

    Attributes:
        root: The folder.
        agents: Every `*.md` in `agents/`.
        skills: Every folder in `skills/`.
        loose: Markdown files directly in `skills/`, which no client reads.
        manifests: JSON files that the client reads, relative to the root.
        dangling: Links below the root's own folders that lead nowhere.
    """

    root: Path
    agents: tuple[Document, ...]
    skills: tuple[Skill, ...]
    loose: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    dangling: tuple[str, ...] = ()

    @property
    def is_plugin(self) -> bool:
        """Whether the client would load it as a plugin, whose agents may do less."""
        return ".claude-plugin/plugin.json" in self.manifests

    def texts(self) -> Iterator[str]:
        """All Markdown files, relative to the root."""
        for agent in self.agents:
            yield agent.path
        for skill in self.skills:
            yield from skill.texts

    def skill(self, name: str) -> Skill | None:
        """The skill `name`, with or without the plugin's name before it."""
        bare = name.rpartition(":")[2]
        return next((skill for skill in self.skills if skill.name == bare), None)


MANIFESTS: Final = (
    ".claude-plugin/plugin.json",
    ".claude-plugin/marketplace.json",
    "hooks/hooks.json",
    "settings.json",
    ".claude/settings.json",
    ".mcp.json",
    ".lsp.json",
)


def find(root: Path) -> Bundle:
    """The bundle in `root`: a plugin, a marketplace's folder, a `.claude` folder or a project that has one."""
    base = root
    if not (root / "agents").is_dir() and not (root / "skills").is_dir() and (root / ".claude").is_dir():
        base = root / ".claude"
    agents = tuple(read(base, path) for path in sorted(_files(base, "agents", ".md")))
    skills = tuple(_skill(base, name) for name in _folders(base / "skills"))
    loose = tuple(
        f"skills/{name}" for name in _names(base / "skills") if name.endswith(".md") and name.upper() != "README.MD"
    )
    manifests = tuple(path for path in MANIFESTS if (base / path).is_file())
    return Bundle(base, agents, skills, loose, manifests, tuple(sorted(_dangling(base))))


def _skill(base: Path, name: str) -> Skill:
    folder = f"skills/{name}"
    document = read(base, f"{folder}/SKILL.md") if "SKILL.md" in _names(base / folder) else None
    texts = tuple(sorted(path for path in _files(base, folder, ".md") if "/assets/" not in path))
    return Skill(folder, document, texts)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return []


def _folders(folder: Path) -> list[str]:
    return [name for name in _names(folder) if not name.startswith(".") and (folder / name).is_dir()]


def _files(base: Path, folder: str, suffix: str, depth: int = _DEEP) -> Iterator[str]:
    for name in _names(base / folder):
        path = f"{folder}/{name}"
        if (base / path).is_dir():
            # What is linked in stands elsewhere under its own name.
            if depth and not name.startswith(".") and not (base / path).is_symlink():
                yield from _files(base, path, suffix, depth - 1)
        elif name.endswith(suffix):
            yield path


def _dangling(base: Path) -> Iterator[str]:
    for folder in ("", ".claude/", "agents/", "skills/", ".claude/agents/", ".claude/skills/"):
        for name in _names(base / folder):
            path = base / folder / name
            if path.is_symlink() and not path.exists():
                yield f"{folder}{name}"
