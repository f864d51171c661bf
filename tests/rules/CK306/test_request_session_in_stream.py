from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

SIGNATURE = "async def chatkit(request: Request, caller: Annotated[Caller, Depends(current_caller)]):"
DEPENDENCY = """from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
sessions = async_sessionmaker()


async def get_session():
    async with sessions() as session:
        yield session


"""


def asking(
    process: str, parameter: str = "db: AsyncSession = Depends(get_session)", versions: str = ""
) -> dict[str, str]:
    tree = app(
        None,
        (
            "app/main.py",
            SIGNATURE,
            f"async def chatkit(request: Request, caller: Annotated[Caller, Depends(current_caller)], {parameter}):",
        ),
        ("app/main.py", "server.process(body, caller)", process),
        ("app/main.py", '@app.post("/chatkit")', f'{DEPENDENCY}@app.post("/chatkit")'),
    )
    tree["pyproject.toml"] = tree["pyproject.toml"].replace('"fastapi>=0.120"', f'"fastapi{versions}"')
    return tree


@pytest.mark.parametrize(
    ("process", "parameter"),
    [
        ('server.process(body, {"caller": caller, "db": db})', "db: AsyncSession = Depends(get_session)"),
        ("server.process(body, db)", "db: Annotated[AsyncSession, Depends(get_session)]"),
        ("ChatServer(PostgresStore(db)).process(body, caller)", "db=Depends(get_session)"),
        ("server.process(body, dict(session=db))", "db: AsyncSession = Depends(get_session)"),
        ("server.process(body, Held(db))", "db: AsyncSession = Depends(get_session)"),
    ],
)
def test_a_session_that_streams_fails(verdicts: Verdicts, process: str, parameter: str) -> None:
    tree = asking(process, parameter)
    tree["app/main.py"] += "\n\nclass Held:\n    def __init__(self, session):\n        self.session = session\n"
    (failure,) = failed(verdicts(tree, "CK306"))
    assert failure.level is Level.WARNING
    assert failure.evidence[0].message.startswith("opened")


@pytest.mark.parametrize(
    ("versions", "fate"),
    [
        ("==0.115.2", "closed before the stream begins"),
        ("==0.135.0", "held for the whole stream"),
        (">=0.100", "not pinned"),
    ],
)
def test_the_version_says_what_happens(verdicts: Verdicts, versions: str, fate: str) -> None:
    (failure,) = failed(verdicts(asking('server.process(body, {"db": db})', versions=versions), "CK306"))
    assert fate in failure.message


def test_a_session_of_the_authentication_alone_is_advice(verdicts: Verdicts) -> None:
    tree = app(
        None, ("app/auth.py", "(request: Request)", "(request: Request, db: AsyncSession = Depends(get_session))")
    )
    head = "from fastapi import Depends\n" + DEPENDENCY
    tree["app/auth.py"] = head + tree["app/auth.py"].replace(
        'claims["sub"]', '(await db.get(Caller, claims["sub"])).user_id'
    )
    (failure,) = failed(verdicts(tree, "CK306"))
    assert failure.level is Level.ADVICE


def test_without_a_session_it_passes(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(app(), "CK306")) == {Outcome.PASS}


USERS = """from fastapi import Depends


async def current_user(request: Request, db: AsyncSession = Depends(get_session)) -> Caller:
    return await known(request, db)


"""


def looking_up(body: str) -> dict[str, str]:
    """An app whose authentication looks users up; `body` begins the dependency that the endpoint asks for."""
    session = "db: AsyncSession = Depends(get_session)"
    wanted = f"(request: Request, user: Caller = Depends(current_user), {session}) -> Caller:\n    {body}"
    tree = app(None, ("app/auth.py", "(request: Request) -> Caller:", wanted))
    tree["app/auth.py"] = DEPENDENCY + USERS + tree["app/auth.py"]
    return tree


@pytest.mark.parametrize(
    "body",
    [
        "await db.close()",
        "try:\n        user.check()\n    finally:\n        await db.close()",
        "async with db:\n        return user",
        "if not user:\n        raise HTTPException(401)\n    await db.close()",
    ],
)
def test_a_session_that_is_closed_when_the_user_is_known_passes(verdicts: Verdicts, body: str) -> None:
    assert outcomes(verdicts(looking_up(body), "CK306")) == {Outcome.PASS}


@pytest.mark.parametrize(
    "body",
    [
        "if user:\n        return user\n    await db.close()",
        "if user:\n        await db.close()",
        "await other.close()",
    ],
)
def test_a_session_that_is_closed_on_some_ways_only_is_advice(verdicts: Verdicts, body: str) -> None:
    (failure,) = failed(verdicts(looking_up(body), "CK306"))
    assert failure.level is Level.ADVICE


def test_a_session_that_is_closed_before_another_dependency_has_it_is_advice(verdicts: Verdicts) -> None:
    tree = looking_up("await db.close()")
    tree["app/main.py"] = tree["app/main.py"].replace(
        SIGNATURE, SIGNATURE.replace("):", ", again: Annotated[Caller, Depends(current_user)]):")
    )
    tree["app/main.py"] = "from app.auth import current_user\n" + tree["app/main.py"]
    tree["app/auth.py"] = tree["app/auth.py"].replace("Depends(current_user)", "Depends(other_user)")
    tree["app/auth.py"] += (
        "\n\nasync def other_user(request: Request, db: AsyncSession = Depends(get_session)) -> Caller:\n"
        "    return await known(request, db)\n"
    )
    (failure,) = failed(verdicts(tree, "CK306"))
    assert failure.level is Level.ADVICE
