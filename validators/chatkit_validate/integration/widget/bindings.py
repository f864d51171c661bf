"""What a name of a script is bound to, by JavaScript's scoping rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from chatkit_validate.integration.widget.script import Script

FUNCTIONS: Final = frozenset(
    {
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
    }
)
_BLOCKS: Final = frozenset({"program", "statement_block", "switch_case"})
_DECLARATIONS: Final = frozenset({"lexical_declaration", "variable_declaration"})


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """One way in which a name gets its meaning.

    Attributes:
        kind: `value` (an expression), `function` (or class), `parameter`, `import`.
        node: The expression, the definition, the parameter's function, or the import statement.
        steps: How the name is taken out of the value: properties, or positions of arrays, from the outside.
        default: What stands in where the value is undefined.
        index: Which parameter; -1 for others.
    """

    kind: str
    node: Node
    steps: tuple[str, ...] = ()
    default: Node | None = None
    index: int = -1


def lookup(script: Script, node: Node, name: str) -> tuple[Binding, ...]:
    """What `name` is bound to where `node` stands; none for a global name."""
    current = node.parent
    while current is not None:
        found: list[Binding] = []
        if current.type in _BLOCKS:
            for statement in current.named_children:
                found.extend(each for bound, each in _bound(script, statement) if bound == name)
        elif current.type in FUNCTIONS:
            found.extend(each for bound, each in parameters(script, current) if bound == name)
        if found:
            return (*found, *_assigned(script, current, name, found))
        current = current.parent
    return ()


def exported(script: Script, name: str) -> tuple[Binding, ...]:
    """What the module exports as `name` by a declaration or `export { ... }` without a source."""
    found: list[Binding] = []
    for statement in script.root.named_children:
        if statement.type != "export_statement":
            continue
        if name == "default" and any(child.type == "default" for child in statement.children):
            value = statement.child_by_field_name("value") or statement.child_by_field_name("declaration")
            if value is not None:
                found.append(Binding("function" if value.type in FUNCTIONS else "value", value))
        elif statement.child_by_field_name("source") is None:
            found.extend(each for bound, each in _bound(script, statement) if bound == name)
            for local, outside in exports(script, statement):
                if outside == name:
                    found.extend(lookup(script, statement, local))
    if found and found[0].kind == "value":
        found.extend(_assigned(script, script.root, name, found))
    return tuple(found)


def exports(script: Script, statement: Node) -> Iterator[tuple[str, str]]:
    """The (own name, exported name) pairs of `export { a as b }`."""
    for clause in statement.named_children:
        for item in clause.named_children if clause.type == "export_clause" else ():
            name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
            if name is not None:
                yield script.text(name), script.text(alias or name)


def parameters(script: Script, function: Node) -> Iterator[tuple[str, Binding]]:
    """The names that a function's parameters bind."""
    listed = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
    if listed is None:
        return
    items = [listed] if listed.type == "identifier" else [n for n in listed.named_children if n.type != "comment"]
    for index, item in enumerate(items):
        pattern = item.child_by_field_name("pattern") or item.child_by_field_name("left") or item
        default = item.child_by_field_name("value") or item.child_by_field_name("right")
        for name, steps, inner in _pattern(script, pattern):
            yield name, Binding("parameter", function, steps, inner or default, index)


def _bound(script: Script, statement: Node) -> Iterator[tuple[str, Binding]]:
    if statement.type == "export_statement":
        declared = statement.child_by_field_name("declaration")
        if declared is not None:
            yield from _bound(script, declared)
    elif statement.type in _DECLARATIONS:
        for declarator in statement.named_children:
            name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
            if name is not None and value is not None:
                for bound, steps, default in _pattern(script, name):
                    yield bound, Binding("value", value, steps, default)
            elif name is not None and name.type == "identifier":
                yield script.text(name), Binding("unset", declarator)
    elif statement.type in FUNCTIONS or statement.type == "class_declaration":
        name = statement.child_by_field_name("name")
        if name is not None:
            yield script.text(name), Binding("function", statement)
    elif statement.type == "import_statement":
        yield from _imported(script, statement)


def _imported(script: Script, statement: Node) -> Iterator[tuple[str, Binding]]:
    clause = next((child for child in statement.named_children if child.type == "import_clause"), None)
    for item in clause.named_children if clause is not None else ():
        if item.type == "identifier":
            yield script.text(item), Binding("import", statement, ("default",))
        elif item.type == "namespace_import":
            yield script.text(item.named_children[-1]), Binding("import", statement, ("*",))
        elif item.type == "named_imports":
            for specifier in item.named_children:
                name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
                if name is not None:
                    yield script.text(alias or name), Binding("import", statement, (script.text(name),))


def _pattern(script: Script, node: Node) -> Iterator[tuple[str, tuple[str, ...], Node | None]]:
    """The names of a pattern, each with the way to it and its default."""
    match node.type:
        case "identifier" | "shorthand_property_identifier_pattern":
            steps: tuple[str, ...] = (script.text(node),) if node.type.startswith("shorthand") else ()
            yield script.text(node), steps, None
        case "object_assignment_pattern" | "assignment_pattern":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            for name, steps, inner in _pattern(script, left) if left is not None else ():
                yield name, steps, inner or right
        case "object_pattern":
            for child in node.named_children:
                yield from _pattern(script, child)
        case "pair_pattern":
            key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
            if key is not None and value is not None:
                for name, steps, default in _pattern(script, value):
                    yield name, (script.text(key).strip("'\""), *steps), default
        case "array_pattern":
            for position, child in enumerate(node.named_children):
                for name, steps, default in _pattern(script, child):
                    yield name, (str(position), *steps), default
        case _:
            return


def _assigned(script: Script, scope: Node, name: str, found: list[Binding]) -> Iterator[Binding]:
    """What is assigned to a variable after its declaration."""
    if all(each.node.parent is None or each.kind in ("import", "function", "parameter") for each in found):
        return
    from chatkit_validate.integration.widget.script import nodes

    for node in nodes(scope):
        if node.type == "assignment_expression":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and right is not None and left.type == "identifier" and script.text(left) == name:
                yield Binding("value", right)


def returned(body: Node) -> Iterator[Node]:
    """The return statements of a function's body, not those of functions inside it."""
    stack = list(reversed(body.named_children))
    while stack:
        node = stack.pop()
        if node.type == "return_statement":
            yield node
        elif node.type not in FUNCTIONS:
            stack.extend(reversed(node.named_children))
