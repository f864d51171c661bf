"""The modules that an application can run: what its main modules import, at import or later inside functions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.integration import subjects
from chatkit_validate.names.unparse import unparse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.integration.model import Integration
    from chatkit_validate.names import Module, Project

_MANY = 4000


def modules(integration: Integration, _root: str) -> tuple[Module, ...]:
    """Every module of the project that the application reaches by imports, main modules first.

    Tests, scripts and dead alternatives that nothing imports are not among them. Where no endpoint names an
    application, the modules of the server classes are the start.
    """
    start = subjects.mains(integration) or tuple(server.cls.module for server in integration.servers)
    return tuple(closure(integration.flow.project, start))


def closure(project: Project, start: Iterable[Module]) -> dict[Module, None]:
    """The modules of `start` and all they import, directly or not, in the order they are met."""
    found: dict[Module, None] = {}
    queue = list(start)
    for module in queue:
        if module not in found and len(found) < _MANY:
            found[module] = None
            queue.extend(_imported(project, module))
    return found


def _imported(project: Project, module: Module) -> Iterator[Module]:
    folder = module.folder
    while folder:
        package = f"{folder}/__init__.py"
        if package not in project.index.files:
            break
        if opened := project.module(package):
            yield opened
        folder = folder.rpartition("/")[0]
    for node in _imports(module.file.tree):
        for source in sources(node):
            location = next(iter(project.locate(module, source)), "")
            if location and not location.endswith("/") and (opened := project.module(location)):
                yield opened
    for name in _run(module):
        location = next(iter(project.locate(module, name)), "")
        if location and not location.endswith("/") and (opened := project.module(location)):
            yield opened


def _run(module: Module) -> Iterator[str]:
    """Modules that the code starts as programs of their own: `[sys.executable, "-m", "tasks.tool_server"]`."""
    if '"-m"' not in module.file.text and "'-m'" not in module.file.text:
        return
    for node in module.nodes:
        if isinstance(node, ast.List | ast.Tuple):
            for flag, name in zip(node.elts, node.elts[1:], strict=False):
                stated = isinstance(flag, ast.Constant) and flag.value == "-m" and isinstance(name, ast.Constant)
                if stated and isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield name.value


def _imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            stack.extend(node.orelse)
        elif not isinstance(node, ast.expr):
            stack.extend(ast.iter_child_nodes(node))


def sources(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The modules an import runs, in order, as written: packages, the module, members that may be submodules."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            parts = alias.name.split(".")
            yield from (".".join(parts[: length + 1]) for length in range(len(parts)))
        return
    dots, parts = "." * node.level, (node.module or "").split(".")
    base = dots + (node.module or "")
    if node.module:
        yield from (dots + ".".join(parts[: length + 1]) for length in range(len(parts)))
    else:
        yield base
    joint = "" if base.endswith(".") else "."
    yield from (f"{base}{joint}{alias.name}" for alias in node.names if alias.name != "*")
