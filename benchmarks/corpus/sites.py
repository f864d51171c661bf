"""Places in a checkout's endpoint where a violation can be put by program."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from reports import Judgement, Reported


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """An endpoint of the common shape: awaits `process()`, tests for a stream, answers a stream or JSON.

    Attributes:
        checkout: Folder name.
        path: The handler's file.
        text: Its text.
        handler: The function.
        call: The call of `process()`, without `await`.
        awaited: The `await` expression around it.
        result: The name that holds what it answers.
        branch: The `if` that tests for a stream.
        stream: The `StreamingResponse(…)` in it.
        plain: The `return` that answers JSON.
        request: The name of the parameter that is the request.
        judgements: What the validator says of the untouched checkout.
    """

    checkout: str
    path: str
    text: str
    handler: ast.AsyncFunctionDef
    call: ast.Call
    awaited: ast.Await
    result: str
    branch: ast.If
    stream: ast.Call
    plain: ast.Return
    request: str
    judgements: tuple[Judgement, ...]

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Start and end of `node` in the text."""
        return _span(self.text, node)

    def source(self, node: ast.expr | ast.stmt) -> str:
        """The text of `node`."""
        start, end = self.span(node)
        return self.text[start:end]

    @property
    def top(self) -> int:
        """Where the first statement starts above which others may be put."""
        first = next(
            node
            for node in ast.parse(self.text).body
            if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
            and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        )
        return sum(map(len, self.text.splitlines(keepends=True)[: first.lineno - 1]))

    def edited(self, *edits: tuple[ast.expr | ast.stmt, str], head: str = "") -> str:
        """The text with other words in place of some nodes, and `head` above the first statement that may move down."""
        text = self.replaced(self.text, edits)
        return text[: self.top] + head + text[self.top :]

    @staticmethod
    def replaced(text: str, edits: Iterable[tuple[ast.expr | ast.stmt, str]]) -> str:
        """`text` with other words in place of some of its nodes."""
        for (start, end), new in sorted(((_span(text, node), new) for node, new in edits), reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def indent(self, node: ast.stmt) -> str:
        """The blanks before a statement."""
        return " " * node.col_offset


def _span(text: str, node: ast.expr | ast.stmt) -> tuple[int, int]:
    lines = text.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        inside = lines[line - 1].encode()[:column].decode()
        return sum(map(len, lines[: line - 1])) + len(inside)

    return offset(node.lineno, node.col_offset), offset(node.end_lineno or 0, node.end_col_offset or 0)


def sites(checkouts: Path, checkout: str, report: Reported) -> Iterator[Site]:
    """The endpoints of a checkout that have the common shape."""
    for path, line in report.endpoints:
        text = (checkouts / checkout / path).read_text("utf-8")
        if "\r" in text or "\f" in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.AsyncFunctionDef) and abs(node.lineno - line) <= 4:
                site = _site(path, text, node, report)
                if site:
                    yield site


def _site(path: str, text: str, handler: ast.AsyncFunctionDef, report: Reported) -> Site | None:
    nodes = list(ast.walk(handler))
    assigned = [
        (node.targets[0].id, node.value, node.value.value)
        for node in nodes
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Await)
        and isinstance(node.value.value, ast.Call)
        and isinstance(node.value.value.func, ast.Attribute)
        and node.value.value.func.attr == "process"
    ]
    branches = [node for node in nodes if isinstance(node, ast.If) and "StreamingResult" in ast.unparse(node.test)]
    requests = [each.arg for each in handler.args.args if each.annotation and "Request" in ast.unparse(each.annotation)]
    if len(assigned) != 1 or len(branches) != 1 or not requests:
        return None
    streams = [
        node
        for node in ast.walk(branches[0])
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("StreamingResponse")
    ]
    name, awaited, call = assigned[0]
    plain = [node for node in nodes if isinstance(node, ast.Return) and f"{name}.json" in ast.unparse(node)]
    if len(streams) != 1 or len(plain) != 1:
        return None
    return Site(
        report.checkout, path, text, handler, call, awaited, name, branches[0], streams[0], plain[0], requests[0],
        report.judgements,
    )  # fmt: skip
