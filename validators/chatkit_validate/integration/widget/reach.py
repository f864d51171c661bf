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
    r"|root)\.\w+|.*\.html|.*\.config\.\w+"
)
# Frameworks that make pages of whatever stands in these folders; elsewhere a router imports them.
_FOLDERS: Final = re.compile(r"(?:.*/)?(?:pages|routes|theme|islands)/.*")
_FRAMEWORKS: Final = re.compile(
    r'"(?:next|astro|gatsby|nuxt|vike|@docusaurus/core|@sveltejs/kit|@remix-run/[\w-]+|@react-router/dev)"\s*:'
)


def reached(web: Web) -> frozenset[str]:
    """The files that a page or an entry of the front end imports, directly or not, and these themselves."""
    found: set[str] = set()
    by_folder = _FRAMEWORKS.search(web.plain("package.json")) or any(web.holding(b"import.meta.glob"))
    fresh = [path for path in web.paths if _ENTRY.fullmatch(path) or (by_folder and _FOLDERS.fullmatch(path))]
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
