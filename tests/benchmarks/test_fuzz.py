"""Whatever stands in a tree, check ends without a crash and says the same again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fuzz.twins import Twins
from tests.conftest import minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]
# Names that are each other's aliases, several times over: each way through them was followed.
ALIASES = """
first = second = third = first
second = third = first = second
third = first = second = third
first = second
second = third
third = first


class Base(first, second, third):
    held = first.second.third
"""


def test_aliases_of_each_other_are_followed_once(verdicts: Callable[..., list[Verdict]]) -> None:
    tree = minimal_app()
    assert verdicts({**tree, "app/server.py": tree["app/server.py"] + ALIASES})


def test_a_tree_that_takes_too_long_is_noticed(tmp_path: Path) -> None:
    write_tree(tmp_path, minimal_app())
    with Twins(60) as twins:
        assert twins.check(tmp_path) is None
    with Twins(0) as impatient:
        found = impatient.check(tmp_path)
    assert found is not None
    assert found.kind == "no answer"


@pytest.mark.slow
def test_spoilt_trees(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fuzz", "--seed", "7", "--trees", "25", "--findings", str(tmp_path)],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT / 'validators'}:{ROOT / 'benchmarks'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "25 trees, 0 findings" in done.stdout
