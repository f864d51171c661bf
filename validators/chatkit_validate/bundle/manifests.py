"""CK903: manifests, hooks and settings are what the client accepts, and what they name is there."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.bundle.schema import violations
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.bundle.layout import Bundle

_SCHEMAS: Final = {
    ".claude-plugin/plugin.json": "plugin",
    ".claude-plugin/marketplace.json": "marketplace",
    "hooks/hooks.json": "hooks",
}
_COMPONENTS: Final = ("skills", "commands", "agents", "workflows", "outputStyles", "hooks", "mcpServers", "icon")
# Where a command of a hook says that a file of the bundle is.
_NAMED: Final = re.compile(r"""\$\{?(CLAUDE_PLUGIN_ROOT|CLAUDE_PROJECT_DIR)\}?["']?/([\w./-]+)""")


def judge(path: str, bundle: Bundle) -> Iterator[Decision]:
    """Every fault of the manifest at `path`, or one pass."""
    faults = list(_faults(path, bundle))
    yield from faults
    if not faults:
        yield Pass("the client accepts it, and the files it names are there", Place(path, 1))


def _faults(path: str, bundle: Bundle) -> Iterator[Fail]:
    try:
        text = (bundle.root / path).read_text("utf-8")
        data = json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        yield Fail(f"{path} cannot be read: {error}", Place(path), "Save it as UTF-8, readable.")
        return
    except json.JSONDecodeError as error:
        message = f"{path} is no JSON: {error.msg}"
        yield Fail(message, Place(path, error.lineno, error.colno - 1), "Mend it there.")
        return
    if not isinstance(data, dict):
        yield Fail(f"{path} holds no object", Place(path, 1), "Begin it with `{`.")
        return
    at = _Lines(path, text)
    judged = data
    if path.endswith("settings.json"):
        judged = {"hooks": data.get("hooks", {})}
    if schema := _SCHEMAS.get(path) or ("hooks" if path.endswith("settings.json") else None):
        for violation in violations(judged, schema):
            yield Fail(violation.message, at.key(violation.key), violation.way_out)
    yield from _components(data, bundle, at) if schema == "plugin" else ()
    yield from _plugins(data, bundle, at) if schema == "marketplace" else ()
    yield from _hooks(data, bundle, at) if schema == "hooks" else ()
    yield from _servers(data, at) if path in {".mcp.json", ".lsp.json"} else ()


class _Lines:
    """Finds the line on which a key of a JSON text first stands."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text

    def key(self, name: str) -> Place:
        found = self._text.find(f'"{name}"') if name else -1
        return Place(self._path, self._text.count("\n", 0, found) + 1 if found >= 0 else 1)


def _components(data: dict[str, Any], bundle: Bundle, at: _Lines) -> Iterator[Fail]:
    for key in _COMPONENTS:
        value = data.get(key)
        for path in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
            if isinstance(path, str) and not (bundle.root / path).exists():
                yield Fail(f"`{key}` names {path}, which does not exist", at.key(key), "Name what is there.")
    if (bundle.root / "package.json").is_file() and (bundle.root / "package-lock.json").is_file():
        message = "package.json and its lock in the plugin's root make every installation run `npm ci`"
        yield Fail(message, Place("package.json", 1), "Move them into a folder.", level=Level.WARNING)


def _plugins(data: dict[str, Any], bundle: Bundle, at: _Lines) -> Iterator[Fail]:
    plugins = data.get("plugins")
    for entry in plugins if isinstance(plugins, list) else []:
        source = entry.get("source") if isinstance(entry, dict) else None
        if not isinstance(source, str):
            continue
        folder = bundle.root / source
        if not folder.is_dir():
            yield Fail(
                f"the source {source} of `{entry.get('name')}` does not exist", at.key("source"), "Name a folder."
            )
            continue
        yield from _agreement(entry, folder / ".claude-plugin" / "plugin.json", at)


def _agreement(entry: dict[str, Any], manifest: os.PathLike[str], at: _Lines) -> Iterator[Fail]:
    try:
        with open(manifest, encoding="utf-8") as file:  # noqa: PTH123 - a path from another module
            plugin = json.load(file)
    except (OSError, ValueError):
        return
    for key in ("name", "version"):
        here, there = entry.get(key), plugin.get(key) if isinstance(plugin, dict) else None
        if here is not None and there is not None and here != there:
            message = f"`{key}` of the plugin is `{here}` here and `{there}` in its own manifest"
            yield Fail(message, at.key(key), "Say it once, or the same.")


def _hooks(data: dict[str, Any], bundle: Bundle, at: _Lines) -> Iterator[Fail]:
    events = data.get("hooks")
    for event, entries in events.items() if isinstance(events, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                yield from _matcher(event, entry.get("matcher"), at)
                for hook in entry["hooks"] if isinstance(entry.get("hooks"), list) else ():
                    if isinstance(hook, dict) and isinstance(hook.get("command"), str):
                        yield from _command(event, hook["command"], bundle, at)


def _matcher(event: str, matcher: object, at: _Lines) -> Iterator[Fail]:
    if not isinstance(matcher, str) or matcher == "*":
        return
    try:
        re.compile(matcher)
    except re.error as error:
        yield Fail(f"the matcher {matcher!r} of {event} is no pattern: {error}", at.key(event), "Mend the pattern.")


def _command(event: str, command: str, bundle: Bundle, at: _Lines) -> Iterator[Fail]:
    for found in _NAMED.finditer(command):
        base = bundle.root
        if found[1] == "CLAUDE_PROJECT_DIR" and base.name == ".claude":
            base = base.parent
        target = base / found[2]
        if not target.exists():
            yield Fail(
                f"the hook of {event} runs {found[2]}, which does not exist", at.key(event), "Name what is there."
            )
        elif found.start() <= 1 and not os.access(target, os.X_OK):
            message = f"the hook of {event} runs {found[2]}, which is not executable"
            yield Fail(message, at.key(event), f"chmod +x {found[2]}")


def _servers(data: dict[str, Any], at: _Lines) -> Iterator[Fail]:
    servers = data.get("mcpServers", data)
    for name, server in servers.items() if isinstance(servers, dict) else ():
        if name == "$schema":
            continue
        if not isinstance(server, dict) or not (server.get("command") or server.get("url")):
            yield Fail(f"`{name}` names neither a command nor a URL", at.key(name), "Add `command` or `url`.")
