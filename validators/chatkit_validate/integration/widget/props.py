"""What components are given where they are shown: `<Chat url="/chatkit" />` binds the parameter `url` of `Chat`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.widget.bindings import FUNCTIONS
from chatkit_validate.integration.widget.script import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from chatkit_validate.integration.widget.script import Script
    from chatkit_validate.integration.widget.web import Web

_ELEMENTS = ("jsx_self_closing_element", "jsx_opening_element")


def component(script: Script, function: Node) -> str:
    """The name under which a function is shown as an element; empty for other functions."""
    name = function.child_by_field_name("name")
    above = function.parent
    while name is None and above is not None and above.type in ("variable_declarator", "arguments", "call_expression"):
        name = above.child_by_field_name("name")
        above = above.parent
    text = script.text(name) if name is not None and function.type in FUNCTIONS else ""
    return text if text[:1].isupper() else ""


def shown(web: Web, name: str) -> Iterator[tuple[Script, Node]]:
    """The elements that show the component `name`, each with its script."""
    for path in web.holding(f"<{name}".lower().encode()):
        for script in web.document(path).scripts:
            for node in nodes(script.root):
                tag = node.child_by_field_name("name") if node.type in _ELEMENTS else None
                if tag is not None and script.text(tag) == name:
                    yield script, node


def given(script: Script, element: Node, name: str) -> tuple[Node | None, bool]:
    """The expression that an element gives for the property `name`, and whether that is all there can be."""
    certain = True
    for child in element.named_children:
        if child.type == "jsx_expression":
            # `{...rest}` may hold it.
            certain = False
        elif child.type == "jsx_attribute" and child.named_children and script.text(child.named_children[0]) == name:
            return (child.named_children[1] if len(child.named_children) > 1 else None), True
    return None, certain
