"""Edits of one module's text that leave the rest of it as it is: arguments, dictionary items, expressions, lines."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.rules.edit import Edit
from chatkit_validate.source.file import LINE_END

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatkit_validate.names import Module

_END = re.compile(LINE_END)
_COMMENT = re.compile(r"#[^\r\n]*")


def span(module: Module, node: ast.AST) -> tuple[int, int]:
    """Where `node` stands, as offsets into the module's text."""
    place, file = module.place(node), module.file
    return file.offset(place.line, place.column), file.offset(place.end_line, place.end_column)


def source(module: Module, node: ast.AST) -> str:
    """The text of `node`, as it is written."""
    start, end = span(module, node)
    return module.file.text[start:end]


def replaced(module: Module, node: ast.AST, text: str) -> Edit:
    """Puts `text` in the place of `node`."""
    return Edit(module.path, *span(module, node), text)


def inserted(module: Module, offset: int, text: str) -> Edit:
    """Puts `text` at `offset`."""
    return Edit(module.path, offset, offset, text)


def newline(module: Module) -> str:
    """What ends the lines of this file."""
    found = _END.search(module.file.text)
    return found[0] if found else "\n"


def line_start(module: Module, line: int) -> int:
    """The offset at which the 1-based `line` begins."""
    return module.file.offset(line, 0)


def line_end(module: Module, offset: int) -> int:
    """The offset at which the line that holds `offset` ends, before what ends it."""
    found = _END.search(module.file.text, offset)
    return found.start() if found else len(module.file.text)


def indentation(module: Module, line: int) -> str:
    """The white space that the 1-based `line` begins with."""
    text = module.file.lines[line - 1]
    return text[: len(text) - len(text.lstrip(" \t\f"))]


def alone(module: Module, statement: ast.stmt) -> bool:
    """Whether no other statement stands on the lines of `statement`."""
    start, end = span(module, statement)
    text = module.file.text
    before = text[line_start(module, statement.lineno) : start]
    after = _COMMENT.sub("", text[end : line_end(module, end)])
    return not before.strip() and not after.strip()


def unit_in(module: Module, node: ast.stmt | ast.ExceptHandler) -> str:
    """What a block inside `node` is indented by."""
    return "\t" if indentation(module, node.lineno).startswith("\t") else "    "


def wrapped(module: Module, block: Sequence[ast.stmt], head: str, tail: Sequence[str] = ()) -> tuple[Edit, ...]:
    """Puts statements, which stand on lines of their own, into a block: `head` above, they deeper, `tail` below.

    Lines that begin inside a string are not indented: that would change it.
    """
    first, last = block[0], block[-1]
    margin, end, unit = indentation(module, first.lineno), newline(module), unit_in(module, first)
    top = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", ()))])
    inside = {line for one in block for line in _inside_strings(one)}
    above = inserted(module, line_start(module, top), f"{margin}{head}{end}{unit}")
    deeper = [
        inserted(module, line_start(module, line), unit)
        for line in range(top + 1, (last.end_lineno or last.lineno) + 1)
        if line not in inside and module.file.lines[line - 1].strip()
    ]
    below = "".join(f"{end}{margin}{line}" for line in tail)
    behind = (inserted(module, line_end(module, span(module, last)[1]), below),) if below else ()
    return (above, *deeper, *behind)


def _inside_strings(statement: ast.stmt) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            found.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    return found


def with_argument(module: Module, call: ast.Call, text: str) -> tuple[Edit, ...] | None:
    """Adds the argument `text` behind the others; None where the call's syntax has no room for it."""
    _, end = span(module, call)
    given = sorted((*call.args, *call.keywords), key=lambda one: span(module, one))
    if given and span(module, given[-1])[1] >= end:
        return None  # a bare generator expression shares its parentheses with the call
    return _appended(module, given[-1:] * 2, end - 1, text)


def with_item(module: Module, display: ast.Dict, text: str) -> tuple[Edit, ...]:
    """Adds the item `text`, key and value, behind the others."""
    last = [display.keys[-1] or display.values[-1], display.values[-1]] if display.values else []
    return _appended(module, last, span(module, display)[1] - 1, text)


def with_class_argument(module: Module, node: ast.ClassDef, text: str) -> tuple[Edit, ...]:
    """Adds the keyword `text` behind those of a class statement that has some."""
    last = max(node.keywords, key=lambda one: span(module, one))
    end = span(module, last)[1]
    return _appended(module, [last, last], end + _bare(module.file.text[end:]).index(")"), text)


def _appended(module: Module, last: Sequence[ast.AST], closer: int, text: str) -> tuple[Edit, ...]:
    """Adds `text` behind the last element, before the bracket at `closer`, laid out as the elements are.

    Args:
        module: The module.
        last: The nodes that the last element begins and ends with; empty where there is no element.
        closer: The offset of the closing bracket.
        text: What to add.
    """
    if not last:
        return (inserted(module, closer, text),)
    (first, _), (_, end) = span(module, last[0]), span(module, last[1])
    tail = _bare(module.file.text[end:closer])
    # Parentheses around the element are no part of its node.
    element_end = end + tail.rfind(")") + 1
    comma = tail.find(",", element_end - end)
    after = end + comma + 1 if comma >= 0 else element_end
    line = module.place(last[0]).line
    begins_line = not module.file.text[line_start(module, line) : first].strip(" \t\f*(")
    if not begins_line or not _END.search(tail):
        return (inserted(module, after, f" {text}," if comma >= 0 else f", {text}"),)
    at = line_end(module, after)
    added = f"{newline(module)}{indentation(module, line)}{text},"
    if comma >= 0:
        return (inserted(module, at, added),)
    if at == element_end:
        return (inserted(module, at, f",{added}"),)
    return inserted(module, element_end, ","), inserted(module, at, added)


def _bare(text: str) -> str:
    """`text`, which holds no strings, with its comments blanked out."""
    return _COMMENT.sub(lambda match: " " * len(match[0]), text)
