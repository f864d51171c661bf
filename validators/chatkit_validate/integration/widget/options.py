"""Finds the widgets of a front end and the options they are given."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from chatkit_validate.integration.evidence import Unresolved
from chatkit_validate.integration.widget import bindings
from chatkit_validate.integration.widget.bindings import FUNCTIONS
from chatkit_validate.integration.widget.script import nodes
from chatkit_validate.integration.widget.values import Nothing, Thing, Unclear, Value
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from chatkit_validate.integration.widget.evaluate import Evaluator
    from chatkit_validate.integration.widget.script import Script
    from chatkit_validate.source import Place

HOOK: Final = "useChatKit"
_ELEMENT: Final = b"openai-chatkit"
_CLIENT_SECRET: Final = ("getClientSecret", "clientToken")


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """What one widget is given.

    Attributes:
        name: The component or file.
        where: The call.
        apis: The objects that its `api` can be.
        unread: Why its options, or one way they can be, could not be read.
        hosted: Where it gets a client secret for OpenAI's own backend, where it has no other.
    """

    name: str
    where: Place
    apis: tuple[Thing, ...]
    unread: Unresolved | None
    hosted: Place | None

    def given(self, evaluator: Evaluator, name: str) -> tuple[Value, ...]:
        """What the option `name` of its `api` can be."""
        return tuple(value for api in self.apis for value in evaluator.property(api, name))


def find(evaluator: Evaluator, reached: frozenset[str]) -> tuple[Options, ...]:
    """The widgets of the front end's pages, in order of path and line."""
    found: list[Options] = []
    for path in evaluator.web.holding(HOOK.lower().encode(), _ELEMENT):
        if path in reached:
            for script in evaluator.web.document(path).scripts:
                found.extend(_of(evaluator, script))
    return tuple(sorted(found, key=lambda each: each.where))


def _of(evaluator: Evaluator, script: Script) -> Iterator[Options]:
    for node in nodes(script.root):
        if node.type != "call_expression":
            continue
        callee, listed = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        given = [item for item in listed.named_children if item.type != "comment"] if listed is not None else []
        name = script.text(callee) if callee is not None else ""
        if not given or (name != HOOK and not name.endswith((".setOptions", f".{HOOK}"))):
            continue
        if name.endswith(".setOptions") and _ELEMENT not in script.data:
            continue
        options = _options(evaluator, script, node, evaluator.values(given[0], script))
        # A wrapper that hands on what it was given is no widget: whoever calls it is.
        if options.apis or options.hosted or not (name.endswith("Options") or _is_wrapper(script, given[0])):
            yield options


def _options(evaluator: Evaluator, script: Script, call: Node, given: Iterable[Value]) -> Options:
    where = script.place(call)
    apis: list[Thing] = []
    unread: Unresolved | None = None
    hosted: Place | None = None
    for value in given:
        inner = list(evaluator.property(value, "api")) if _is_object(value) and isinstance(value, Thing) else [value]
        for api in inner:
            if isinstance(api, Thing) and _is_object(api):
                if any(evaluator.holds(api, name) for name in _CLIENT_SECRET):
                    hosted = hosted or api.script.place(api.node)
                else:
                    apis.append(api)
            elif isinstance(api, Unclear):
                unread = unread or Unresolved(f"its options are not followed: {api.reason}", api.where)
            elif not isinstance(api, Nothing):
                unread = unread or Unresolved("its options are not followed", where)
    if not apis and unread is None and hosted is None:
        unread = Unresolved("its options hold no `api`", where)
    return Options(_name(script, call), where, tuple(apis), unread, None if apis else hosted)


def _is_object(value: Value) -> bool:
    return isinstance(value, Thing) and value.node.type == "object"


def _is_wrapper(script: Script, given: Node) -> bool:
    """Whether the options are a parameter of the function around the call, as in a re-implementation of the hook."""
    if given.type != "identifier":
        return False
    found = bindings.lookup(script, given, script.text(given))
    return bool(found) and found[0].kind == "parameter"


def _name(script: Script, node: Node) -> str:
    """The outermost function around a call, as the component is called; else the file."""
    name = ""
    current = node.parent
    while current is not None:
        if current.type in FUNCTIONS:
            holder = current.child_by_field_name("name")
            above = current.parent
            if holder is None and above is not None and above.type == "variable_declarator":
                holder = above.child_by_field_name("name")
            name = script.text(holder) if holder is not None else name
        current = current.parent
    return name or posixpath.basename(script.path)
