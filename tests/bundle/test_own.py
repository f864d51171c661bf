"""Our own agent and skills: by our own validator, by the format's reference validator, and against their regions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from skills_ref import validate  # type: ignore[import-untyped]  # it ships no types

from chatkit_validate.bundle.judging import judge
from chatkit_validate.bundle.regions import blocks
from chatkit_validate.bundle.rewriting import rewritten
from chatkit_validate.bundle.self_test import DEFECTS, MINIMAL, Defect
from chatkit_validate.rules.verdict import Outcome
from tests.conftest import ROOT, write_tree

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = sorted(path for folder in ("agents", "skills") for path in (ROOT / folder).rglob("*.md"))
SKILLS = ("fastapi-chatkit-endpoint", "chatkit-integration", "mcp-agent-auth")


def test_our_own_bundle_fails_nothing() -> None:
    report = judge(ROOT, "own")
    failed = [f"{v.where.path}:{v.where.line} {v.code} {v.message}" for v in report.verdicts() if v.failed]
    assert failed == []
    assert not [v for v in report.verdicts() if v.verdict is Outcome.UNKNOWN]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_code_is_the_text_of_its_region(path: Path) -> None:
    text = path.read_text("utf-8")
    assert rewritten(text, ROOT) == text, "run scripts/snippets.py"


def test_there_is_code_to_compare_and_counter_examples_among_it() -> None:
    found = [block for path in TEXTS for block in blocks(path.read_text("utf-8")) if block.region]
    assert len(found) > 20
    assert any(block.counter_example for block in found)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_must_names_its_rule(path: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    body = prose.partition("\n---\n")[2] if prose.startswith("---") else prose
    without = [
        paragraph
        for paragraph in re.split(r"\n(?=[-|#\d])|\n\n", body)
        if re.search(r"\bmust\b", paragraph) and not re.search(r"CK\d{3}", paragraph)
    ]
    assert without == []


@pytest.mark.parametrize("skill", SKILLS)
def test_the_format_s_own_validator_accepts_the_skill(skill: str) -> None:
    assert validate(ROOT / "skills" / skill) == []


NAMED_BY_BOTH = [defect for defect in DEFECTS if defect.code == "CK902" and "frok" not in defect.bad]


@pytest.mark.parametrize("defect", NAMED_BY_BOTH, ids=lambda defect: defect.bad.strip()[:20])
def test_what_the_format_s_own_validator_refuses_ours_refuses_too(defect: Defect, tmp_path: Path) -> None:
    text = (MINIMAL / defect.path).read_text("utf-8").replace(defect.good, defect.bad)
    write_tree(tmp_path, {defect.path: text})
    if validate((tmp_path / defect.path).parent):
        assert "CK902" in {v.code for v in judge(tmp_path, "broken").verdicts() if v.failed}
