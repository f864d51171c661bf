"""Violations in front ends, put there by program: the URL, the domain key, the token, the script.

A planting answers path -> text for the files it writes, or none where the checkout has no place for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sites import Site

    WidgetPlanting = Callable[[Path, Site], dict[str, str] | None]

_ENDINGS = (".ts", ".tsx", ".js", ".jsx", ".html")
_SKIPPED = ("node_modules", "static", "dist", "specs", "skills", "chatkit-react")
_SCRIPT = re.compile(
    r"<(?P<tag>[sS]cript)\b[^<>]*chatkit\.js[^<>]*?(?:/>|>\s*</(?P=tag)>)|\{\s*src:[^{}]*chatkit\.js[^{}]*\},?"
)
_URL = re.compile(r"(?<=/chatkit)(?=[`'\"?])")


def _files(checkout: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(checkout.rglob("*")):
        inside = path.relative_to(checkout)
        hidden = any(part.startswith(".") or part in _SKIPPED for part in inside.parts)
        if not hidden and path.suffix in _ENDINGS and path.is_file():
            yield inside.as_posix(), path.read_text("utf-8", "replace")


def _everywhere(pattern: str | re.Pattern[str], instead: str, holding: str) -> WidgetPlanting:
    """The same change in every file of the front ends that contains `holding`; none where nothing changes."""

    def plant(checkout: Path, _site: Site) -> dict[str, str] | None:
        written = {}
        for path, text in _files(checkout):
            changed = re.sub(pattern, instead, text) if holding in text else text
            if changed != text:
                written[path] = changed
        return written or None

    return plant


WIDGET_PLANTINGS: dict[str, dict[str, WidgetPlanting]] = {
    "CK601": {
        "the path goes on": _everywhere(_URL, "-old", "/chatkit"),
        "an older path": _everywhere(r"/chatkit(?=[`'\"?])", "/chat-messages", "/chatkit"),
    },
    "CK602": {
        "no key": _everywhere(r"\bdomainKey(?:\s*:[^,}\n]*)?,?", "", "useChatKit"),
        "an undefined key": _everywhere(r"\bdomainKey\s*:[^,}\n]*", "domainKey: undefined", "useChatKit"),
    },
    "CK603": {
        "another header": _everywhere(r"\bAuthorization\b", "X-Token", "Authorization"),
    },
    "CK604": {
        "no script": _everywhere(_SCRIPT, "", "chatkit.js"),
        "a script in a comment": _everywhere(_SCRIPT, "{/* chatkit.js was here */}", "chatkit.js"),
    },
}
