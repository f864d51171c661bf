"""Every rule that can be fixed keeps the promises on its shown pair, in every way a file can be written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.promises import fixed

from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Outcome
from tests.conftest import ROOT, minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatkit_validate.rules.registry import LoadedRule

FIXABLE = [loaded for loaded in registry.load() if loaded.rule.fix]
WRITTEN: dict[str, Callable[[str], bytes]] = {
    "as it is": lambda text: text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR alone": lambda text: text.replace("\n", "\r").encode(),
    "form feeds": lambda text: text.replace("\n\n\n", "\n\f\n\n").encode(),
    "beyond the first plane": lambda text: text.replace("\n\n\n", '\n\n"𝄞 größer"; \n', 1).encode(),
    "with a mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "latin-1": lambda text: f"# -*- coding: latin-1 -*-\n# größer\n{text}".encode("latin-1"),
    "tabs": lambda text: text.replace("    ", "\t").encode(),
    "white space behind": lambda text: text.replace(",\n", ", \t\n").encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
    "comments behind": lambda text: text.replace(",\n", ",  # why\n").encode(),
}


def broken(loaded: LoadedRule) -> dict[str, str]:
    shown = loaded.rule.shown
    assert shown is not None
    files = minimal_app()
    files[shown.path] = files[shown.path].replace(shown.good, shown.bad)
    return files


def test_there_are_rules_that_can_be_fixed() -> None:
    assert {loaded.rule.code for loaded in FIXABLE} >= {"CK103", "CK104", "CK105", "CK106", "CK108", "CK110", "CK112"}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("loaded", FIXABLE, ids=lambda loaded: loaded.rule.code)
def test_the_shown_pair_is_mended_and_the_rest_stays(loaded: LoadedRule, written: str, tmp_path: Path) -> None:
    files = broken(loaded)
    write_tree(tmp_path, files)
    for path in files:
        if path.endswith(".py"):
            (tmp_path / path).write_bytes(WRITTEN[written](files[path]))
    done = fixed(tmp_path, loaded.rule.code)
    if (loaded.rule.code, written) == ("CK302", "latin-1"):  # ruff reads UTF-8 alone
        assert {one.verdict for one in done.before.verdicts() if one.where.path == "app/main.py"} == {Outcome.UNKNOWN}
        return
    assert {one.code for one in done.applied} == {loaded.rule.code}
    assert not done.refused
    outcomes = {one.verdict for one in done.report.verdicts() if one.code == loaded.rule.code}
    assert outcomes <= {Outcome.PASS, Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize("loaded", FIXABLE, ids=lambda loaded: loaded.rule.code)
def test_what_is_done_is_as_safe_as_the_page_says(loaded: LoadedRule, tmp_path: Path) -> None:
    safety, _, told = loaded.rule.fix.partition(": ")
    assert safety in {"safe", "unsafe", "safe or unsafe"}
    assert told.endswith(".")
    done = fixed(write_tree(tmp_path, broken(loaded)), loaded.rule.code)
    made = {"safe" if one.fix.safe else "unsafe" for one in done.applied if one.fix}
    assert made
    assert made <= set(safety.split(" or "))


def test_all_shown_pairs_together_are_mended(tmp_path: Path) -> None:
    """Rules whose pairs edit the same place show one of them."""
    files = minimal_app()
    wanted = []
    for loaded in FIXABLE:
        shown = loaded.rule.shown
        if shown is not None and shown.good in files[shown.path] and loaded.rule.code != "CK302":
            files[shown.path] = files[shown.path].replace(shown.good, shown.bad)
            wanted.append(loaded.rule.code)
    done = fixed(write_tree(tmp_path, files))
    assert len(wanted) > 5
    assert [one.code for one in done.report.verdicts() if one.failed and one.code in wanted] == []


@pytest.mark.parametrize("name", ["source_endpoint", "todo_before"])
def test_the_broken_apps_are_mended_as_far_as_it_goes(name: str, tmp_path: Path) -> None:
    app = tmp_path / name
    shutil.copytree(ROOT / "fixtures" / "broken" / name, app)
    done = fixed(app)
    mended = {"CK103", "CK110", "CK405", "CK510", "CK511"}
    assert {one.code for one in done.applied} == (mended if name == "source_endpoint" else set())
