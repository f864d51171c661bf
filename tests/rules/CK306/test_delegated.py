from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

DATABASE = """
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def opened() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def database() -> Iterator[Session]:
    yield from opened()
"""
CALLER = "async def current_caller(request: Request) -> Caller:"


def test_a_session_yielded_from_another_dependency(verdicts: Verdicts) -> None:
    wanted = "async def current_caller(request: Request, held: Session = Depends(database)) -> Caller:"
    tree = app({"app/database.py": DATABASE}, ("app/auth.py", CALLER, wanted))
    head = "from fastapi import Depends\nfrom sqlalchemy.orm import Session\nfrom app.database import database\n"
    tree["app/auth.py"] = head + tree["app/auth.py"]
    (found,) = failed(verdicts(tree, "CK306"))
    assert found.level.value == "advice"
    assert outcomes([found]) == {Outcome.FAIL}
