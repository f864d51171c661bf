"""The files of an application as rules about start-up judge them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.integration.startup import LOAD_DOTENV, Startup, startup
from chatkit_validate.record import dataclass
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chatkit_validate.flow import Flow
    from chatkit_validate.names import Module, Project

_SET_UP = frozenset({"os.putenv", "os.environ.setdefault", "os.environ.update"})


@dataclass(frozen=True, slots=True)
class LateImport:
    """An import of a module's body that stands below other code.

    Attributes:
        first: The import: the first below the set-up of the environment, where there is one.
        after: The set-up: a `load_dotenv()` call or a write to `os.environ`; None where other code stands above.
    """

    first: Place
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class ApplicationFile:
    """One file that the application imports; the subject of rules about files.

    Attributes:
        name: Its path relative to the checked tree.
        where: The file.
        tree: The checked tree, for programs that are asked about the file.
        late: Its imports below other code, or None.
        startup: What importing it does with the environment, for the application's main module; None for others.
        beside: All files of the application with such imports, so that a program need be started once only.
        first: Whether it stands for the application where a rule has nothing to say of any single file.
    """

    kind: ClassVar[str] = "file"
    name: str
    where: Place
    tree: Path
    late: LateImport | None = None
    startup: Startup | None = None
    beside: tuple[str, ...] = ()
    first: bool = False


def application_files(
    flow: Flow, mains: Iterable[Module], reached: Iterable[Module], tree: Path
) -> tuple[ApplicationFile, ...]:
    """The main modules, then every other file the application reaches.

    Args:
        flow: The engine.
        mains: The modules whose import starts an application.
        reached: All modules the applications import.
        tree: The checked tree.
    """
    starts = {main: startup(flow, main) for main in mains}
    late = {}
    for module in dict.fromkeys((*starts, *reached)):
        late[module] = late_import(flow.project, module)
    beside = tuple(module.path for module, found in late.items() if found)
    return tuple(
        ApplicationFile(module.path, Place(module.path, 1), tree, found, starts.get(module), beside, position == 0)
        for position, (module, found) in enumerate(late.items())
    )


def late_import(project: Project, module: Module) -> LateImport | None:
    """The first import of the module's body below a set-up of the environment, else the first below other code."""
    after, code, first = None, False, None
    for statement in module.file.tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            if after is not None:
                return LateImport(module.place(statement), after)
            if code and first is None:
                first = LateImport(module.place(statement))
        else:
            code = code or not _may_precede(statement)
            if after is None and _sets_up(project, module, statement):
                after = module.place(statement)
    return first


def _may_precede(statement: ast.stmt) -> bool:
    """A docstring, a conditional import: ruff allows them above imports, and decides on the rest itself."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.If | ast.Try) and any(
        isinstance(inner, ast.Import | ast.ImportFrom) for inner in statement.body
    )


def _sets_up(project: Project, module: Module, statement: ast.stmt) -> bool:
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            return False
        if isinstance(node, ast.Call) and project.external(node.func, module.scope) in LOAD_DOTENV | _SET_UP:
            return True
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and project.external(node.value, module.scope) == "os.environ"
        ):
            return True
    return False
