"""Violations that stand in other files than the endpoint's: requirements, example files, the server, the store.

A planting answers path -> text for the files it writes, or none where the checkout has no place for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sites import Site

    FilePlanting = Callable[[Path, Site], dict[str, str] | None]


def _declaring(checkout: Path, site: Site) -> Path:
    """The folder that declares what the application needs."""
    folder = (checkout / site.path).parent
    while folder != checkout and not any((folder / one).exists() for one in ("pyproject.toml", "requirements.txt")):
        folder = folder.parent
    return folder


def _beside(name: str, text: str) -> FilePlanting:
    """A new file in that folder."""

    def plant(checkout: Path, site: Site) -> dict[str, str] | None:
        path = _declaring(checkout, site) / name
        return None if path.exists() else {path.relative_to(checkout).as_posix(): text}

    return plant


def _example(name: str, text: str) -> FilePlanting:
    """An example file, where there is no other."""

    def plant(checkout: Path, site: Site) -> dict[str, str] | None:
        folder = _declaring(checkout, site)
        if any("env" in one.name and one.suffix != ".py" for one in folder.iterdir() if one.is_file()):
            return None
        return {(folder / name).relative_to(checkout).as_posix(): text}

    return plant


def _told(expression: str) -> FilePlanting:
    """Text in the input of a run that stands in `respond()` itself, where the context is at hand."""

    def plant(checkout: Path, site: Site) -> dict[str, str] | None:
        for path in sorted((checkout / site.path).parent.rglob("*.py")):
            text = path.read_text("utf-8", "replace")
            run = re.search(r"(?<=Runner\.run_streamed\()\s*([\w.]+),\s*([\w.]+),", text)
            if run is None or "context" not in text[: run.start()].rpartition("def respond(")[2]:
                continue
            told = f"{run[1]}, [{{'role': 'system', 'content': {expression}}}, *{run[2]}],"
            return {path.relative_to(checkout).as_posix(): text[: run.start()] + told + text[run.end() :]}
        return None

    return plant


def _unprepared(method: str) -> FilePlanting:
    """A store with a method that prepares it and that nothing calls."""

    def plant(checkout: Path, site: Site) -> dict[str, str] | None:
        for path in sorted((checkout / site.path).parent.rglob("*.py")):
            text = path.read_text("utf-8", "replace")
            place = re.search(r"^    async def load_thread\(", text, re.MULTILINE)
            if (
                _is_used(path.relative_to(checkout).as_posix(), site)
                and place is not None
                and re.search(r"^class \w+\(.*\bStore\b", text, re.MULTILINE)
            ):
                added = f"    async def {method}(self):\n        self.prepared = True\n\n"
                return {path.relative_to(checkout).as_posix(): text[: place.start()] + added + text[place.start() :]}
        return None

    return plant


def _is_used(path: str, site: Site) -> bool:
    """Whether a store of that file is given to a server, as the validator read the untouched app."""
    return any(one.rule == "CK304" and one.verdict == "pass" and path in dict(one.places) for one in site.judgements)


FILE_PLANTINGS: dict[str, dict[str, FilePlanting]] = {
    "CK206": {
        "f-string": _told("f\"token {context['access_token']}\""),
        "sum": _told("'token ' + context['access_token']"),
        "format": _told("'token {t}'.format(t=context.get('access_token'))"),
        "percent": _told("'token %s' % context['auth_token']"),
        "join": _told("' '.join(['token', context['jwt']])"),
        "attribute": _told("f'token {context.access_token}'"),
    },
    "CK304": {
        name: _unprepared(name)
        for name in ("initialize_schema", "connect", "init_db", "create_tables", "ensure_schema")
    },
    "CK308": {
        "requirements": _beside("requirements-prod.txt", "fastapi\nchatkit>=0.0.1\n"),
        "folder": _beside("requirements/base.txt", "chatkit\n"),
        "in": _beside("requirements.in", "ChatKit==0.0.1\n"),
        "Pipfile": _beside("Pipfile", '[packages]\nchatkit = "*"\n'),
        "setup.cfg": _beside("setup.cfg", "[options]\ninstall_requires =\n    chatkit\n"),
    },
    "CK309": {
        "old agents": _beside("requirements-prod.txt", "openai-chatkit>=1.4\nopenai-agents==0.0.12\n"),
        "mcp 2": _beside("requirements-prod.txt", "openai-agents~=0.6.4\nmcp>=2\n"),
        "openai 3": _beside("requirements/base.txt", "openai-chatkit\nopenai-agents>=0.6.4,<0.7\nopenai>=3\n"),
        "starlette": _beside("requirements.in", "openai-agents==0.24.0\nfastapi==0.115.13\n"),
        "twice": _beside("setup.cfg", "[options]\ninstall_requires =\n  openai-chatkit>=1.6\n  openai-chatkit<1.5\n"),
    },
    "CK310": {
        "letters missing": _example(".env.example", "OPEN_API_KEY=\n"),
        "joined": _example(".env.sample", "OPENAI_APIKEY=sk-\n"),
        "letter missing": _example(".env.template", "OPNAI_API_KEY=\n"),
        "exported": _example(".env.example", "export OPENAI_API_KE=\n"),
        "commented": _example("env.example", "# OPENAI_API_EY=\n"),
    },
}
