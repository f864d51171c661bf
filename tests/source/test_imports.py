"""Import statements read off bytes: checked against the parser, on shapes by hand and on the standard library."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest

from chatkit_validate.source.imports import Import, imports, statements

SHAPES = {
    "import a": [Import(0, "a", ())],
    "import a.b as c, d": [Import(0, "a.b", ()), Import(0, "d", ())],
    "from a import b": [Import(0, "a", ("b",))],
    "from a import b as c, d": [Import(0, "a", ("b", "d"))],
    "from . import b": [Import(1, "", ("b",))],
    "from .import b": [Import(1, "", ("b",))],
    "from ..a.b import c": [Import(2, "a.b", ("c",))],
    "from a import *": [Import(0, "a", ("*",))],
    "from importlib import import_module": [Import(0, "importlib", ("import_module",))],
    "from a import (\n    b,  # (not c)\n    d as e,\n)\n": [Import(0, "a", ("b", "d"))],
    "from a import(b)": [Import(0, "a", ("b",))],
    # What stands behind the line's end could be an import by itself, as far as bytes tell.
    "from a \\\n    import b, \\\n    c": [
        Import(0, "a", ("b", "c")),
        Import(0, "b", ()),
        Import(0, "c", ()),
    ],
    "import a, \\\n    b": [Import(0, "a", ()), Import(0, "b", ())],
    "if x: from a import b": [Import(0, "a", ("b",))],
    "import a; from b import c; import d": [Import(0, "a", ()), Import(0, "d", ()), Import(0, "b", ("c",))],
    "try: import a\nexcept ImportError: import b": [Import(0, "a", ()), Import(0, "b", ())],
    "def f():\n\tfrom a import b\n": [Import(0, "a", ("b",))],
    "from größe import ä": [Import(0, "größe", ("ä",))],
}


def read(data: bytes) -> set[Import]:
    return {found for statement in statements(data) for found in imports(statement)}


@pytest.mark.parametrize("text", SHAPES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_shape_of_import_is_seen(text: str, line_end: str) -> None:
    data = text.replace("\n", line_end).encode()
    assert read(data) == set(SHAPES[text])


def test_nothing_that_the_parser_sees_is_missed_in_the_standard_library() -> None:
    seen = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("[a-e]*.py")):
        data = path.read_bytes()
        found = read(data)
        for node in ast.walk(ast.parse(data)):
            if isinstance(node, ast.Import):
                wanted = {Import(0, alias.name, ()) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                wanted = {Import(node.level, node.module or "", tuple(alias.name for alias in node.names))}
            else:
                continue
            assert wanted <= found, f"{path}:{node.lineno}"
            seen += 1
    assert seen > 100


@pytest.mark.parametrize(
    "data", [b"from " * 200_000, b"from" + b" " * 1_000_000, b"from x import (" * 50_000, b"import " * 200_000]
)
def test_hostile_text_takes_no_longer_than_its_length(data: bytes) -> None:
    read(data)
