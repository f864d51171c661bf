"""What an expression can stand for, and the frame it is evaluated in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from chatkit_validate.names import Class, Function, Module, Namespace
    from chatkit_validate.source import Place


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Frame:
    """One activation of a function (or the run of a module's body), as far as reading can tell.

    Attributes:
        module: Where the code stands.
        function: The function; None for the module's body.
        arguments: What the caller passed, by parameter: an expression and the frame to read it in.
        receiver: The object or class the method was called on.
        closure: The frame of the enclosing function, for nested functions.
        caller: The frame that called; None for entry points (handlers, dependencies, lifespans).
        call: The call in `caller`.
        depth: Number of callers.
        loose: Whether arguments were passed that could not be matched to parameters.
    """

    module: Module
    function: Function | None = None
    arguments: Mapping[str, tuple[ast.expr, Frame]] = field(default_factory=dict)
    receiver: Value | None = None
    closure: Frame | None = None
    caller: Frame | None = None
    call: ast.AST | None = None
    depth: int = 0
    loose: bool = False

    def place(self, node: ast.AST) -> Place:
        """Where `node` of this frame's code stands."""
        return self.module.place(node)


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: string, bytes, number, bool, None or Ellipsis."""

    value: object
    node: ast.AST
    frame: Frame


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module or package of the project."""

    module: Module | Namespace


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class of the project, not an instance of it."""

    cls: Class


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function of the project, with the object it is bound to, if any."""

    function: Function
    receiver: Value | None = None
    closure: Frame | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a project class.

    Attributes:
        cls: Its class (or a base, where only an annotation says so).
        node: The call that made it; the annotated parameter or name where only its type is known.
        frame: Where `node` is read.
        made: Whether `node` is the call that made it.
    """

    cls: Class
    node: ast.AST
    frame: Frame
    made: bool = True


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something of a library, named by the path that leads to it.

    `fastapi.FastAPI` is the class, `fastapi.FastAPI()` an instance, `starlette.requests.Request().headers.get()`
    what that method gave, `os.environ[]` an item.

    Attributes:
        name: The path.
        node: The expression (or parameter) that produced it.
        frame: Where `node` is read.
        base: The object this is an attribute, item or call result of.
    """

    name: str
    node: ast.AST | None = None
    frame: Frame | None = None
    base: Value | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """An expression to look into: a display, comprehension, f-string, operation, comparison or lambda."""

    node: ast.expr
    frame: Frame


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter whose value no reader knows: path and query parameters, or a function without known caller."""

    name: str
    node: ast.arg
    frame: Frame


@dataclass(frozen=True, slots=True)
class Caught:
    """The exception that an `except ... as name` clause binds."""

    node: ast.ExceptHandler
    frame: Frame


@dataclass(frozen=True, slots=True)
class Part:
    """An item or attribute of a value that cannot be looked into any further."""

    base: Value
    key: object
    node: ast.AST
    frame: Frame


@dataclass(frozen=True, slots=True)
class Generated:
    """The generator or async generator that a call of `function` gives."""

    function: Function
    frame: Frame


@dataclass(frozen=True, slots=True)
class Opaque:
    """Where reading ended without an answer, and why."""

    reason: str
    where: Place


Value: TypeAlias = (
    Constant
    | ModuleValue
    | ClassValue
    | FunctionValue
    | Instance
    | Foreign
    | Structure
    | Parameter
    | Caught
    | Part
    | Generated
    | Opaque
)
