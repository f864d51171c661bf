"""CK405: what is not there is not found, and nothing else."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.rules.edit import Fix, Shown
from chatkit_validate.rules.rehearsed import judged, left_out
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Level, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.evidence import Found
    from chatkit_validate.integration.storage.stores import Method
    from chatkit_validate.integration.storage.trial import Fault
    from chatkit_validate.names import Module

RULE = Rule(
    code="CK405",
    name="not-found-not-raised",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.STORE),
    skill="chatkit-integration",
    subject="store method",
    what="`load_thread`, `load_item` and `load_attachment` raise `chatkit.store.NotFoundError` for every id that "
    "names nothing of this user, in this thread; ill-formed ids (empty, with U+0000, 5000 characters long) "
    "included. Deletes and lists may have nothing to do instead, but raise nothing else.",
    why="`NotFoundError` is the one exception by which an endpoint can tell a stale link from a defect. None "
    "instead ends `threads.get_by_id` with `AttributeError`; `ValueError`, or the database's error for an id that "
    "is no UUID or holds U+0000, ends in 500; a thread made up for an unknown id takes messages that nobody will "
    "find.",
    instead="Raise `NotFoundError` whenever the query finds no row, and keep ids in `text` columns; refuse U+0000, "
    "which PostgreSQL does not take, in the same way.",
    sources=("chatkit/store.py:44: NotFoundError; chatkit/server.py:1016: _load_full_thread (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good='            raise NotFoundError(f"No {kind} {id}")\n',
        bad="            raise KeyError(id)\n",
    ),
    fix="safe or unsafe: raises `NotFoundError` in the place of another exception or of `return None`, which whoever "
    "else calls the method may expect; or first of all for an id that holds U+0000, which nothing answered before. "
    "A thread that is made up for an unknown id is not mended.",
)


def decide(method: Method, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges what a rehearsal of the method comes to."""
    from chatkit_validate.integration.storage import absence

    if (excuse := left_out(method)) is not None:
        return excuse
    return judged(
        integration.once(absence.unanswered, method),
        method,
        fine="answers NotFoundError, or has nothing to do, for an id that names nothing",
        way_out="Raise `chatkit.store.NotFoundError` whenever there is no such row, "
        "before or instead of anything else.",
        mend=partial(_fix, integration, method),
    )


def _fix(integration: Integration, method: Method, fault: Found[Fault]) -> Fix | None:
    from chatkit_validate.integration.storage import absence

    if absence.NUL in fault.value.told:
        return _refusing(method, cursor=absence.CURSOR in fault.value.told or method.method == "load_threads")
    module = integration.flow.project.module(fault.where.path)
    raised = next((one for one in _statements(module, ast.Raise) if module and module.place(one) == fault.where), None)
    if module is not None and isinstance(raised, ast.Raise) and raised.exc is not None:
        return _replaced(module, raised.exc, _arguments(module, raised.exc))
    returned = [one for one in ast.walk(method.function.node) if isinstance(one, ast.Return) and _nothing(one.value)]
    if fault.value.told.startswith("returns None") and len(returned) == 1:
        return _replaced(method.function.module, returned[0], f'("No such {_kind(method)}")', "raise ")
    return None


def _statements(module: Module | None, kind: type[ast.stmt]) -> tuple[ast.AST, ...]:
    return tuple(one for one in (module.nodes if module else ()) if isinstance(one, kind))


def _nothing(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _kind(method: Method) -> str:
    return method.method.rpartition("_")[2].removesuffix("s")


def _arguments(module: Module, raised: ast.expr) -> str:
    """What NotFoundError is made with: what the other exception was, where that is one text."""
    from chatkit_validate.rules import editing

    given = raised.args if isinstance(raised, ast.Call) and not raised.keywords else []
    return f"({editing.source(module, given[0])})" if len(given) == 1 else ""


def _replaced(module: Module, node: ast.AST, arguments: str, before: str = "") -> Fix:
    from chatkit_validate.rules import editing
    from chatkit_validate.rules.importing import imported

    local, imports = imported(module, "chatkit.store", "NotFoundError")
    edits = (*imports, editing.replaced(module, node, f"{before}{local}{arguments}"))
    return Fix(safe=False, edits=tuple(sorted(edits, key=lambda edit: edit.start)))


def _refusing(method: Method, *, cursor: bool) -> Fix | None:
    """Refuses an id that holds U+0000 before anything else is done with it."""
    from chatkit_validate.rules import editing
    from chatkit_validate.rules.importing import imported

    module, node = method.function.module, method.function.node
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)][1:]
    first = next((one for one in node.body if not _is_docstring(one)), None)
    position = int(cursor or method.method in {"load_item", "delete_thread_item"})
    if first is None or first.lineno == node.lineno or len(names) <= position:
        return None
    name = names[position]
    asked = f"{name} and " if cursor else ""
    local, imports = imported(module, "chatkit.store", "NotFoundError")
    margin, end = editing.indentation(module, first.lineno), editing.newline(module)
    unit = "\t" if margin.startswith("\t") else "    "
    lines = (f'{margin}if {asked}"\\0" in {name}:{end}', f'{margin}{unit}raise {local}("No id holds U+0000"){end}')
    edits = (*imports, editing.inserted(module, editing.line_start(module, first.lineno), "".join(lines)))
    return Fix(safe=True, edits=tuple(sorted(edits, key=lambda edit: edit.start)))


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
