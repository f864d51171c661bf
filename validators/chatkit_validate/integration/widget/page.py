"""Whether a page loads the script that defines the element; OpenAI's React binding waits for it too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.integration.widget.script import attributes, nodes
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration.widget.script import Script
    from chatkit_validate.integration.widget.web import Web

SCRIPT: Final = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js"
"""Where OpenAI serves the element; nowhere else."""

_SERVED: Final = "cdn.platform.openai.com/deployments/chatkit/"
_FILE: Final = "chatkit.js"
_PAGE: Final = re.compile(r"(?:.*/)?(?:[^/]+\.html|(?:layout|_document|_app)\.[jt]sx?|docusaurus\.config\.[cm]?[jt]s)")


def loaded(web: Web, where: Place, elsewhere: tuple[str, ...]) -> Evidence[str]:
    """What a page of the front end loads the element from.

    Args:
        web: The front end.
        where: The widget.
        elsewhere: Pages outside of it that load a script of that name.
    """
    found = [each for path in web.holding(_FILE.encode()) for each in _named(web, path)]
    right = next((each for each in found if _SERVED in each.value), None)
    if right is not None:
        return right
    if found:
        other = found[0]
        return Unresolved(f"`{other.value}` is loaded, which is not where OpenAI serves the element", other.where)
    if elsewhere:
        return Unresolved(
            "a page outside the front end loads the element; whether it shows this widget is unclear",
            Place(elsewhere[0], 1),
        )
    made = next(_made(web), None)
    if made is not None:
        return Unresolved("a script whose address is not known is put into the page here", made)
    pages = tuple(Place(path, 1) for path in web.paths if _PAGE.fullmatch(path))
    if not pages:
        return Unresolved("the page that shows the widget is not in this front end", where)
    return Absent(pages[0], pages)


def _named(web: Web, path: str) -> Iterator[Found[str]]:
    document = web.document(path)
    if document.markup is not None:
        for element in nodes(document.markup.root):
            source = attributes(document.markup, element).get("src", "") if element.type == "script_element" else ""
            if _FILE in source:
                yield Found(source, document.markup.place(element))
    for script in document.scripts:
        for node in nodes(script.root):
            text = script.text(node).strip("'\"`") if node.type in ("string", "template_string") else ""
            if _FILE in text and not _is_imported(script, node):
                yield Found(text, script.place(node))


def _is_imported(script: Script, node: object) -> bool:
    parent = getattr(node, "parent", None)
    return parent is not None and parent.type in ("import_statement", "export_statement") and script.root is not node


def _made(web: Web) -> Iterator[Place]:
    """Where a script is put into the page by code, or the element is defined by hand, beside the widget."""
    for path in web.holding(b"chatkit"):
        for script in web.document(path).scripts:
            for node in nodes(script.root):
                callee = node.child_by_field_name("function") if node.type == "call_expression" else None
                text = script.text(node) if callee is not None else ""
                if re.match(
                    r"[\w.]*createElement\(\s*['\"]script['\"]|customElements\.define\(\s*['\"]openai-chatkit", text
                ):
                    yield script.place(node)
