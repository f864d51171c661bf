"""What stands in a piece of text: the values that are pasted into it as they are, and the places they pass.

Unlike `flow.influence`, what a value was only computed from is left out: a user id that was read out of a token does
not carry the token.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, FunctionValue, Generated, Instance, Opaque, Part, Structure
from chatkit_validate.flow.calls import returns, yields
from chatkit_validate.flow.growth import added
from chatkit_validate.flow.influence import operands, passed
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.source import Place

_STEPS = 1500
_LAST = r"(\w+)[\"']?[\])]*$"
# Methods that give their receiver's text, or part of it; those of the second set give their arguments' text too.
_PASSES = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "removeprefix",
        "removesuffix",
        "lower",
        "upper",
        "title",
        "split",
        "rsplit",
        "partition",
        "rpartition",
        "decode",
        "encode",
        "splitlines",
        "expandtabs",
        "copy",
        "model_dump",
        "model_dump_json",
        "dict",
        "json",
        "items",
        "values",
        "get_secret_value",
        "__str__",
    ]
)
_PASTES = frozenset(
    {"format", "format_map", "join", "replace", "substitute", "safe_substitute", "append", "extend", "_replace"}
)
_CONVERTS = frozenset(
    {
        "builtins.str()",
        "builtins.repr()",
        "builtins.list()",
        "builtins.tuple()",
        "builtins.dict()",
        "builtins.reversed()",
        "json.dumps()",
        "textwrap.dedent()",
        "builtins.format()",
        "string.Template()",
        "builtins.sorted()",
        "html.escape()",
        "builtins.filter()",
        "urllib.parse.quote()",
        "urllib.parse.urlparse()",
        "urllib.parse.urlunparse()",
        "urllib.parse.urljoin()",
        "inspect.cleandoc()",
        "pydantic.SecretStr()",
    }
)
_MODELS = ("agents.", "openai.types.", "chatkit.types.", "google.genai.types.", "langchain_core.messages.")


@dataclass(frozen=True, slots=True)
class Step:
    """A name, attribute, item or call through which a value is passed on.

    Attributes:
        where: The expression.
        text: As written, cut after 80 characters.
    """

    where: Place
    text: str

    @property
    def name(self) -> str:
        """The variable, attribute or key that is read last."""
        found = re.search(_LAST, self.text)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Carried:
    """A value that stands in the text.

    Attributes:
        value: The value.
        trail: Where it is pasted and passed on, from the text inwards.
    """

    value: Value
    trail: tuple[Step, ...]

    @property
    def origin(self) -> Place | None:
        """Where the value comes from."""
        node, frame = getattr(self.value, "node", None), getattr(self.value, "frame", None)
        return frame.place(node) if node is not None and frame is not None else getattr(self.value, "where", None)


def carried(flow: Flow, expression: ast.expr, frame: Frame) -> Iterator[Carried]:
    """Every value pasted into the text (or message list) that `expression` gives, the text's own literals included."""
    seen: set[object] = set()
    todo: list[tuple[ast.expr, Frame, tuple[Step, ...]]] = [(expression, frame, ())]
    pending: list[tuple[Value, tuple[Step, ...]]] = []
    # Only a function that is the text itself is called for it; one in a list of tools gives its name at most.
    asked = {value for value in flow.values(expression, frame) if isinstance(value, FunctionValue)}
    steps = 0
    while (todo or pending) and steps < _STEPS:
        steps += 1
        if not pending:
            node, where, trail = todo.pop()
            if (node, where) not in seen:
                seen.add((node, where))
                here = trail
                if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
                    here = (*trail, Step(where.place(node), unparse(node)[:80]))
                pending.extend((value, here) for value in flow.values(node, where))
            continue
        value, trail = pending.pop()
        # Under another name the same value is another finding: a header passed as user_id and as user_name.
        known = (value, trail[-1].name if trail else "")
        if known in seen:
            continue
        seen.add(known)
        yield Carried(value, trail)
        if isinstance(value, FunctionValue) and value not in asked:
            continue
        for part in _inside(flow, value):
            if isinstance(part, tuple):
                todo.append((*part, trail))
            else:
                pending.append((part, trail))


def _inside(flow: Flow, value: Value) -> Iterator[tuple[ast.expr, Frame] | Value]:
    match value:
        case Structure(node=ast.Compare() | ast.UnaryOp() | ast.Lambda()):
            return
        case Structure(node=ast.IfExp(body=body, orelse=orelse), frame=frame):
            yield from ((body, frame), (orelse, frame))
        case Structure(node=ast.List(elts=elements), frame=frame):
            # `lines = []`, `lines.append(...)`, `"\\n".join(lines)`.
            yield from ((part, frame) for part in (*elements, *added(flow, value)))
        case Structure(node=node, frame=frame):
            yield from ((part, frame) for part in operands(node))
        case Part(base=Part(base=owner, key=str() as method), key="()", node=ast.Call() as call, frame=frame):
            if method in _PASSES | _PASTES | {"get"}:
                yield owner
            if method in _PASTES:
                yield from ((part, frame) for part in passed(call))
        case Part(base=base, key=key) if key is None or isinstance(key, int):
            yield base
        case Foreign(name=name, node=ast.Call() as call, frame=frame, base=base) if frame is not None:
            if name in _CONVERTS or (name.startswith(_MODELS) and name.endswith("()") and "." in name):
                yield from ((part, frame) for part in passed(call))
            method = name.removesuffix("()").rpartition(".")[2]
            held = base.base if isinstance(base, Foreign) else None
            # A method of an object; `jwt.decode()` is a function of a module.
            if method in _PASSES | _PASTES and isinstance(held, Foreign) and held.name.endswith((")", "]")):
                yield held
                if method in _PASTES:
                    yield from ((part, frame) for part in passed(call))
        case Foreign(name=name, base=Foreign(name=whole) as base) if name.endswith("[]"):
            if whole.removesuffix("()").rpartition(".")[2] in _PASSES:
                yield base
        case Instance(node=ast.Call() as call, frame=frame, made=True) if _is_message(value):
            yield from ((part, frame) for part in passed(call))
        case Generated(frame=inner):
            yield from yields(flow, inner)
        case FunctionValue(function=function):
            # Instructions given as a function: what it returns is the text.
            inner = flow.entry(function, value.receiver)
            yield from ((part, inner) for part in returns(function) if part is not None)
        case _:
            return


def _is_message(value: Instance) -> bool:
    return any(word in value.cls.name for word in ("Message", "Prompt", "Input"))


def literal_text(items: tuple[Carried, ...]) -> str:
    """The literal text among `items`, joined; for words that stand around a value."""
    texts = [item.value.value for item in items if isinstance(item.value, Constant)]
    for item in items:
        if isinstance(item.value, Structure) and isinstance(item.value.node, ast.JoinedStr):
            texts.extend(part.value for part in item.value.node.values if isinstance(part, ast.Constant))
    return "\n".join(text for text in texts if isinstance(text, str))


def gap(items: tuple[Carried, ...]) -> Opaque | None:
    """The first value that could not be followed, if there is one."""
    return next((item.value for item in items if isinstance(item.value, Opaque)), None)
