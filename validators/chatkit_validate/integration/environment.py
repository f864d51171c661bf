"""Environment variables: which the code reads, and which the example file names."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from chatkit_validate.integration import modules, subjects
from chatkit_validate.integration.evidence import Found
from chatkit_validate.integration.settings import SettingsClass, fields, option
from chatkit_validate.record import dataclass
from chatkit_validate.source import Place
from chatkit_validate.source.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration.model import Integration
    from chatkit_validate.names import Module

_EXAMPLE = r"(?i)\.?env[._-](?:example|sample|template|dist)(?:\.txt)?|(?:example|sample|template)\.env"
_LINE = r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)"
_READS = frozenset({"os.getenv", "os.environ.get", "os.environ.pop"})


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that the code reads or the example file names.

    Attributes:
        name: Upper case.
        where: The read, the field or the line.
        value: The value that the example shows; empty for reads.
        prefix: The `env_prefix` that is part of the name, for fields of settings; empty for others.
        by_library: Whether a library reads it, not the project's own code.
    """

    name: str
    where: Place
    value: str = ""
    prefix: str = ""
    by_library: bool = False


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables of one application.

    Attributes:
        example: Those of the nearest folder's example files, in order.
        example_path: The first of those files; empty where there is none.
        read: Those that the application's modules read, in order of path and line.
    """

    example: tuple[Variable, ...]
    example_path: str
    read: tuple[Variable, ...]

    def shown(self, name: str) -> Variable | None:
        """The example's line for a variable."""
        return next((one for one in self.example if one.name == name.upper()), None)


def environment(integration: Integration, root: str) -> Environment:
    """The variables that the application reads, and its example file's."""
    texts = Texts(integration.flow.project.root)
    example: tuple[Variable, ...] = ()
    path = ""
    for folder in subjects.folders(integration):
        for candidate in (PurePosixPath(folder), *PurePosixPath(folder).parents):
            names = [name for name in texts.names(str(candidate)) if re.fullmatch(_EXAMPLE, name)]
            if names and not path:
                path = str(candidate / names[0])
                example = tuple(one for name in names for one in _lines(texts, str(candidate / name)))
    reached = integration.once(modules.modules, root)
    read = [one for module in reached for one in _reads(integration, module)]
    read.extend(_by_library(reached))
    for settings in integration.subjects("setting"):
        if isinstance(settings, SettingsClass):
            read.extend(_fields(integration, settings))
    return Environment(example, path, tuple(sorted(read, key=lambda one: one.where)))


def _by_library(reached: tuple[Module, ...]) -> Iterator[Variable]:
    """The key that OpenAI's client and the Agents SDK read themselves."""
    for module in reached:
        for bindings in module.scope.bindings.values():
            for binding in bindings:
                if binding.source.partition(".")[0] in {"agents", "openai"}:
                    yield Variable("OPENAI_API_KEY", module.place(binding.node), by_library=True)
                    return


def _lines(texts: Texts, path: str) -> Iterator[Variable]:
    text = texts.read(path)
    for number, line in enumerate(text.splitlines() if isinstance(text, str) else (), 1):
        # A commented assignment still tells people the name.
        match = re.fullmatch(_LINE, line.lstrip("# "))
        if match is not None:
            yield Variable(match[1].upper(), Place(path, number), match[2].strip().strip("\"'"))


def _reads(integration: Integration, module: Module) -> Iterator[Variable]:
    for node in module.nodes:
        key: ast.expr | None = None
        external = integration.flow.project.external
        match node:
            case ast.Call(func=func, args=[first, *_]) if external(func, module.scope) in _READS:
                key = first
            case ast.Subscript(value=value, slice=item, ctx=ast.Load()) if (
                external(value, module.scope) == "os.environ"
            ):
                key = item
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[held]) if (
                external(held, module.scope) == "os.environ"
            ):
                key = left
            case _:
                continue
        named = _name(integration, module, key)
        if named:
            yield Variable(named.upper(), module.place(node))


def _name(integration: Integration, module: Module, key: ast.expr) -> str:
    """The variable that `key` names, itself or by a constant of the module; empty where it is computed."""
    if isinstance(key, ast.Name) and key.id in module.scope.bindings:
        literals = integration.flow.constants(key, integration.flow.module_frame(module)) or ()
        return str(literals[0]) if len(literals) == 1 else ""
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def _fields(integration: Integration, settings: SettingsClass) -> Iterator[Variable]:
    prefix = settings.env_prefix.value.upper() if isinstance(settings.env_prefix, Found) else ""
    delimiter = option(integration.flow, settings.cls, "env_nested_delimiter")
    held = fields(integration.flow, settings)
    if isinstance(delimiter, Found) and delimiter.value:
        from chatkit_validate.integration.nested_settings import nested

        held = (*held, *nested(integration.flow, settings, delimiter.value))
    for field in held:
        for name in field.variables:
            yield Variable(name, field.where, prefix=prefix if prefix and name.startswith(prefix) else "")
