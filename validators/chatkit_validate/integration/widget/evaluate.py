"""What expressions of a front end stand for: through variables, modules, calls and objects."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from chatkit_validate.integration.widget import bindings, props, texts
from chatkit_validate.integration.widget.bindings import FUNCTIONS, Binding
from chatkit_validate.integration.widget.values import Frame, Global, Hole, Nothing, Text, Thing, Unclear, Value
from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from chatkit_validate.integration.widget.script import Script
    from chatkit_validate.integration.widget.web import Web

MANY: Final = 12
"""More alternatives than this are not followed."""

_DEEP: Final = 40
_HOPS: Final = 8
TOP: Final = Frame({})
"""Outside every function."""

_WRAPPERS: Final = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "await_expression",
        "type_assertion",
        "jsx_expression",
    }
)
_OBJECTS: Final = frozenset({"object", "array", "class", "class_declaration", *FUNCTIONS})
_MEMO: Final = frozenset({"useMemo", "useState", "memo", "cache"})
_SAME: Final = frozenset(
    {"useCallback", "useEvent", "useEffectEvent", "freeze", "String", "useRef", "ref", "shallowRef"}
)
_KEPT: Final = frozenset({"trim", "toString", "toLowerCase", "href", "trimEnd", "trimStart"})
_ORIGINS: Final = frozenset({"window.location.origin", "location.origin", "globalThis.location.origin"})
_ENVIRONMENTS: Final = ("process.env.", "import.meta.env.")


@dataclass(slots=True, eq=False)
class Evaluator:
    """Evaluates expressions of one front end."""

    web: Web
    _active: set[tuple[str, int, int]] = field(default_factory=set)

    def values(self, node: Node, script: Script, frame: Frame = TOP) -> tuple[Value, ...]:
        """Everything `node` can stand for; never empty."""
        key = (script.path, node.id, id(frame))
        if key in self._active or len(self._active) > _DEEP:
            return (Unclear("it is made from itself", script.place(node)),)
        self._active.add(key)
        try:
            found = tuple(itertools.islice(dict.fromkeys(self._values(node, script, frame)), MANY + 1))
        finally:
            self._active.discard(key)
        if len(found) > MANY:
            return (*found[:MANY], Unclear("it can be too many things", script.place(node)))
        return found or (Unclear("it is not followed", script.place(node)),)

    def _values(self, node: Node, script: Script, frame: Frame) -> Iterator[Value]:
        where = script.place(node)
        kind = node.type
        if kind in _WRAPPERS:
            inner = next((child for child in node.named_children if child.type != "comment"), None)
            yield from self.values(inner, script, frame) if inner is not None else ()
        elif kind in ("string", "template_string"):
            yield from self._template(node, script, frame)
        elif kind in _OBJECTS:
            yield Thing(node, script, frame)
        elif kind in ("undefined", "null", "false"):
            yield Nothing(where)
        elif kind in ("identifier", "shorthand_property_identifier"):
            yield from self._name(node, script, frame)
        elif kind in ("member_expression", "subscript_expression"):
            yield from self._member(node, script, frame)
        elif kind == "ternary_expression":
            for side in ("consequence", "alternative"):
                branch = node.child_by_field_name(side)
                yield from self.values(branch, script, frame) if branch is not None else ()
        elif kind == "binary_expression":
            yield from self._binary(node, script, frame)
        elif kind == "call_expression":
            yield from self._call(node, script, frame)
        elif kind == "new_expression":
            yield from self._new(node, script, frame)
        else:
            yield Unclear(f"`{texts.short(script.text(node))}` is not followed", where)

    def _template(self, node: Node, script: Script, frame: Frame) -> Iterator[Value]:
        where = script.place(node)
        pieces: list[list[tuple[str | Hole, ...]]] = []
        for child in node.named_children:
            if child.type == "template_substitution" and child.named_children:
                inner = self.values(child.named_children[0], script, frame)
                pieces.append([texts.parts(value) for value in inner])
            elif child.type in ("string_fragment", "escape_sequence"):
                pieces.append([(script.text(child),)])
        for combination in itertools.islice(itertools.product(*pieces), MANY + 1):
            parts = tuple(itertools.chain.from_iterable(combination))
            yield Text(parts, where) if any(parts) else Nothing(where, text=True)

    def _name(self, node: Node, script: Script, frame: Frame) -> Iterator[Value]:
        name = script.text(node)
        if name == "undefined":
            yield Nothing(script.place(node))
            return
        found = bindings.lookup(script, node, name)
        if not found:
            yield Global(name, script.place(node))
        for binding in found:
            yield from self.bound(binding, name, script, frame)

    def bound(self, binding: Binding, name: str, script: Script, frame: Frame) -> Iterator[Value]:
        """What a binding of `name` gives it."""
        if binding.kind == "unset":
            return
        if binding.kind == "parameter":
            yield from self._parameter(binding, name, script, frame)
            return
        if binding.kind == "import":
            yield from self._imported(binding, script)
            return
        taken = self.values(binding.node, script, frame)
        for step in binding.steps:
            taken = tuple(self.member(taken, step, script, binding.node))
        for value in taken:
            if isinstance(value, Nothing) and binding.default is not None:
                yield from self.values(binding.default, script, frame)
            else:
                yield value

    def _parameter(self, binding: Binding, name: str, script: Script, frame: Frame) -> Iterator[Value]:
        where = script.place(binding.node)
        given = frame.bound.get((script.path, binding.node.id, str(binding.index)))
        steps = binding.steps
        if given is None and binding.index == 0 and steps:
            # A component's properties are what the elements that show it give.
            given, steps = self._shown(script, binding.node, steps[0]), steps[1:]
        for step in steps if given else ():
            given = tuple(self.member(given or (), step, script, binding.node))
        for value in given or (Nothing(where), Unclear(f"`{name}` is passed in", where)):
            if not isinstance(value, Nothing):
                yield value
            elif binding.default is not None:
                yield from self.values(binding.default, script, frame)
            elif given:
                yield value

    def _shown(self, script: Script, function: Node, name: str) -> tuple[Value, ...] | None:
        """What the elements that show a component give it as `name`; None where there are none."""
        shown = props.component(script, function)
        found: dict[Value, None] = {}
        for other, element in props.shown(self.web, shown) if shown else ():
            if not self._is_shown(other, element, function):
                continue
            node, certain = props.given(other, element, name)
            if node is not None:
                found.update(dict.fromkeys(self.values(node, other)))
            elif certain:
                found[Nothing(other.place(element))] = None
            else:
                found[Unclear(f"`{name}` may be among what is spread into `<{shown}>`", other.place(element))] = None
        return tuple(found) or None

    def _is_shown(self, script: Script, element: Node, function: Node) -> bool:
        """Whether an element shows just this component; one that is loaded when it is needed counts by its name."""
        tag = element.child_by_field_name("name")
        values = self.values(tag, script) if tag is not None else ()
        return any(isinstance(one, Unclear) or (isinstance(one, Thing) and one.node == function) for one in values)

    def _imported(self, binding: Binding, script: Script) -> Iterator[Value]:
        source = binding.node.child_by_field_name("source")
        specifier = script.text(source).strip("'\"`") if source is not None else ""
        module = self.web.resolve(script, specifier)
        name = binding.steps[0]
        if module is None:
            local = specifier.startswith((".", "@/", "~/"))
            reason = f"`{name}` comes from `{specifier}`, which is not here"
            yield Unclear(reason, script.place(binding.node), "" if local else specifier)
        elif name == "*":
            yield Thing(module.root, module, TOP)
        else:
            yield from self.exported(module, name)

    def exported(self, module: Script, name: str, hops: int = _HOPS) -> Iterator[Value]:
        """What a module exports as `name`."""
        found = bindings.exported(module, name)
        for binding in found:
            yield from self.bound(binding, name, module, TOP)
        if found or not hops:
            return
        for statement in module.root.named_children:
            source = statement.child_by_field_name("source") if statement.type == "export_statement" else None
            other = self.web.resolve(module, module.text(source).strip("'\"`")) if source is not None else None
            if other is None:
                continue
            listed = list(bindings.exports(module, statement))
            wanted = [own for own, outside in listed if outside == name] if listed else [name]
            for own in wanted:
                yield from self.exported(other, own, hops - 1)

    def _member(self, node: Node, script: Script, frame: Frame) -> Iterator[Value]:
        owner = node.child_by_field_name("object")
        key = node.child_by_field_name("property") or node.child_by_field_name("index")
        if owner is None or key is None:
            return
        name = script.text(key).strip("'\"`")
        dotted = script.text(node).replace("?.", ".").replace('["', ".").replace('"]', "")
        for prefix in _ENVIRONMENTS:
            if dotted.startswith(prefix):
                variable = dotted.removeprefix(prefix)
                yield Text((Hole(variable, f"`{variable}` is set when it is built"),), script.place(node))
                return
        if dotted in _ORIGINS:
            yield Text(("",), script.place(node))
            return
        if owner.type == "meta_property":
            yield Global(f"import.meta.{name}", script.place(node))
            return
        yield from self.member(self.values(owner, script, frame), name, script, node)

    def member(self, owners: Iterable[Value], name: str, script: Script, node: Node) -> Iterator[Value]:
        """What `owner.name` gives for each of `owners`."""
        for owner in owners:
            match owner:
                case Thing(node=inner, script=module) if inner.type == "program":
                    yield from self.exported(module, name)
                case Thing(node=inner) if inner.type in ("object", "array"):
                    yield from self.property(owner, name)
                case Global(name="process" | "import.meta" | "window" | "globalThis" as known):
                    yield Global(f"{known}.{name}", owner.where)
                case Global(name="process.env" | "import.meta.env"):
                    yield Text((Hole(name, f"`{name}` is set when it is built"),), owner.where)
                case Global(name="window.location" | "location") if name == "origin":
                    yield Text(("",), owner.where)
                case Text() if name in _KEPT:
                    yield owner
                case Nothing():
                    yield owner
                case Unclear():
                    yield owner
                case _:
                    yield Unclear(f"`{texts.short(script.text(node))}` is not followed", script.place(node))

    def property(self, owner: Thing, name: str) -> Iterator[Value]:
        """What an object or array literal holds under `name`; `Nothing` where everything in it was read."""
        script, frame = owner.script, owner.frame
        if owner.node.type == "array":
            items = owner.node.named_children
            inside = name.isdecimal() and int(name) < len(items)
            yield from self.values(items[int(name)], script, frame) if inside else (Nothing(script.place(owner.node)),)
            return
        for child in reversed(owner.node.named_children):
            if child.type == "spread_element" and child.named_children:
                spread = self.values(child.named_children[0], script, frame)
                given = [value for value in self._spread(spread, name, script, child) if not isinstance(value, Nothing)]
                yield from given
                if given and not any(isinstance(value, Nothing) for value in spread):
                    return
            elif _key(child, script) == name:
                value = child.child_by_field_name("value")
                node = child if child.type in ("method_definition", "shorthand_property_identifier") else value
                yield from self.values(node, script, frame) if node is not None else ()
                return
        yield Nothing(script.place(owner.node))

    def holds(self, owner: Thing, name: str) -> bool:
        """Whether `name` is written in an object literal, or in one that is spread into it, whatever its value."""
        for child in owner.node.named_children:
            if child.type == "spread_element" and child.named_children:
                spread = self.values(child.named_children[0], owner.script, owner.frame)
                if any(
                    isinstance(one, Thing) and one.node.type == "object" and self.holds(one, name) for one in spread
                ):
                    return True
            elif _key(child, owner.script) == name:
                return True
        return False

    def _spread(self, spread: Iterable[Value], name: str, script: Script, node: Node) -> Iterator[Value]:
        for value in spread:
            if isinstance(value, Thing) and value.node.type == "object":
                yield from self.property(value, name)
            elif not isinstance(value, Nothing):
                yield Unclear(f"`{texts.short(script.text(node))}` may hold `{name}`", script.place(node))

    def _binary(self, node: Node, script: Script, frame: Frame) -> Iterator[Value]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign = node.child_by_field_name("operator")
        if left is None or right is None or sign is None:
            return
        match script.text(sign):
            case "||" | "??":
                first = self.values(left, script, frame)
                yield from (value for value in first if not isinstance(value, Nothing))
                if not all(
                    isinstance(value, Thing) or (isinstance(value, Text) and value.is_certain) for value in first
                ):
                    yield from self.values(right, script, frame)
            case "&&":
                yield from self.values(right, script, frame)
                yield Nothing(script.place(node))
            case "+":
                where = script.place(node)
                for one in self.values(left, script, frame):
                    for other in self.values(right, script, frame):
                        yield Text((*texts.parts(one), *texts.parts(other)), where)
            case _:
                yield Unclear(f"`{texts.short(script.text(node))}` is not followed", script.place(node))

    def _call(self, node: Node, script: Script, frame: Frame) -> Iterator[Value]:
        callee, listed = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if callee is None or listed is None:
            return
        given = [child for child in listed.named_children if child.type != "comment"]
        last = callee.child_by_field_name("property") if callee.type == "member_expression" else callee
        name = script.text(last) if last is not None else ""
        if name in _SAME and given:
            yield from self.values(given[0], script, frame)
        elif name in _MEMO and given:
            yield from self._remembered(name, given[0], node, script, frame)
        elif callee.type == "member_expression" and name in (*_KEPT, "replace", "replaceAll"):
            owner = callee.child_by_field_name("object")
            for value in self.values(owner, script, frame) if owner is not None else ():
                yield (
                    texts.replaced(value, [script.text(item) for item in given])
                    if name.startswith("replace")
                    else value
                )
        else:
            for value in self.values(callee, script, frame):
                if isinstance(value, Thing) and value.node.type in FUNCTIONS:
                    passed = [self.values(item, script, frame) for item in given]
                    yield from self.called(value, passed)
                elif isinstance(value, Unclear):
                    yield value
                else:
                    yield Unclear(
                        f"what `{texts.short(script.text(callee))}()` gives is not followed", script.place(node)
                    )

    def _remembered(self, name: str, given: Node, node: Node, script: Script, frame: Frame) -> Iterator[Value]:
        for value in self.values(given, script, frame):
            function = isinstance(value, Thing) and value.node.type in FUNCTIONS
            inner = self.called(value, []) if function and isinstance(value, Thing) else (value,)
            if name != "useState":
                yield from inner
            else:
                # `[value, set]`: what is first in it is the state, which may change.
                yield Unclear(f"`{texts.short(script.text(node))}` is state, which changes", script.place(node))

    def called(self, function: Thing, given: list[tuple[Value, ...]]) -> Iterator[Value]:
        """What a function returns for these arguments."""
        script, frame = function.script, function.frame
        if frame.depth > _HOPS:
            yield Unclear("calls go too deep", script.place(function.node))
            return
        inner = dict(frame.bound)
        for _, binding in bindings.parameters(script, function.node):
            missing = (Nothing(script.place(function.node)),)
            value = given[binding.index] if binding.index < len(given) else missing
            inner[script.path, function.node.id, str(binding.index)] = value
        entered = Frame(inner, frame.depth + 1)
        body = function.node.child_by_field_name("body")
        if body is None:
            return
        if body.type != "statement_block":
            yield from self.values(body, script, entered)
            return
        for result in bindings.returned(body):
            if result.named_children:
                yield from self.values(result.named_children[0], script, entered)

    def _new(self, node: Node, script: Script, frame: Frame) -> Iterator[Value]:
        made, listed = node.child_by_field_name("constructor"), node.child_by_field_name("arguments")
        given = listed.named_children if listed is not None else []
        if made is None or script.text(made) != "URL" or not given:
            yield Unclear(f"`{texts.short(script.text(node))}` is not followed", script.place(node))
            return
        for path in self.values(given[0], script, frame):
            for base in self.values(given[1], script, frame) if len(given) > 1 else (Text(("",), script.place(node)),):
                yield texts.joined(path, base, script, node)


def _key(child: Node, script: Script) -> str:
    if child.type == "shorthand_property_identifier":
        return script.text(child)
    key = child.child_by_field_name("key") or child.child_by_field_name("name")
    return script.text(key).strip("'\"") if key is not None else ""
