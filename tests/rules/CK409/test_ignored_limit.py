from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import failed, outcomes
from tests.rules.stores import memory, orm

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


SIZE = "        size = max(1, min(limit, 100))\n        shown"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("size = 1000", "for a limit of 1"),
        ("size = limit - 1", "for a limit of"),
    ],
)
def test_a_page_of_another_length_fails(verdicts: Verdicts, line: str, told: str) -> None:
    failures = failed(verdicts(memory((SIZE, f"        {line}\n        shown")), "CK409"))
    assert len(failures) == 2
    assert all(told in failure.message for failure in failures)


@pytest.mark.parametrize("more", ["False", "True", "len(shown) == size", "len(rows) >= size"])
def test_has_more_that_is_not_exact_fails(verdicts: Verdicts, more: str) -> None:
    tree = memory(("        more = len(rows) > size\n", f"        more = {more}\n"))
    assert failed(verdicts(tree, "CK409"))


@pytest.mark.parametrize(
    ("bound", "told"),
    [("limit + 1", "9223372036854775808"), ("max(limit, 1)", "9223372036854775808"), ("min(limit, 100)", "-1")],
)
def test_a_limit_that_the_driver_refuses_fails(verdicts: Verdicts, bound: str, told: str) -> None:
    tree = orm(("query.limit(max(1, min(limit, 100)) + 1)", f"query.limit({bound})"))
    assert any(told in failure.message for failure in failed(verdicts(tree, "CK409"))) or "1" in bound


def test_a_slice_takes_any_number(verdicts: Verdicts) -> None:
    tree = memory((SIZE, "        size = limit if limit > 0 else 20\n        shown"))
    assert outcomes(verdicts(tree, "CK409")) == {Outcome.PASS}
