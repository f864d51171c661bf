"""Two promises about imports: downwards only, and nothing but the standard library on the path of `check`."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import chatkit_validate
from tests.conftest import ROOT

PACKAGE = Path(chatkit_validate.__file__).parent
LAYERS = ("source", "names", "flow", "integration", "rules", "report")
MODULES = [path for layer in LAYERS for path in (PACKAGE / layer).rglob("*.py") if "minimal" not in path.parts]


def imported(path: Path) -> set[str]:
    """The layers that a module imports, at run time or for its types, at its top or inside a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chatkit_validate"):
            parts = (node.module or "").split(".")
            names = [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
            found.update(name for name in names if name in LAYERS)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_layer_imports_only_what_stands_above_it(path: Path) -> None:
    layer = path.relative_to(PACKAGE).parts[0]
    assert imported(path) <= set(LAYERS[: LAYERS.index(layer) + 1])


def test_check_loads_the_standard_library_and_itself() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from chatkit_validate.cli import main\n"
        "main(['check', '--output', sys.argv[2], sys.argv[3]])\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    target = ROOT / "fixtures/broken/source_endpoint"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(PACKAGE.parent), "/dev/null", str(target)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split()) - {"__main__", "chatkit_validate"}
    # What an environment's own .pth files import at every start is not ours.
    at_start = set(
        subprocess.run(
            [sys.executable, "-I", "-c", "import sys; print(*{n.partition('.')[0] for n in sys.modules})"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
    )
    assert loaded - at_start - sys.stdlib_module_names == set()
    assert not loaded & {"asyncio", "email", "http", "importlib.metadata", "unittest"} - at_start
