"""Which files of a front end are part of the application: dead alternatives are no fault of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from chatkit_validate.integration.widget.web import Web

_IMPORT: Final = re.compile(
    rb"""(?:\bfrom|\bimport|\brequire)\s*\(?\s*(?:/\*.*?\*/\s*)?["']([^"'\n]+)["']|\bsrc\s*=\s*["']([^"'\n]+)["']"""
)
_ENTRY: Final = re.compile(
    r"(?:.*/)?(?:page|layout|template|index|main|client|entry[\w.-]*|App|app|_app|_document|_layout|\+page|\+layout|route"
    r"|root)\.\w+|.*\.html|(?:.*/)?(?:pages|routes|theme|islands)/.*|.*\.config\.\w+"
)


def reached(web: Web) -> frozenset[str]:
    """The files that a page or an entry of the front end imports, directly or not, and these themselves."""
    found: set[str] = set()
    fresh = [path for path in web.paths if _ENTRY.fullmatch(path[len(web.folder) :].lstrip("/"))]
    while fresh:
        path = fresh.pop()
        if path in found:
            continue
        found.add(path)
        for match in _IMPORT.finditer(web.data(path)):
            specifier = (match[1] or match[2]).decode("utf-8", "replace")
            target = web.located(path, specifier if match[1] or specifier.startswith(("/", ".")) else f"./{specifier}")
            if target:
                fresh.append(target)
    return frozenset(found)
