from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import failed, outcomes
from tests.rules.stores import memory

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


RETURN = "        return Page(data=shown, has_more=more, after=shown[-1].id if more else None)\n"


@pytest.mark.parametrize(
    "given",
    ["has_more=more", "has_more=more, after=None", "has_more=more, next_cursor=shown[-1].id if more else None"],
)
def test_a_page_that_has_more_and_says_not_from_where_fails(verdicts: Verdicts, given: str) -> None:
    tree = memory((RETURN, f"        return Page(data=shown, {given})\n"))
    assert len(failed(verdicts(tree, "CK407"))) == 2


@pytest.mark.parametrize("given", ["has_more=False", "has_more=more, after=shown[-1].id if shown else None"])
def test_a_page_that_never_has_more_or_says_too_much_passes(verdicts: Verdicts, given: str) -> None:
    tree = memory((RETURN, f"        return Page(data=shown, {given})\n"))
    assert outcomes(verdicts(tree, "CK407")) == {Outcome.PASS}
