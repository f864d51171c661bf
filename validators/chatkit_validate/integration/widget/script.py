"""One parsed script: a file of TypeScript or JavaScript, or what a `<script>` element of a page holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatkit_validate.integration.widget import language
from chatkit_validate.record import dataclass, field
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

MAX_BYTES: Final = 400_000
"""Larger files are bundles, not what somebody wrote."""

_LONGEST_LINE: Final = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """A syntax tree and the file it is in.

    Attributes:
        path: The file, relative to the checked tree.
        data: The whole file.
        root: The tree's root; its positions are the file's.
    """

    path: str
    data: bytes = field(repr=False)
    root: Node = field(repr=False)

    def text(self, node: Node) -> str:
        """The source text of `node`."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def place(self, node: Node) -> Place:
        """Where `node` stands."""
        return Place(
            self.path,
            node.start_point[0] + 1,
            self._characters(node.start_byte, node.start_point[1]),
            node.end_point[0] + 1,
            self._characters(node.end_byte, node.end_point[1]),
        )

    def _characters(self, end: int, column: int) -> int:
        """The parser counts columns in bytes."""
        return len(self.data[end - column : end].decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A file of a front end.

    Attributes:
        path: Relative to the checked tree.
        markup: The page around the scripts; None for a file that is a script.
        scripts: Its scripts.
    """

    path: str
    markup: Script | None
    scripts: tuple[Script, ...]


def is_written(data: bytes) -> bool:
    """Whether a person wrote this: bundles are large, or have lines that nobody reads."""
    return len(data) <= MAX_BYTES and len(max(data.splitlines(), key=len, default=b"")) <= _LONGEST_LINE


def parse(path: str, data: bytes) -> Document:
    """The syntax trees of a file; whatever stands in it, the parser makes something of it."""
    name = language.language_of(path)
    if name != "html":
        return Document(path, None, (Script(path, data, language.parser(name).parse(data).root_node),))
    markup = Script(path, data, language.parser(name).parse(data).root_node)
    return Document(path, markup, tuple(_embedded(markup)))


def _embedded(markup: Script) -> Iterator[Script]:
    from tree_sitter import Range

    for element in nodes(markup.root):
        if element.type != "script_element":
            continue
        given = attributes(markup, element)
        text = next((child for child in element.children if child.type == "raw_text"), None)
        if text is None or given.get("type", "module") not in ("module", "text/javascript", "application/javascript"):
            continue
        parser = language.parser("tsx" if given.get("lang") in ("ts", "tsx") else "js")
        parser.included_ranges = [Range(text.start_point, text.end_point, text.start_byte, text.end_byte)]
        try:
            yield Script(markup.path, markup.data, parser.parse(markup.data).root_node)
        finally:
            parser.included_ranges = []


def attributes(markup: Script, element: Node) -> dict[str, str]:
    """The attributes of an element of a page; empty texts for those without a value."""
    found: dict[str, str] = {}
    tag = next((child for child in element.children if child.type in ("start_tag", "self_closing_tag")), None)
    for item in tag.named_children if tag is not None else ():
        if item.type == "attribute":
            name, *value = item.named_children
            found[markup.text(name).lower()] = markup.text(value[0]).strip("\"'") if value else ""
    return found


def nodes(root: Node) -> Iterator[Node]:
    """`root` and all named nodes below it, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.named_children))
