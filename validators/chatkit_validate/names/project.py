"""A tree of Python modules, loaded one by one as questions need them, and what names mean in it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from chatkit_validate.names.index import Index, index
from chatkit_validate.names.library import canonical
from chatkit_validate.names.module import Module
from chatkit_validate.names.scope import Binding, Binds, Class, Function, Scope
from chatkit_validate.record import dataclass, field
from chatkit_validate.source import Problem, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_HOPS = 24
# Distributions that a same-named folder elsewhere in the repository does not replace.
_DISTRIBUTIONS = frozenset(
    [
        "agents",
        "chatkit",
        "fastapi",
        "starlette",
        "mcp",
        "openai",
        "pydantic",
        "pydantic_settings",
        "sqlalchemy",
        "sqlmodel",
        "httpx",
        "jwt",
        "jose",
        "asyncpg",
        "dotenv",
        "uvicorn",
        "typing",
        "asyncio",
        "json",
        "os",
        "logging",
        "datetime",
        "uuid",
        "contextlib",
        "collections",
        "dataclasses",
    ]
)


@dataclass(frozen=True, slots=True)
class External:
    """A name defined outside the project, by the dotted name under which its library defines it."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A name that a module, class or function binds by something other than a definition or an import."""

    scope: Scope
    name: str
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class Namespace:
    """A package without `__init__.py`: the folder it is."""

    folder: str


Definition: TypeAlias = "Module | Namespace | Class | Function | Variable | External"


