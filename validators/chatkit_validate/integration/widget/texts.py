"""What becomes of texts that expressions put together or change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.widget.values import Hole, Nothing, Text, Unclear, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from chatkit_validate.integration.widget.script import Script


def joined(path: Value, base: Value, script: Script, node: Node) -> Value:
    """`new URL(path, base)`: a path with a slash replaces the base's own."""
    where = script.place(node)
    if not isinstance(path, Text) or not isinstance(path.parts[0] if path.parts else "", str):
        return path
    first = path.parts[0]
    if isinstance(first, str) and ("://" in first or not isinstance(base, Text)):
        return path
    if isinstance(first, str) and first.startswith("/") and isinstance(base, Text) and isinstance(base.parts[0], str):
        scheme, mark, rest = base.parts[0].partition("://")
        host = f"{scheme}{mark}{rest.partition('/')[0]}" if mark else ""
        return Text((host, *path.parts), where)
    return Text((*parts(base), *path.parts), where)


def parts(value: Value) -> tuple[str | Hole, ...]:
    """The parts of a value where it becomes part of a text."""
    match value:
        case Text(parts=parts):
            return parts
        case Nothing():
            return ("",)
        case Unclear(reason=reason):
            return (Hole("", reason),)
        case _:
            return (Hole("", "it is no text"),)


def replaced(value: Value, given: list[str]) -> Value:
    r"""`text.replace(/\/+$/, "")` takes a slash off its end; anything else may change everything."""
    if not isinstance(value, Text) or not given:
        return value
    if "$" in given[0] and "/" in given[0] and given[-1] in ('""', "''"):
        *rest, last = value.parts or ("",)
        return Text((*rest, last.rstrip("/") if isinstance(last, str) else last), value.where)
    return Text((Hole("", "parts of it are replaced"),), value.where)


def short(text: str) -> str:
    """`text` on one line, cut where it is long."""
    folded = " ".join(text.split())
    return folded if len(folded) <= 60 else f"{folded[:57]}..."
