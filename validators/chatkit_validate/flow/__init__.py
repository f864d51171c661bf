"""What reaches what: origins of values, the call graph, which status an exception becomes.

How to ask, from cheap to dear:

- `Flow(project, paths)` is the engine. `flow.values(expression, frame)` gives everything an expression can stand
  for: `Constant`, `Instance` (an object of a project class), `Foreign` (anything of a library, named by the path
  that leads to it: `starlette.requests.Request().headers.get()`), `Structure` (an expression to look into),
  `FunctionValue`, `ClassValue`, `Generated`, `Parameter`, `Caught`, `Part`, `Opaque` (reading ended, with reason).
- A `Frame` says in which activation an expression is read. `flow.entry(function)` is a function as the framework
  calls it (parameters come from dependencies and annotations); `flow.enter(FunctionValue(function, receiver), call,
  caller)` is one particular call; `flow.module_frame(module)` is a module's body.
- `influence.influences(flow, expression, frame)` walks everything a value is made from (arguments, receivers, parts
  of f-strings, elements, what a generator loops over). "Does the caller's token reach this header?" is asked
  backwards, from the sink.
- `reachable.calls(flow, frame)` gives every call that running `frame` can make, with the frame it is made in.
- `exceptions` says what becomes of an exception raised at a place.

Everything is memoised, walks no path twice, and is bounded: what lies beyond a bound is `Opaque`, never silently
absent.
"""

from __future__ import annotations

from chatkit_validate.flow.origin import Flow
from chatkit_validate.flow.value import (
    Caught,
    ClassValue,
    Constant,
    Foreign,
    Frame,
    FunctionValue,
    Generated,
    Instance,
    ModuleValue,
    Opaque,
    Parameter,
    Part,
    Structure,
    Value,
)

__all__ = [
    "Caught",
    "ClassValue",
    "Constant",
    "Flow",
    "Foreign",
    "Frame",
    "FunctionValue",
    "Generated",
    "Instance",
    "ModuleValue",
    "Opaque",
    "Parameter",
    "Part",
    "Structure",
    "Value",
]
