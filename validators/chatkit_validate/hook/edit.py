"""After an edit: what it broke, and the way out; silent for files that have nothing to do with ChatKit."""

from __future__ import annotations

import os
import re

from chatkit_validate.hook.memory import Memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

WORD: Final = b"chatkit"
_LARGEST: Final = 2_000_000
_FRONT_END: Final = (".ts", ".tsx", ".js", ".jsx", ".html")
_PLAIN: Final = ("pyproject.toml", "requirements.txt", ".env", ".env.example")
_IMPORT: Final = re.compile(rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import)[ \t]+([^\n]*)", re.MULTILINE)


def after_edit(payload: dict[str, Any]) -> dict[str, Any] | None:
    """The hook's answer to one Write or Edit; None where there is nothing to say.

    Args:
        payload: What the client sends to PostToolUse.
    """
    tool = payload.get("tool_input")
    path = tool.get("file_path") if isinstance(tool, dict) else None
    root = os.environ.get("CLAUDE_PROJECT_DIR") or payload.get("cwd")
    if not isinstance(path, str) or not isinstance(root, str):
        return None
    relative = _below(root, path)
    if relative is None or not _may_matter(relative):
        return None
    memory = Memory(str(payload.get("session_id", "")), root)
    if not _matters(root, relative, memory, payload):
        return None
    if not memory.first("edit", str(payload.get("tool_use_id", ""))) or memory.gave_up():
        return None
    from chatkit_validate.hook.failures import new_failures
    from chatkit_validate.hook.words import said

    found = new_failures(root, relative, memory, before=_text_before(payload))
    if not found:
        return None
    head = f"chatkit-validate: with this edit of {relative}, {_count(len(found))}"
    return {"hookSpecificOutput": {"hookEventName": "PostToolUse", "additionalContext": said(head, found)}}


def _count(number: int) -> str:
    return "one rule fails that did not before." if number == 1 else f"{number} checks fail that did not before."


def _below(root: str, path: str) -> str | None:
    """`path` relative to `root`, with forward slashes; None outside."""
    here = os.path.relpath(os.path.realpath(path), os.path.realpath(root)).replace(os.sep, "/")
    return None if here.startswith("../") or os.path.isabs(here) else here


def _may_matter(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if any(part.startswith(".") for part in folder.split("/")):
        return False
    return name.endswith((".py", *_FRONT_END)) or name in _PLAIN


def _matters(root: str, path: str, memory: Memory, payload: dict[str, Any]) -> bool:
    """Whether the file is part of a ChatKit integration, as far as can be told without analysing anything."""
    if path in memory.read:
        return True
    try:
        with open(os.path.join(root, path), "rb") as file:
            data = file.read(_LARGEST)
    except OSError:
        return False
    before = _text_before(payload)
    if WORD in data.lower() or (before is not None and "chatkit" in before.lower()):
        return True
    if not path.endswith(".py"):
        return False
    # Before the first check nobody knows what an integration imports; one check is made to find out.
    return _imports(data, memory.read) or (memory.failures is None and memory.first("looked"))


def _imports(data: bytes, read: set[str]) -> bool:
    """Whether one of the last components that `data` imports is a module that was read."""
    modules = {path.rpartition("/")[2].removesuffix(".py").encode() for path in read} - {b"__init__"}
    modules |= {path.split("/")[-2].encode() for path in read if path.endswith("/__init__.py")}
    for found in _IMPORT.finditer(data):
        words = set(re.findall(rb"\w+", b" ".join(part for part in found.groups() if part)))
        if not modules.isdisjoint(words):
            return True
    return False


def _text_before(payload: dict[str, Any]) -> str | None:
    """The file's text before the edit; None where it was not there, or the client does not say."""
    response = payload.get("tool_response")
    text = response.get("originalFile") if isinstance(response, dict) else None
    return text if isinstance(text, str) else None
