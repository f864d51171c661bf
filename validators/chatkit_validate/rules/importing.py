"""Names that a fix needs: the one a module has for a thing, or the edit that imports it where imports stand."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.rules.editing import indentation, inserted, line_end, line_start, newline, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.names import Module
    from chatkit_validate.rules.edit import Edit

_LIBRARIES = frozenset({"chatkit", "fastapi", "pydantic", "pydantic_settings", "starlette"})
_MARKED = re.compile(r"#[ \t]*noqa\b.*\bE402\b[^\r\n]*")


def imported(module: Module, source: str, name: str, *others: str) -> tuple[str, tuple[Edit, ...]]:
    """What `module` calls the thing `name` of the module `source`, and the edits that import it where it does not yet.

    A new name goes into an import of the same module, else behind one of the same package or behind the longest block
    of imports before the first definition: below `load_dotenv()` where the other imports are. Its line is marked for
    E402 as its neighbour is.

    Args:
        module: The module that needs it.
        source: Dotted name of the module that has it.
        name: Its name there.
        others: Dotted names of further modules that have the same thing.
    """
    for known in (source, *others):
        if local := _known(module, known, name):
            return local, ()
    local = _free(module, source, name)
    written = name if local == name else f"{name} as {local}"
    host = next((one for one in _imports(module) if _extends(module, one, source)), None)
    if host is not None:
        return local, (_extended(module, host, name, written),)
    return local, (_added(module, source, f"from {source} import {written}"),)


def _known(module: Module, source: str, name: str) -> str | None:
    """How the module's top level already names it."""
    for statement in _imports(module):
        for alias in statement.names:
            local = alias.asname or alias.name
            if isinstance(statement, ast.ImportFrom):
                if statement.level == 0 and statement.module == source and alias.name == name and _means(module, local):
                    return local
            elif alias.name == source and (alias.asname or "." not in source) and _means(module, local):
                return f"{local}.{name}"
    return None


def _imports(module: Module) -> Iterator[ast.Import | ast.ImportFrom]:
    return (one for one in module.file.tree.body if isinstance(one, ast.Import | ast.ImportFrom))


def _means(module: Module, local: str) -> bool:
    """Whether the module binds `local` once, so that it means the same everywhere."""
    return _bound(module).count(local) == 1


def _bound(module: Module) -> list[str]:
    """Every name that anything in the module binds, as often as it does."""
    found: list[str] = []
    for node in module.nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                found.append(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.append(name)
            case ast.alias(name=name, asname=local):
                found.append(local or name.partition(".")[0])
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.append(name)
            case _:
                continue
    return found


def _free(module: Module, source: str, name: str) -> str:
    """`name`, or one made of it that the module does not use."""
    used = {*_bound(module), *(node.id for node in module.nodes if isinstance(node, ast.Name))}
    prefixed = source.partition(".")[0].capitalize() + name
    candidates = (name, prefixed, *(f"{prefixed}{number}" for number in range(2, 100)))
    return next(one for one in candidates if one not in used)


def _extends(module: Module, statement: ast.Import | ast.ImportFrom, source: str) -> bool:
    """Whether a name can be added to this `from source import a, b`."""
    if not isinstance(statement, ast.ImportFrom) or statement.level or statement.module != source:
        return False
    start, end = span(module, statement)
    text = module.file.text[start:end]
    return not any(alias.name == "*" for alias in statement.names) and "\\" not in text


def _extended(module: Module, host: ast.Import | ast.ImportFrom, name: str, written: str) -> Edit:
    """Adds `written` in alphabetical place where the names are in order, else as the last one."""
    later = [alias for alias in host.names if _order(alias.name) > _order(name)]
    ordered = [alias.name for alias in host.names] == sorted((alias.name for alias in host.names), key=_order)
    start = span(module, later[0])[0] if later and ordered else None
    if start is not None:
        line = module.place(later[0]).line
        own_line = not module.file.text[line_start(module, line) : start].strip()
        gap = f",{newline(module)}{indentation(module, line)}" if own_line else ", "
        return inserted(module, start, f"{written}{gap}")
    first, end = span(module, host.names[-1])
    line = module.place(host.names[-1]).line
    own_line = not module.file.text[line_start(module, line) : first].strip()
    gap = f",{newline(module)}{indentation(module, line)}" if own_line else ", "
    return inserted(module, end, f"{gap}{written}")


def _order(name: str) -> tuple[int, str]:
    """As ruff and isort order members: constants, classes, the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def _added(module: Module, source: str, line: str) -> Edit:
    """A new line behind an import of the same package, else behind the longest block of imports."""
    runs = list(_runs(module))
    block = max(runs, key=len, default=[])
    related = [one for run in (*runs, block) for one in run if _package(one) == source.partition(".")[0]]
    beside = [one for one in block if _package(one) in _LIBRARIES]
    if anchor := (related or beside or block)[-1:]:
        at = line_end(module, span(module, anchor[0])[1])
        first = module.file.lines[anchor[0].lineno - 1]
        mark = "  # noqa: E402 - as above" if _MARKED.search(first) else ""
        return inserted(module, at, f"{newline(module)}{line}{mark}")
    return _first(module, line)


def _package(statement: ast.Import | ast.ImportFrom) -> str:
    if isinstance(statement, ast.ImportFrom):
        return "." if statement.level else (statement.module or "").partition(".")[0]
    return statement.names[0].name.partition(".")[0]


def _runs(module: Module) -> Iterator[list[ast.Import | ast.ImportFrom]]:
    """The blocks of imports that stand before the module's first function or class, `__future__` left out."""
    run: list[ast.Import | ast.ImportFrom] = []
    for statement in module.file.tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            if run:
                yield run
            run = []
        elif _package(statement) != "__future__":
            run.append(statement)
    if run:
        yield run


def _first(module: Module, line: str) -> Edit:
    """The module's first import: below its docstring, its `__future__` imports and the comments it begins with."""
    body, end = module.file.tree.body, newline(module)
    above = None
    for statement in body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not (docstring or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__")):
            break
        above = statement
    if above is not None:
        return inserted(module, line_end(module, span(module, above)[1]), f"{end}{end}{line}")
    first = body[0]
    decorators = getattr(first, "decorator_list", [])
    number = min([first.lineno, *(one.lineno for one in decorators)])
    return inserted(module, line_start(module, number), f"{line}{end}{end}{end}")
