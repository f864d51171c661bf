"""Whether the widget's own `fetch` sends a bearer token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.integration.widget import bindings
from chatkit_validate.integration.widget.bindings import FUNCTIONS
from chatkit_validate.integration.widget.script import nodes
from chatkit_validate.integration.widget.values import Nothing, Thing, Unclear, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

    from chatkit_validate.integration.widget.evaluate import Evaluator
    from chatkit_validate.integration.widget.script import Script
    from chatkit_validate.source import Place

_DEEP: Final = 5
# Of these nobody expects that they add a header; React's own hooks neither.
_PLAIN: Final = frozenset(
    {"react", "next/navigation", "next/router", "react-router-dom", "sonner", "react-hot-toast", "zod"}
)


def sends(evaluator: Evaluator, given: Iterable[Value], where: Place) -> Evidence[str]:
    """The header that carries the credential, and where it is set.

    Args:
        evaluator: Of the front end.
        given: What the option `fetch` can be.
        where: The options, for a widget without one.
    """
    answers: list[Evidence[str]] = []
    for value in given:
        match value:
            case Thing() if value.node.type in FUNCTIONS:
                answers.append(_Search(evaluator).run(value))
            case Nothing():
                answers.append(Absent(where))
            case Unclear(reason=reason, where=place):
                answers.append(Unresolved(f"the `fetch` it is given is not followed: {reason}", place))
            case _:
                answers.append(
                    Unresolved(
                        "the `fetch` it is given is not followed",
                        value.where if not isinstance(value, Thing) else where,
                    )
                )
    for kind in (Unresolved, Absent, Found):
        for answer in answers:
            if isinstance(answer, kind):
                return answer
    return Absent(where)


class _Search:
    """Looks for the header in a function and in what it calls."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._seen: set[tuple[str, int]] = set()
        self._unclear: list[Unresolved] = []

    def run(self, function: Thing) -> Evidence[str]:
        found = self._function(function, _DEEP)
        if found is not None:
            return found
        where = function.script.place(function.node)
        return self._unclear[0] if self._unclear else Absent(where, (where,))

    def _function(self, function: Thing, depth: int) -> Found[str] | None:
        key = (function.script.path, function.node.id)
        if key in self._seen or not depth:
            return None
        self._seen.add(key)
        script = function.script
        for node in nodes(function.node):
            if _names_header(script, node):
                return Found("Authorization", script.place(node))
        for node in nodes(function.node):
            if node.type in ("call_expression", "new_expression", "spread_element") or _is_passed(script, node):
                found = self._called(node, function, depth)
                if found is not None:
                    return found
        return None

    def _called(self, node: Node, function: Thing, depth: int) -> Found[str] | None:
        script = function.script
        target = node.child_by_field_name("function") or (node.named_children[0] if node.named_children else node)
        target = node if node.type == "identifier" else target
        root = target
        while root.type in ("member_expression", "subscript_expression", "call_expression", "await_expression"):
            inner = root.child_by_field_name("object") or root.child_by_field_name("function")
            root = inner if inner is not None else root.named_children[0]
        if root.type != "identifier" or not _is_outside(script, root, function.node):
            return None
        for value in self._evaluator.values(target, script, function.frame):
            match value:
                case Thing() if value.node.type in FUNCTIONS:
                    if found := self._function(value, depth - 1):
                        return found
                case Unclear(reason=reason, where=where, package=package) if package not in _PLAIN:
                    self._unclear.append(Unresolved(f"whether it sends a token is not followed: {reason}", where))
                case _:
                    continue
        return None


def _names_header(script: Script, node: Node) -> bool:
    if node.type not in ("string", "property_identifier", "shorthand_property_identifier"):
        return False
    return script.text(node).strip("'\"`").lower() == "authorization"


def _is_passed(script: Script, node: Node) -> bool:
    """Whether a name is handed on as it is: `headers: authHeaders`, `fetch(url, options)`."""
    parent = node.parent
    if node.type != "identifier" or parent is None:
        return False
    if parent.type == "pair":
        key = parent.child_by_field_name("key")
        return key is not None and script.text(key).strip("'\"") == "headers"
    callee = parent.parent.child_by_field_name("function") if parent.type == "arguments" and parent.parent else None
    return callee is not None and script.text(callee).lower().endswith("fetch")


def _is_outside(script: Script, name: Node, function: Node) -> bool:
    """Whether a name is bound outside `function`, by code: what it holds itself adds nothing that is not seen."""
    found = bindings.lookup(script, name, script.text(name))
    return bool(found) and not any(
        function.start_byte <= each.node.start_byte and each.node.end_byte <= function.end_byte for each in found
    )
