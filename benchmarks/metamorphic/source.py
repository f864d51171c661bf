"""One module's text with its syntax, which name means which binding, and edits of spans."""

from __future__ import annotations

import ast
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Scope: TypeAlias = ast.Module | ast.ClassDef | Function | ast.Lambda | ast.expr
Span: TypeAlias = tuple[int, int]
Edit: TypeAlias = tuple[int, int, str]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*FUNCTIONS, ast.ClassDef, ast.Lambda, *_COMPREHENSIONS)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place that names something.

    Attributes:
        node: The name, or the parameter, definition, alias or handler that gives it.
        scope: The scope that the place stands in.
        span: Where the name itself stands in the text's bytes; None where it cannot be replaced alone.
    """

    node: ast.AST
    scope: Scope
    span: Span | None


class Source:
    """A module.

    Args:
        text: Python.

    Raises:
        SyntaxError: It is none.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.bytes = text.encode()
        self.tree = ast.parse(text)
        self._starts = [0]
        for line in self.bytes.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self.parents: dict[ast.AST, ast.AST] = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    def at(self, line: int, column: int) -> int:
        """Offset of a 1-based line and a column in bytes."""
        return self._starts[line - 1] + column

    def line(self, offset: int) -> int:
        """The 1-based line of an offset."""
        return bisect_right(self._starts, offset)

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.alias | ast.keyword | ast.pattern) -> Span:
        """Where `node` stands; a definition with its decorators."""
        first: ast.AST = node
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and node.decorator_list:
            first = node.decorator_list[0]
            start = self.bytes.rfind(b"@", 0, self.at(first.lineno, first.col_offset))
            return start, self.at(node.end_lineno or 0, node.end_col_offset or 0)
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno or 0, node.end_col_offset or 0)

    def of(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> str:
        """The text of `node`."""
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def lines(self, node: ast.stmt) -> Span:
        """From the start of its first line to the start of the line behind its last."""
        start, end = self.span(node)
        return self._starts[self.line(start) - 1], self._starts[self.line(end)]

    def indent(self, node: ast.stmt) -> str:
        """The white space before it."""
        start = self.span(node)[0]
        return self.bytes[self._starts[self.line(start) - 1] : start].decode()

    def alone(self, node: ast.stmt) -> bool:
        """Whether its lines hold nothing else but a comment."""
        start, end = self.span(node)
        here, there = self.lines(node)
        rest = self.bytes[end:there].strip()
        return not self.bytes[here:start].strip() and (not rest or rest.startswith(b"#"))

    def edited(self, edits: Iterable[Edit]) -> str:
        """The text with the spans replaced; where two begin at one place, the earlier one of `edits` comes first."""
        spoilt = self.bytes
        for start, end, text in sorted(edits, key=lambda edit: edit[:2], reverse=True):
            spoilt = spoilt[:start] + text.encode() + spoilt[end:]
        return spoilt.decode()

    def functions(self) -> Iterator[tuple[str, Function]]:
        """Every function with a name that tells it from others of the module."""
        for node in ast.walk(self.tree):
            if isinstance(node, FUNCTIONS):
                yield f"{node.name}:{len(list(self.above(node)))}", node

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What `node` stands in, from the inside."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def top(self, node: ast.AST) -> ast.stmt:
        """The statement of the module that holds `node`."""
        chain = [node, *self.above(node)]
        found = chain[-2]
        assert isinstance(found, ast.stmt)
        return found

    def function(self, node: ast.AST) -> Function | None:
        """The function whose body holds `node`, unless a lambda, class or comprehension is between."""
        below = node
        for each in self.above(node):
            if isinstance(each, FUNCTIONS):
                return each if below in each.body else None
            if isinstance(each, _SCOPES):
                return None
            below = each
        return None

    def scope(self, node: ast.AST) -> Scope:
        """The scope in which the code of `node` runs."""
        chain = [node]
        for each in self.above(node):
            below = chain[-1]
            chain.append(each)
            if isinstance(each, ast.Module):
                return each
            if isinstance(each, (*FUNCTIONS, ast.ClassDef)) and below in each.body:
                return each
            if isinstance(each, (*FUNCTIONS, ast.Lambda)) and below is each.args and isinstance(node, ast.arg):
                return each
            if isinstance(each, ast.Lambda) and below is each.body:
                return each
            if isinstance(each, _COMPREHENSIONS) and not (
                below is each.generators[0] and each.generators[0].iter in chain
            ):
                return each
        return self.tree

    @cached_property
    def bindings(self) -> dict[tuple[Scope, str], list[Occurrence]]:
        """The places that name each binding; what is not bound here counts as the module's."""
        given: list[tuple[str, Occurrence]] = []
        used: list[tuple[str, Occurrence]] = []
        for node in ast.walk(self.tree):
            for name, occurrence, binds in self._named(node):
                (given if binds else used).append((name, occurrence))
        bound = {(each.scope, name) for name, each in given}
        found: dict[tuple[Scope, str], list[Occurrence]] = {}
        for name, each in (*given, *used):
            found.setdefault((self._binder(name, each.scope, bound), name), []).append(each)
        return found

    def _binder(self, name: str, scope: Scope, bound: set[tuple[Scope, str]]) -> Scope:
        inner = scope
        while not isinstance(scope, ast.Module):
            if (scope, name) in bound and (scope is inner or not isinstance(scope, ast.ClassDef)):
                return scope
            scope = self.scope(scope)
        return scope

    def _named(self, node: ast.AST) -> Iterator[tuple[str, Occurrence, bool]]:
        match node:
            case ast.Name(id=name):
                # Within f-strings of several lines Python 3.11 tells wrong places.
                span = self.span(node) if self.of(node) == name else None
                yield name, Occurrence(node, self.scope(node), span), not isinstance(node.ctx, ast.Load)
            case ast.arg(arg=name):
                start = self.span(node)[0]
                yield name, Occurrence(node, self.scope(node), (start, start + len(name.encode()))), True
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                start = self.bytes.index(name.encode(), self.at(node.lineno, node.col_offset) + 4)
                yield name, Occurrence(node, self.scope(node), (start, start + len(name.encode()))), True
            case ast.alias(name=name, asname=asname):
                span = self.span(node)
                if asname:
                    yield asname, Occurrence(node, self.scope(node), (span[1] - len(asname.encode()), span[1])), True
                else:
                    yield name.partition(".")[0], Occurrence(node, self.scope(node), None), True
            case ast.Constant(value=str() as text) if self._is_annotation(node):
                yield from self._quoted(node, text)
            case _:
                yield from ((name, each, True) for name, each in self._bound(node))

    def _bound(self, node: ast.AST) -> Iterator[tuple[str, Occurrence]]:
        """The names that handlers, patterns and declarations give."""
        match node:
            case ast.ExceptHandler(name=str() as name):
                yield name, Occurrence(node, self.scope(node), self._handled(node, name))
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from ((name, Occurrence(node, self.tree, None)) for name in names)
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                yield name, Occurrence(node, self.scope(node), None)
            case ast.MatchMapping(rest=str() as name):
                yield name, Occurrence(node, self.scope(node), None)

    def _handled(self, node: ast.ExceptHandler, name: str) -> Span:
        assert node.type is not None
        start = self.bytes.index(name.encode(), self.bytes.index(b" as ", self.span(node.type)[1]) + 4)
        return start, start + len(name.encode())

    def _is_annotation(self, node: ast.AST) -> bool:
        parent = self.parents.get(node)
        while isinstance(parent, ast.Subscript | ast.BinOp | ast.Tuple):
            node, parent = parent, self.parents.get(parent)
        return node is getattr(parent, "annotation", None) or node is getattr(parent, "returns", None)

    def _quoted(self, node: ast.Constant, text: str) -> Iterator[tuple[str, Occurrence, bool]]:
        start = self.span(node)[0] + 1
        if self.of(node)[1:-1] != text or not text.isascii():
            return
        try:
            inner = ast.parse(text, mode="eval")
        except SyntaxError:
            return
        for each in ast.walk(inner):
            if isinstance(each, ast.Name):
                span = start + each.col_offset, start + (each.end_col_offset or 0)
                yield each.id, Occurrence(node, self.scope(node), span), False


@lru_cache(maxsize=600)
def parsed(text: str) -> Source:
    """The module with this text; nobody changes its tree."""
    return Source(text)


def is_pure(node: ast.expr) -> bool:
    """Whether evaluating `node` does nothing, any number of times: names, attributes, constants."""
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=value):
            return is_pure(value)
        case ast.UnaryOp(operand=operand):
            return is_pure(operand)
        case ast.Dict(keys=keys, values=values):
            return all(each is not None and is_pure(each) for each in (*keys, *values))
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return all(map(is_pure, elements))
        case _:
            return False
