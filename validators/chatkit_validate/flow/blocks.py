"""Order inside a body: which bindings reach a use, and whether a block can be left at its end."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from chatkit_validate.names import Binding, Binds, blocks, children

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatkit_validate.names import Function

    Parents = Mapping[ast.AST, ast.AST]


def completes(body: Sequence[ast.stmt]) -> bool:
    """Whether control can reach the end of `body`: no `return`, `raise` or endless loop is certain to stop it."""
    return all(_passes(statement) for statement in body)


def _passes(statement: ast.stmt) -> bool:
    match statement:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return False
        case ast.If():
            return completes(statement.body) or completes(statement.orelse)
        case ast.While(test=ast.Constant(value=truth)) if truth:
            return any(isinstance(node, ast.Break) for node in inside(statement.body))
        case ast.With() | ast.AsyncWith():
            return completes(statement.body)
        case ast.Try() | ast.TryStar():
            if not completes(statement.finalbody):
                return False
            main = completes(statement.body) and completes(statement.orelse)
            return main or any(completes(handler.body) for handler in statement.handlers)
        case ast.Match():
            open_ended = not any(_irrefutable(case) for case in statement.cases)
            return open_ended or any(completes(case.body) for case in statement.cases)
        case _:
            return True


def _irrefutable(case: ast.match_case) -> bool:
    return case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None


def inside(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Every statement of `body`, those of compound statements included, in source order; no nested functions."""
    found: list[ast.stmt] = []
    stack = list(reversed(body))
    while stack:
        statement = stack.pop()
        found.append(statement)
        for block in reversed(blocks(statement)):
            stack.extend(reversed(block))
    return found


def expressions(root: ast.AST) -> list[ast.AST]:
    """`root` and every node below it that runs with it, in source order; no nested definitions and lambdas."""
    found: list[ast.AST] = []
    stack = [root]
    while stack:
        node = stack.pop()
        found.append(node)
        if node is not root and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        stack.extend(reversed(children(node)))
    return found


@lru_cache(maxsize=16384)
def own_nodes(function: Function) -> tuple[ast.AST, ...]:
    """Every node that runs with the function's own body, in source order; nested definitions left out."""
    found: list[ast.AST] = []
    for statement in function.node.body:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.extend(expressions(statement))
    return tuple(found)


def statement_of(node: ast.AST, parents: Parents) -> ast.AST:
    """The statement (or `except` clause) that `node` is part of; `node` itself if it is one."""
    current: ast.AST | None = node
    while current is not None and not isinstance(current, ast.stmt | ast.ExceptHandler | ast.match_case):
        current = parents.get(current)
    return current or node


def block_of(node: ast.AST, parent: ast.AST) -> Sequence[ast.AST] | None:
    """The statement list of `parent` that directly holds `node`; None where it stands elsewhere (a test, a header)."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and any(item is node for item in block):
            return block
    return None


class Reaching:
    """The bindings of one name that can reach a use, by walking backwards from it through the enclosing blocks."""

    def __init__(self, bindings: Sequence[Binding], parents: Parents) -> None:
        self._parents = parents
        self._at: dict[ast.AST, list[Binding]] = {}
        self._above: set[ast.AST] = set()
        for binding in bindings:
            anchor = statement_of(binding.node, parents) if binding.how is not Binds.PARAMETER else binding.node
            self._at.setdefault(anchor, []).append(binding)
            up: ast.AST | None = parents.get(anchor)
            while up is not None and up not in self._above:
                self._above.add(up)
                up = parents.get(up)
        self.found: list[Binding] = []

    def at(self, use: ast.AST) -> list[Binding]:
        """The bindings that can hold when `use` is evaluated, nearest first."""
        node = statement_of(use, self._parents)
        while True:
            parent = self._parents.get(node)
            if parent is None:
                break
            block = block_of(node, parent)
            if block is not None and self._backwards(node, block, parent):
                return self.found
            if isinstance(parent, ast.stmt | ast.ExceptHandler) and self._header(parent):
                return self.found
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module):
                break
            node = parent
        self._take([binding for found in self._at.values() for binding in found if binding.how is Binds.PARAMETER])
        return self.found

    def _take(self, bindings: Sequence[Binding]) -> None:
        self.found.extend(binding for binding in bindings if binding not in self.found)

    def _backwards(self, node: ast.AST, block: Sequence[ast.AST], parent: ast.AST) -> bool:
        if isinstance(parent, ast.Try | ast.TryStar) and block is not parent.body:
            # Any part of the try body may have run when a handler or the finally block does.
            self._within(parent.body)
            if block is parent.handlers:
                return False
        position = next(index for index, item in enumerate(block) if item is node)
        for earlier in reversed(block[:position]):
            if self._definite(earlier):
                return True
        if isinstance(parent, ast.For | ast.AsyncFor | ast.While) and block is parent.body:
            self._within(parent.body)
        return False

    def _header(self, parent: ast.AST) -> bool:
        """Bindings of a compound statement's header hold inside it: `with ... as`, `for ... in`, `except ... as`."""
        bindings = self._at.get(parent, [])
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return False
        self._take(bindings)
        return bool(bindings)

    def _within(self, body: Sequence[ast.AST]) -> None:
        for statement in body:
            if statement in self._at or statement in self._above:
                for node in inside([statement]) if isinstance(statement, ast.stmt) else []:
                    self._take(self._at.get(node, []))

    def _definite(self, statement: ast.AST) -> bool:
        """Takes the bindings `statement` makes; whether one of them certainly holds after it."""
        own = self._at.get(statement, [])
        self._take([binding for binding in own if binding.how is not Binds.EXCEPT])
        if own and not isinstance(statement, ast.For | ast.AsyncFor | ast.ExceptHandler):
            return not all(binding.how is Binds.AUGMENT for binding in own)
        if statement not in self._above or not isinstance(statement, ast.stmt):
            return False
        match statement:
            case ast.If() if statement.orelse:
                branches = [self._block(statement.body), self._block(statement.orelse)]
                return all(branches)
            case ast.With() | ast.AsyncWith():
                return self._block(statement.body)
            case ast.Try() | ast.TryStar():
                if self._block(statement.finalbody):
                    return True
                main = [self._block(statement.orelse) or self._block(statement.body)]
                main.extend(self._block(handler.body) for handler in statement.handlers)
                return all(main)
            case _:
                for block in blocks(statement):
                    self._block(block)
                return False

    def _block(self, body: Sequence[ast.stmt]) -> bool:
        leaves = bool(body) and not completes(body)
        if leaves and not any(isinstance(item, ast.Break | ast.Continue) for item in inside(body)):
            return True  # What is bound before a return or raise never reaches a use after the block.
        return any(self._definite(statement) for statement in reversed(body)) or leaves
