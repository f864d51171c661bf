"""Regions of files: the text that a code block of a skill has to be.

A block is announced by a comment on the line before its fence:

    <!-- region: fixtures/taskflow/app/main.py#chatkit_endpoint -->
    <!-- counter-example: fixtures/broken/token_in_prompt/app/agent.py#build_agent fails CK206 -->

What follows `#` is a top-level name, `Class.method`, `imports` (everything from the first import to the last), or the
name of a region marked in the file by `# region: name` and `# endregion`. Without `#` it is the whole file.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IMPORTS: Final = "imports"

_ANNOUNCED: Final = re.compile(
    r"<!-- (?P<kind>region|counter-example): (?P<path>[^\s#]+)(?:#(?P<name>[\w.-]+))?(?: fails (?P<code>CK\d{3}))? -->"
)
_FENCE: Final = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<language>[\w+-]*)[^`]*$")


class RegionError(ValueError):
    """A region that is not there; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced code block of a text.

    Attributes:
        language: What stands behind the opening fence, in lower case; may be empty.
        text: What stands between the fences, without the fence's own indentation.
        line: 1-based line of the opening fence.
        end_line: 1-based line of the closing fence, or of the last line where it is missing.
        region: Path and name of the region it claims to be, e.g. `app/main.py#lifespan`; empty where it claims none.
        fails: The rule that a counter-example fails; empty for others.
        counter_example: Whether it shows what not to write.
    """

    language: str
    text: str
    line: int
    end_line: int
    region: str = ""
    fails: str = ""
    counter_example: bool = False


def blocks(text: str) -> Iterator[Block]:
    """The fenced code blocks of a Markdown text, in order."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is None:
            number += 1
            continue
        closing = re.compile(rf"^ *{re.escape(opening['fence'])}+ *$")
        end = number + 1
        while end < len(lines) and not closing.match(lines[end]):
            end += 1
        indent = opening["indent"]
        body = "".join(f"{line.removeprefix(indent)}\n" for line in lines[number + 1 : end])
        announced = _ANNOUNCED.search(lines[number - 1]) if number else None
        block = Block(opening["language"].lower(), body, number + 1, min(end, len(lines) - 1) + 1)
        yield _claimed(block, announced) if announced else block
        number = end + 1


def _claimed(block: Block, announced: re.Match[str]) -> Block:
    name = f"#{announced['name']}" if announced["name"] else ""
    return Block(
        block.language,
        block.text,
        block.line,
        block.end_line,
        announced["path"] + name,
        announced["code"] or "",
        counter_example=announced["kind"] == "counter-example",
    )


def region(root: Path, claimed: str) -> str:
    """The text of the region `claimed` (`path#name`, relative to `root`), without the indentation of its first line.

    Raises:
        RegionError: There is no such file, or no such name in it.
    """
    path, _, name = claimed.partition("#")
    try:
        text = (root / path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RegionError(f"{path} cannot be read, so there is no region {claimed}") from error
    if not name:
        return text
    found = _marked(text, name)
    if found is None and path.endswith(".py"):
        found = _named(text, name, claimed)
    if found is None:
        raise RegionError(f"{path} has no top-level `{name}` and no `# region: {name}`")
    return textwrap.dedent(found)


def _marked(text: str, name: str) -> str | None:
    pattern = rf"^[ \t]*(?:#|//|<!--) ?region: {re.escape(name)}\b[^\n]*\n(.*?)^[ \t]*(?:#|//|<!--) ?endregion"
    match = re.search(pattern, text, re.DOTALL | re.MULTILINE)
    return match[1] if match else None


def _named(text: str, name: str, claimed: str) -> str | None:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RegionError(f"{claimed.partition('#')[0]} is no Python that can be read here: {error}") from error
    body: list[ast.stmt] = module.body
    if name == IMPORTS:
        imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
        return _lines(text, imports[0], imports[-1]) if imports else None
    *classes, last = name.split(".")
    for outer in classes:
        found = next((node for node in body if isinstance(node, ast.ClassDef) and node.name == outer), None)
        if found is None:
            return None
        body = found.body
    node = next((node for node in body if last in _names(node)), None)
    return _lines(text, node, node) if node else None


def _names(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Assign():
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(name)):
            yield name
        case _:
            return


def _lines(text: str, first: ast.stmt, last: ast.stmt) -> str:
    decorators = getattr(first, "decorator_list", [])
    start = min([first.lineno, *(decorator.lineno for decorator in decorators)])
    return "".join(text.splitlines(keepends=True)[start - 1 : last.end_lineno])
