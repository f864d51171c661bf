"""Our hooks among the others in a settings.json."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS: Final = "chatkit-validate-hook"
"""A hook whose command holds this is ours, whatever else it says."""

_EDITS: Final = "Write|Edit"
_AGENT: Final = "^(chatkit-integration:)?chatkit-integration-agent$"


class SettingsError(ValueError):
    """A settings.json that cannot be merged into; the message names it and says what to do."""


def hooks(launcher: str) -> dict[str, dict[str, Any]]:
    """Our entry for each event.

    Args:
        launcher: The shell word that starts the launcher, quoted as needed.
    """
    edit = {"type": "command", "command": f"{launcher} edit", "timeout": 10}
    stop = {"type": "command", "command": f"{launcher} stop", "timeout": 20}
    return {
        "PostToolUse": {"matcher": _EDITS, "hooks": [edit]},
        "SubagentStop": {"matcher": _AGENT, "hooks": [stop]},
        "Stop": {"hooks": [stop]},
    }


def merged(text: str | None, launcher: str, *, name: str) -> str:
    """`text` with our hooks in it, once; everything else as it was.

    Args:
        text: The settings; None where there are none.
        launcher: As for `hooks`.
        name: What to call the file in errors.

    Raises:
        SettingsError: It is no JSON object, or `hooks` is something else than the client accepts.
    """
    data, events = _read(text, name)
    for event, entry in hooks(launcher).items():
        there = events.setdefault(event, [])
        kept = [one for one in (_without_ours(entry) for entry in _entries(there, event, name)) if one]
        events[event] = [*kept, entry]
    data["hooks"] = events
    return _written(data, text)


def cleared(text: str, *, name: str) -> str | None:
    """`text` without our hooks; None where nothing is left.

    Raises:
        SettingsError: As `merged`.
    """
    data, events = _read(text, name)
    for event in list(events):
        kept = [one for one in (_without_ours(entry) for entry in _entries(events[event], event, name)) if one]
        if kept:
            events[event] = kept
        elif events[event]:
            del events[event]
    if not events:
        data.pop("hooks", None)
    return _written(data, text) if data else None


def _read(text: str | None, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        data = json.loads(text) if text is not None and text.strip() else {}
    except json.JSONDecodeError as error:
        raise SettingsError(f"{name} is no JSON (line {error.lineno}: {error.msg}): mend it first") from error
    events = data.get("hooks", {}) if isinstance(data, dict) else None
    if not isinstance(events, dict):
        raise SettingsError(f"{name} holds no object, or its `hooks` is none: mend it first")
    return data, events


def _entries(entries: object, event: str, name: str) -> Iterator[dict[str, Any]]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SettingsError(f"the hooks of {event} in {name} are no list of objects: mend them first")
    yield from entries


def _without_ours(entry: dict[str, Any]) -> dict[str, Any] | None:
    commands = entry.get("hooks")
    if not isinstance(commands, list):
        return entry
    kept = [one for one in commands if not (isinstance(one, dict) and OURS in str(one.get("command", "")))]
    if len(kept) == len(commands):
        return entry
    return {**entry, "hooks": kept} if kept else None


def _written(data: dict[str, Any], old: str | None) -> str:
    indent = re.search(r"\n([ \t]+)\S", old or "")
    return json.dumps(data, indent=indent[1] if indent else 2, ensure_ascii=False) + "\n"
