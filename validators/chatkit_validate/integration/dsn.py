"""The URLs that reach asyncpg."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Part, Structure
from chatkit_validate.flow.influence import influences
from chatkit_validate.integration import environment, modules
from chatkit_validate.integration.application import argument
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from chatkit_validate.flow import Frame
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.source import Place

_OPENS = frozenset({"asyncpg.create_pool", "asyncpg.connect", "asyncpg.pool.create_pool", "asyncpg.connection.connect"})
_SQLALCHEMY = r"postgres(?:ql)?\+\w+:"
_STRIPS = frozenset({"replace", "removeprefix", "sub", "split", "partition", "set"})


@dataclass(frozen=True, slots=True)
class Dsn:
    """A URL as one call gets it.

    Attributes:
        where: The call.
        sqlalchemy: Where a SQLAlchemy URL stands that may become it, in the code or the example file; None if nowhere.
        stripped: Whether the text passes a method that can take the driver out.
    """

    where: Place
    sqlalchemy: Place | None
    stripped: bool


def dsns(integration: Integration, root: str) -> tuple[Dsn, ...]:
    """The URLs of every asyncpg pool and connection in the modules that the application imports."""
    found = []
    for module in integration.once(modules.modules, root):
        if "asyncpg" not in module.file.text:
            continue
        for frame, call in integration.routing.calls(module):
            scope = frame.function.scope if frame.function else module.scope
            if integration.flow.project.external(call.func, scope) in _OPENS:
                found.append(_read(integration, root, call, frame))
    return tuple(found)


def _read(integration: Integration, root: str, call: ast.Call, frame: Frame) -> Dsn:
    expression = argument(call, "dsn", 0)
    where = frame.place(call)
    if expression is None:
        return Dsn(where, None, stripped=False)
    written, stripped = None, False
    held = integration.once(environment.environment, root)
    for value in influences(integration.flow, expression, frame):
        match value:
            case Constant(value=str() as text, node=node, frame=inner):
                if re.match(_SQLALCHEMY, text):
                    written = written or inner.place(node)
                shown = held.shown(text) if text.isidentifier() else None
                if shown is not None and re.match(_SQLALCHEMY, shown.value):
                    written = written or shown.where
            case Structure(node=ast.JoinedStr(values=[ast.Constant(value=str() as text), *_]) as node, frame=inner):
                if re.match(_SQLALCHEMY, text):
                    written = written or inner.place(node)
            case Part(base=Part(key=str() as key), key="()", node=ast.Call() as made, frame=inner) if key in _STRIPS:
                stripped |= _takes_out(integration, made, inner)
            case Foreign(name=name, node=ast.Call() as made, frame=inner) if inner is not None:
                stripped |= name.rpartition(".")[2].removesuffix("()") in _STRIPS and _takes_out(
                    integration, made, inner
                )
            case _:
                continue
    if written is None:
        written = _of_field(expression, held)
    return Dsn(where, written, stripped)


def _takes_out(integration: Integration, call: ast.Call, frame: Frame) -> bool:
    """Whether a call of `replace` and the like can take the driver out: not where its arguments put one in."""
    literals = [integration.flow.constants(one, frame) for one in call.args]
    texts = [str(one) for found in literals[-1:] for one in found or ()]
    return len(literals) < 2 or not any(re.match(_SQLALCHEMY, text) or text.startswith("+") for text in texts)


def _of_field(expression: ast.expr, held: environment.Environment) -> Place | None:
    """A settings field read as it is, which the example shows with SQLAlchemy's scheme."""
    name = expression.attr if isinstance(expression, ast.Attribute) else ""
    fields = [one for one in held.read if name and one.name.endswith(name.upper())]
    for one in fields:
        shown = held.shown(one.name)
        if shown is not None and re.match(_SQLALCHEMY, shown.value):
            return shown.where
    return None
