"""Every known way of breaking a bundle is found, by the rule that names it."""

from __future__ import annotations

import pytest

from chatkit_validate.bundle.self_test import DEFECTS, Defect, failing, shown


def test_the_intact_bundle_fails_nothing() -> None:
    assert failing() == []


@pytest.mark.parametrize("defect", [*shown(), *DEFECTS], ids=lambda defect: f"{defect.code}-{defect.bad.strip()[:30]}")
def test_a_defect_fails_its_rule(defect: Defect) -> None:
    assert defect.code in failing(defect)


def test_every_rule_has_defects() -> None:
    assert {defect.code for defect in DEFECTS} == {"CK901", "CK902", "CK903", "CK904", "CK905"}
