from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

BRANCHES = """
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from app.settings import settings

if settings.taskflow_chatkit_database_url:
    engine = create_engine(settings.taskflow_chatkit_database_url)
else:
    engine = create_engine("sqlite:///chat.db", poolclass=StaticPool)
"""


def test_an_engine_made_in_either_branch_is_told_from_the_other(verdicts: Verdicts) -> None:
    tree = app({"app/db.py": BRANCHES}, ("app/main.py", "\nlogger =", "\nimport app.db\n\nlogger ="))
    found = failed(verdicts(tree, "CK305"))
    assert {one.where.path for one in found} == {"app/db.py"}
    assert ["other branch" in one.message for one in found] == [False, True]
    assert outcomes(found) == {Outcome.FAIL}
