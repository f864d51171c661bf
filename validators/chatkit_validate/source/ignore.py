"""The semantics of `.gitignore` files, for trees outside git (gitignore(5))."""

from __future__ import annotations

import re
from typing import Final

from chatkit_validate.record import dataclass, field

_CLASS: Final = r"\[([!^])?(\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]"
_RESERVED: Final = r"\\.|[\[\]&~|]"
_POSIX: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring patterns of one sign, so that one match asks them all."""

    ignores: bool
    names: re.Pattern[str] | None
    paths: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class IgnoreFile:
    """The patterns of one `.gitignore`, in force for the folder that holds it and everything below.

    Attributes:
        base: That folder, relative to the checked tree, ending with a slash; empty for the tree itself.
    """

    base: str
    _groups: tuple[_Group, ...] = field(repr=False)
    _by_name: dict[tuple[int, str], bool] = field(default_factory=dict, repr=False, compare=False)

    def decides(self, path: str, name: str, *, folder: bool) -> bool | None:
        """True where the last pattern that matches ignores `path`, False where it takes it back, None where none does.

        Args:
            path: Relative to the checked tree, below `base`.
            name: Its last component.
            folder: Whether it is a folder; patterns ending in a slash match only those.
        """
        mark = "/" if folder else ""
        below = path[len(self.base) :] + mark
        name += mark
        for number, group in enumerate(self._groups):
            if group.names is not None:
                # Names such as __init__.py come back thousands of times.
                hit = self._by_name.get((number, name))
                if hit is None:
                    hit = self._by_name[number, name] = group.names.fullmatch(name) is not None
                if hit:
                    return group.ignores
            if group.paths is not None and group.paths.fullmatch(below):
                return group.ignores
        return None


def parse(text: str, base: str) -> IgnoreFile:
    """Reads the text of a `.gitignore` that stands in the folder `base` (see `IgnoreFile.base`).

    A pattern that git would not understand matches nothing.
    """
    groups: list[_Group] = []
    names: list[str] = []
    paths: list[str] = []
    sign = True

    def close() -> None:
        if names or paths:
            groups.append(_Group(sign, _any(names), _any(paths)))
        names.clear()
        paths.clear()

    for line in text.splitlines():
        pattern = _strip(line)
        if not pattern or pattern.startswith("#"):
            continue
        ignores = not pattern.startswith("!")
        if ignores is not sign:
            close()
            sign = ignores
        pattern = pattern if ignores else pattern[1:]
        regex, anchored = _translate(pattern)
        if regex is not None:
            (paths if anchored else names).append(regex)
    close()
    return IgnoreFile(base, tuple(reversed(groups)))


def ignored(files: tuple[IgnoreFile, ...], path: str, name: str, *, folder: bool) -> bool:
    """Whether `path` is ignored, given the ignore files from the tree's own to the nearest; the nearest decides."""
    for file in reversed(files):
        verdict = file.decides(path, name, folder=folder)
        if verdict is not None:
            return verdict
    return False


def _strip(line: str) -> str:
    """Without trailing blanks, except one that is escaped."""
    stripped = line.rstrip(" \t\r")
    escaped = len(stripped) < len(line) and (len(stripped) - len(stripped.rstrip("\\"))) % 2 == 1
    return stripped + " " if escaped else stripped


def _any(patterns: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(patterns), re.DOTALL) if patterns else None


def _translate(pattern: str) -> tuple[str | None, bool]:
    """The pattern as a regular expression (none for one without meaning), and whether it names a path from `base`."""
    body = pattern.removesuffix("/")
    anchored = "/" in body
    runs: list[list[str]] = [[]]
    for part in body.removeprefix("/").split("/"):
        if len(part) > 1 and not part.strip("*"):
            runs.append([])
            continue
        regex = _translate_part(part)
        if regex is None:
            return None, anchored
        runs[-1].append(regex)
    first, *between = runs
    out = "".join(f"{part}/" for part in first) if between else "/".join(first)
    # Atomic and lazy: the earliest match is as good as any, and a hostile pattern cannot make matching slow.
    out += "".join(f"(?>(?:[^/]+/)*?{''.join(f'{part}/' for part in run)})" for run in between[:-1] if run)
    if between:
        out += "(?:[^/]+/)*" + "/".join(between[-1]) if between[-1] else ".+"
    return out + ("/" if pattern.endswith("/") else "/?"), anchored


def _translate_part(part: str) -> str | None:
    """One component of a pattern; none where a bracket is not closed."""
    chunks = [""]
    position = 0
    while position < len(part):
        char = part[position]
        position += 1
        if char == "*":
            if chunks[-1] or len(chunks) == 1:
                chunks.append("")
        elif char == "?":
            chunks[-1] += "[^/]"
        elif char == "[":
            match = re.match(_CLASS, part[position - 1 :])
            if match is None:
                return None
            chunks[-1] += _translate_class(match[2], negated=bool(match[1]))
            position += match.end() - 1
        else:
            if char == "\\" and position < len(part):
                char = part[position]
                position += 1
            chunks[-1] += re.escape(char)
    first, *between = chunks
    return first + "".join(f"(?>[^/]*?{chunk})" for chunk in between[:-1]) + (f"[^/]*{between[-1]}" if between else "")


def _translate_class(inside: str, *, negated: bool) -> str:
    # Of a range that runs backwards git takes the first character.
    inside = re.sub(r"([^\\])-([^\]\\])", lambda match: match[0] if match[1] <= match[2] else match[1], inside)
    inside = re.sub(_RESERVED, lambda match: re.escape(match[0][-1]), inside)
    for name, characters in _POSIX.items():
        inside = inside.replace(f"\\[:{name}:\\]", characters)
    regex = f"[{'^/' if negated else ''}{inside}]"
    try:
        re.compile(regex)
    except re.error:
        return "(?!)"
    return regex
