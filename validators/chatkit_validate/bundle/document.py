"""A Markdown file with YAML frontmatter, read as the client reads it, and what the client would lose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

_FENCE: Final = re.compile(r"^---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_KEY: Final = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its frontmatter.

    Attributes:
        path: Relative to the bundle, with forward slashes.
        frontmatter: The keys with their values; empty where there are none or they cannot be read.
        lines: Key -> 1-based line.
        body: What follows the frontmatter; the whole text where there is none.
        body_line: 1-based line on which `body` starts.
        faults: What is wrong with the frontmatter as such, each as (line, what, way out).
    """

    path: str
    frontmatter: dict[str, Any]
    lines: dict[str, int]
    body: str = field(repr=False)
    body_line: int
    faults: tuple[tuple[int, str, str], ...] = ()

    def line(self, key: str) -> int:
        """The line of `key`, or of the frontmatter's start."""
        return self.lines.get(key, 1)

    def text(self, key: str) -> str:
        """The value of `key` if it is a text, else an empty one."""
        value = self.frontmatter.get(key)
        return value if isinstance(value, str) else ""

    def names(self, key: str) -> tuple[str, ...]:
        """The value of `key` as names: a list, or a text with commas between them."""
        value = self.frontmatter.get(key)
        if isinstance(value, str):
            return tuple(_split(value))
        return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def read(root: Path, path: str) -> Document:
    """Reads the file `path` of the bundle at `root`; what cannot be read becomes a fault."""
    try:
        raw = (root / path).read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        return Document(path, {}, {}, "", 1, ((1, f"it cannot be read: {error.strerror}", "Make it readable."),))
    except UnicodeDecodeError:
        return Document(path, {}, {}, "", 1, ((1, "it is not UTF-8", "Save it as UTF-8."),))
    faults = []
    if text.startswith("\ufeff"):
        faults.append((1, "it starts with a byte order mark, which hides the frontmatter", "Save it without one."))
    text = text.lstrip("\ufeff").replace("\r\n", "\n")
    match = _FENCE.match(text)
    if match is None:
        way_out = "Begin the file with `---`, the keys `name` and `description`, and `---`."
        faults.append((1, "it has no frontmatter, so the client does not load it", way_out))
        return Document(path, {}, {}, text, 1, tuple(faults))
    source = match[1]
    lines = {found[1]: source.count("\n", 0, found.start()) + 2 for found in _KEY.finditer(source)}
    data, wrong = _parsed(source)
    faults += wrong
    body = text[match.end() :]
    return Document(path, data, lines, body, text.count("\n", 0, match.end()) + 1, tuple(faults))


def _parsed(source: str) -> tuple[dict[str, Any], list[tuple[int, str, str]]]:
    import yaml

    faults: list[tuple[int, str, str]] = []
    seen: set[str] = set()
    for found in _KEY.finditer(source):
        line, key, value = source.count("\n", 0, found.start()) + 2, found[1], found[2].strip()
        if key in seen:
            faults.append((line, f"`{key}` is there twice; the last one wins", "Keep one."))
        seen.add(key)
        if value and value[0] not in "\"'|>[{#&*!" and " #" in value:
            lost = value[value.index(" #") :].strip()
            faults.append((line, f"`{key}` is not quoted and loses its end: {lost!r}", "Put it in double quotes."))
    try:
        data = yaml.safe_load(source)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        faults.append((line, f"the frontmatter is no YAML: {problem}", "Put texts with `: ` or `#` in double quotes."))
        return {}, faults
    if not isinstance(data, dict):
        faults.append((1, "the frontmatter holds no keys", "Write `name: ...` and `description: ...` lines."))
        return {}, faults
    return {str(key): value for key, value in data.items()}, faults


def _split(text: str) -> list[str]:
    """Splits at commas that stand outside of parentheses: `Bash(git add, git commit), Read` is two names."""
    parts, depth = [""], 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]
