"""One module of the project: a file, its namespace and its place in packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.names.scope import Function, Scope, collect
from chatkit_validate.names.syntax import all_nodes, parent_map
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from chatkit_validate.source import Place, SourceFile


@dataclass(slots=True, eq=False, repr=False)
class Module:
    """A module whose file was read.

    Attributes:
        file: Its text and tree.
        package: Whether the file is an `__init__.py`.
    """

    file: SourceFile
    package: bool
    _scope: Scope | None = None
    _globals: dict[str, list[Function]] | None = None
    _walrus: bool | None = None
    _nodes: tuple[ast.AST, ...] | None = None
    _parents: dict[ast.AST, ast.AST] | None = None

    @property
    def walrus(self) -> bool:
        """Whether the file may hold an assignment expression."""
        if self._walrus is None:
            self._walrus = ":=" in self.file.text
        return self._walrus

    @property
    def path(self) -> str:
        """Path relative to the checked tree."""
        return self.file.path

    @property
    def folder(self) -> str:
        """Its folder relative to the checked tree; empty for the tree itself."""
        return self.file.path.rpartition("/")[0]

    @property
    def scope(self) -> Scope:
        """Its namespace, read on first use."""
        if self._scope is None:
            self._scope = Scope(self, None, None)
            collect(self._scope, self.file.tree.body)
        return self._scope

    @property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The syntactic parent of every node in the file."""
        if self._parents is None:
            self._parents = parent_map(self.file.tree)
        return self._parents

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the file, level by level, collected on first use."""
        if self._nodes is None:
            self._nodes = all_nodes(self.file.tree)
        return self._nodes

    def functions(self) -> Iterator[Function]:
        """Every function and method of the module, nested ones included."""
        stack = [self.scope]
        while stack:
            scope = stack.pop()
            for function in scope.functions:
                yield function
                stack.append(function.scope)
            stack.extend(cls.scope for cls in scope.classes)

    def global_writers(self, name: str) -> list[Function]:
        """The functions that declare `name` global and so may bind it at run time."""
        if self._globals is None:
            self._globals = {}
            # Reading every function body is worth it only where the statement occurs at all.
            for function in self.functions() if "global " in self.file.text else ():
                for declared in function.scope.outer:
                    self._globals.setdefault(declared, []).append(function)
        return self._globals.get(name, [])

    def place(self, node: ast.AST) -> Place:
        """Where `node` stands."""
        return self.file.place(node)
