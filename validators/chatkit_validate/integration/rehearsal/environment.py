"""The names of one activation of a function, and what they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.values import Value
    from chatkit_validate.names import Function, Module, Scope


class Environment:
    """Local names of a function, lambda or comprehension; of a module's body where there is no function.

    Attributes:
        module: Where the code stands.
        function: The function; None for the module's body.
        parent: The environment it was defined in.
        names: What its local names stand for.
        yielded: What a generator has yielded; None for other functions.
    """

    __slots__ = ("function", "module", "names", "parent", "yielded")

    def __init__(self, module: Module, function: Function | None = None, parent: Environment | None = None) -> None:
        self.module = module
        self.function = function
        self.parent = parent
        self.names: dict[str, Value] = {}
        self.yielded: list[Value] | None = None

    @property
    def scope(self) -> Scope:
        """Where names that are not local are looked up."""
        return self.function.scope if self.function else self.module.scope

    def holder(self, name: str) -> Environment | None:
        """The environment, from here outwards, that binds `name`; None where only the module can."""
        current: Environment | None = self
        while current is not None:
            if name in current.names:
                return current
            current = current.parent
        return None

    def inner(self) -> Environment:
        """An environment for a comprehension or lambda that stands here."""
        return Environment(self.module, self.function, self)