@dataclass(slots=True, eq=False)
class Project:
    """What names mean in a tree of Python files.

    Modules are read when a question first needs them. The local package wins over a distribution of the same
    name, unless it lacks the member that is imported.

    Attributes:
        paths: Every Python file of the tree, relative, with forward slashes.
        read: Reads one of them.
        root: The checked tree, for readers of what is no Python: requirements, configuration.
        problems: Files that some question needed and that could not be analysed.
    """

    paths: tuple[str, ...]
    read: Callable[[str], SourceFile | Problem]
    root: Path = Path()
    problems: dict[str, Problem] = field(default_factory=dict)
    index: Index = field(init=False)
    _modules: dict[str, Module | None] = field(default_factory=dict)
    _located: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _members: dict[tuple[Module, str], tuple[Definition, ...]] = field(default_factory=dict)
    _pending: set[tuple[Module, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.index = index(self.paths)

    def module(self, path: str) -> Module | None:
        """The module in the file at `path`; None where it cannot be analysed (see `problems`)."""
        if path not in self._modules:
            file = self.read(path)
            if isinstance(file, Problem):
                self.problems[path] = file
                self._modules[path] = None
            else:
                self._modules[path] = Module(file, path.endswith("__init__.py"))
        return self._modules[path]

    def loaded(self) -> Iterator[Module]:
        """The modules read so far."""
        return (module for module in list(self._modules.values()) if module is not None)

    def locate(self, module: Module, source: str) -> tuple[str, ...]:
        """The files (or folders, ending in a slash) that import `source` in `module` may mean, likeliest first."""
        key = (module.folder, source)
        if key not in self._located:
            self._located[key] = tuple(self._candidates(module, source))
        return self._located[key]

    def _candidates(self, module: Module, source: str) -> Iterator[str]:
        level = len(source) - len(source.lstrip("."))
        dotted = source[level:]
        if level:
            folder = module.folder
            for _ in range(level - 1):
                folder = folder.rpartition("/")[0]
            relative = self.index.locate(folder, dotted) if dotted else self._package(folder)
            if relative:
                yield relative
            return
        top = dotted.partition(".")[0]
        roots = self.index.roots(module.folder)
        found_any = False
        for root in roots:
            package = f"{root}/__init__.py" if root else "__init__.py"
            if package in self.index.files and top in _DISTRIBUTIONS:
                continue
            found = self.index.locate(root, dotted)
            if found and (found != module.path or module.package):
                found_any = True
                yield found
        if not found_any and top not in _DISTRIBUTIONS:
            holders = self.index.elsewhere(top)
            if len(holders) == 1 and (only := self.index.locate(holders[0], dotted)):
                yield only

    def _package(self, folder: str) -> str:
        init = f"{folder}/__init__.py" if folder else "__init__.py"
        return init if init in self.index.files else f"{folder}/"

    def _open(self, location: str) -> Module | Namespace | None:
        return Namespace(location[:-1]) if location.endswith("/") else self.module(location)

    def imported(self, module: Module, source: str, member: str = "") -> tuple[Definition, ...]:
        """What `from source import member` (or `import source`, without member) binds in `module`."""
        namespaces: list[Definition] = []
        for location in self.locate(module, source):
            found = self._open(location)
            if found is None:
                continue
            if not member:
                if isinstance(found, Module):
                    return (found,)
                namespaces.append(found)
                continue
            # A package that imports its own submodule by the package's name means the submodule.
            own = self.index.locate(module.folder, member) if found is module and module.package else None
            inner = self._open(own) if own else None
            members = (inner,) if inner else self.members(found, member)
            if members:
                return members
        if namespaces:
            return tuple(namespaces[:1])
        if source.startswith("."):
            return ()
        return (External(canonical(f"{source}.{member}" if member else source)),)

    def members(self, module: Module | Namespace, name: str) -> tuple[Definition, ...]:
        """What `name` of a module may mean, submodules included; empty where it is not there."""
        if isinstance(module, Namespace):
            location = self.index.locate(module.folder, name)
            found = self._open(location) if location else None
            return (found,) if found else ()
        key = (module, name)
        if key in self._members:
            return self._members[key]
        if key in self._pending:
            return ()
        self._pending.add(key)
        try:
            found_all = tuple(self._module_members(module, name))
        finally:
            self._pending.discard(key)
        self._members[key] = found_all
        return found_all

    def _module_members(self, module: Module, name: str) -> Iterator[Definition]:
        bindings = module.scope.bindings.get(name)
        if bindings:
            yield from self.meanings(module.scope, name, bindings)
            return
        for star in module.scope.stars:
            for location in self.locate(module, star):
                found = self._open(location)
                members = self.members(found, name) if isinstance(found, Module) else ()
                if members:
                    yield from members
                    return
        if module.package:
            submodule = self.index.locate(module.folder, name)
            inner = self._open(submodule) if submodule else None
            if inner:
                yield inner
                return
        if module.global_writers(name):
            yield Variable(module.scope, name, ())

    def meanings(self, scope: Scope, name: str, bindings: Iterable[Binding]) -> tuple[Definition, ...]:
        """What `bindings` of `name` in `scope` mean: definitions and imports followed, the rest one variable."""
        found: list[Definition] = []
        plain: list[Binding] = []
        for binding in bindings:
            if binding.target is not None:
                found.append(binding.target)
            elif binding.how is Binds.IMPORT:
                found.extend(self.imported(scope.module, binding.source, binding.member))
            else:
                plain.append(binding)
        if plain:
            found.append(Variable(scope, name, tuple(plain)))
        return tuple(dict.fromkeys(found))

    def lookup(self, scope: Scope, name: str) -> tuple[Definition, ...]:
        """What `name` may mean in `scope` by Python's scoping rules; empty where nothing defines it."""
        current: Scope | None = scope
        while current is not None:
            visible = current is scope or not isinstance(current.owner, Class)
            if visible and name not in current.outer:
                if current.parent is None:
                    found = self.members(current.module, name)
                    if found:
                        return found
                elif name in current.bindings:
                    return self.meanings(current, name, current.bindings[name])
            current = current.parent
        return (External(f"builtins.{name}"),) if name in _builtins() else self._star_external(scope.module)

    def _star_external(self, module: Module) -> tuple[Definition, ...]:
        outside = [star for star in module.scope.stars if not self.locate(module, star)]
        return () if len(outside) != 1 else (External(f"{outside[0]}.*"),)

    def resolve(self, expression: ast.expr, scope: Scope) -> tuple[Definition, ...]:
        """What a name or dotted expression may mean in `scope`.

        Aliases (`A = B`), string annotations, `Annotated[...]`, generic subscripts and attribute chains are
        followed; the result is empty where something on the way is not known.
        """
        return self._resolve(expression, scope, _HOPS, {})

    def _resolve(
        self, expression: ast.expr, scope: Scope, hops: int, known: dict[tuple[Binding, ...], list[Definition]]
    ) -> tuple[Definition, ...]:
        if hops == 0:
            return ()
        match expression:
            case ast.Name(id=name):
                return self._aliases(self.lookup(scope, name), hops, known)
            case ast.Attribute(value=base, attr=attr):
                found: list[Definition] = []
                for owner in self._resolve(base, scope, hops - 1, known):
                    found.extend(self.attribute(owner, attr))
                return self._aliases(tuple(dict.fromkeys(found)), hops, known)
            case ast.Subscript(value=base):
                return self._resolve(base, scope, hops - 1, known)
            case ast.Constant(value=str() as text):
                parsed = annotation(text)
                return self._resolve(parsed, scope, hops - 1, known) if parsed is not None else ()
            case _:
                return ()

    def _aliases(
        self, found: tuple[Definition, ...], hops: int, known: dict[tuple[Binding, ...], list[Definition]]
    ) -> tuple[Definition, ...]:
        """Follows variables that only rename something."""
        if not any(isinstance(item, Variable) for item in found):
            return found
        result: list[Definition] = []
        for item in found:
            names = [item] if not isinstance(item, Variable) else self._renamed(item, hops, known)
            result.extend(names or [item])
        return tuple(dict.fromkeys(result))

    def _renamed(
        self, variable: Variable, hops: int, known: dict[tuple[Binding, ...], list[Definition]]
    ) -> list[Definition]:
        if variable.bindings in known:
            return known[variable.bindings]
        # Variables that are each other's aliases would be followed once for every way through them.
        found = known[variable.bindings] = []
        for binding in variable.bindings:
            if binding.value is not None and binding.how is Binds.ASSIGN and not binding.unpack:
                if isinstance(binding.value, ast.Constant):
                    continue
                found.extend(self._resolve(binding.value, variable.scope, hops - 1, known))
        return found

    def attribute(self, owner: Definition, name: str) -> tuple[Definition, ...]:
        """What `owner.name` may mean for a module, class or external name."""
        match owner:
            case Module() | Namespace():
                return self.members(owner, name)
            case External():
                return (External(canonical(f"{owner.name}.{name}")),)
            case Class():
                bindings = owner.scope.bindings.get(name)
                return self.meanings(owner.scope, name, bindings) if bindings else ()
            case _:
                return ()

    def external(self, expression: ast.expr, scope: Scope) -> str:
        """The dotted external name that `expression` means in `scope`; empty where it is none or not certain."""
        names = [item.name for item in self.resolve(expression, scope) if isinstance(item, External)]
        return names[0] if len(names) == 1 else ""


def annotation(text: str) -> ast.expr | None:
    """The expression inside a string annotation; None where it is not one."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _builtins() -> dict[str, object]:
    import builtins

    return vars(builtins)
