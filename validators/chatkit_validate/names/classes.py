"""Class hierarchies across modules, generics and mixins included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.names.library import ancestors
from chatkit_validate.names.project import External, Project
from chatkit_validate.names.scope import Binding, Class, Function
from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

_HARMLESS = frozenset({"builtins.object", "typing.Generic", "typing.Protocol", "abc.ABC"})


@dataclass(slots=True, eq=False)
class Hierarchy:
    """Bases, resolution order and inherited members of the project's classes."""

    project: Project
    _bases: dict[Class, tuple[Class | External | None, ...]] = field(default_factory=dict)
    _order: dict[Class, tuple[Class | External | None, ...]] = field(default_factory=dict)

    def bases(self, cls: Class) -> tuple[Class | External | None, ...]:
        """The direct bases as written; None stands for one that could not be resolved."""
        if cls not in self._bases:
            self._bases[cls] = tuple(self._base(base, cls) for base in cls.node.bases)
        return self._bases[cls]

    def _base(self, expression: ast.expr, cls: Class) -> Class | External | None:
        found = [item for item in self.project.resolve(expression, cls.outside) if item is not cls]
        classes = [item for item in found if isinstance(item, Class)]
        outside = [item for item in found if isinstance(item, External)]
        # An import with a local fallback (`except ImportError: class ChatKitServer: ...`) means the library's.
        for candidates in (outside, classes):
            if candidates:
                return candidates[0]
        return None

    def order(self, cls: Class) -> tuple[Class | External | None, ...]:
        """The classes where members of `cls` are looked up, `cls` first; None stands for an unresolved base.

        Depth first, left to right, a shared base after the last class that names it: Python's own order for
        every hierarchy without conflicting mixins.
        """
        if cls not in self._order:
            self._order[cls] = tuple(self._linear(cls))
        return self._order[cls]

    def _linear(self, cls: Class) -> Iterator[Class | External | None]:
        walked: list[Class | External | None] = []
        stack: list[Class | External | None] = [cls]
        budget = 500
        while stack and budget:
            budget -= 1
            current = stack.pop()
            walked.append(current)
            if isinstance(current, Class):
                stack.extend(base for base in reversed(self.bases(current)) if base is not cls)
        last = {item: position for position, item in enumerate(walked)}
        return (item for position, item in enumerate(walked) if last[item] == position)

    def is_a(self, cls: Class, name: str) -> bool | None:
        """Whether `cls` derives from the external class `name`; None where a base could not be resolved."""
        unknown = False
        for base in self.order(cls):
            if base is None:
                unknown = True
            elif isinstance(base, External) and (base.name == name or name in (ancestors(base.name) or ())):
                return True
        return None if unknown else False

    def method(self, cls: Class, name: str) -> Function | None:
        """The project's definition of method `name` that an instance of `cls` uses; None where it has none."""
        for base in self.order(cls):
            if isinstance(base, Class):
                found = base.own(name)
                if found is not None:
                    return found
        return None

    def attribute(self, cls: Class, name: str) -> tuple[Class, tuple[Binding, ...]] | None:
        """The class of the hierarchy whose body binds `name` first, and its bindings."""
        for base in self.order(cls):
            if isinstance(base, Class) and name in base.scope.bindings:
                return base, tuple(base.scope.bindings[name])
        return None

    def complete(self, cls: Class) -> bool:
        """Whether every base is known, down to classes of libraries."""
        return None not in self.order(cls)

    def outside(self, cls: Class) -> tuple[str, ...]:
        """The external classes `cls` derives from, those that say nothing left out."""
        names = (base.name for base in self.order(cls) if isinstance(base, External))
        return tuple(name for name in names if name not in _HARMLESS)
