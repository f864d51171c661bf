from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

ORIGINS = 'allow_origins=["https://app.example.com"],'


def allowing(options: str, above: str = "") -> dict[str, str]:
    tree = app(None, ("app/main.py", ORIGINS, options))
    tree["app/main.py"] = tree["app/main.py"].replace("app = FastAPI(", f"{above}\napp = FastAPI(")
    return tree


@pytest.mark.parametrize(
    ("options", "above"),
    [
        ('allow_origins=["*"],', ""),
        ('allow_origins=("https://a.example", "*"),', ""),
        ("allow_origins=ORIGINS,", 'ORIGINS = ["*"]'),
        ('allow_origins=["null"],', ""),
        ('allow_origin_regex=".*",', ""),
        ('allow_origin_regex=r"https?://.*",', ""),
        ('allow_origins=os.getenv("ORIGINS", "*").split(","),', "import os"),
        ("allow_origins=origins(),", 'def origins():\n    return ["*"]'),
    ],
)
def test_everybody_with_credentials_fails(verdicts: Verdicts, options: str, above: str) -> None:
    (failure,) = failed(verdicts(allowing(options, above), "CK211"))
    assert [note.message for note in failure.evidence] == ["admits every origin", "allows credentials"]


@pytest.mark.parametrize(
    ("options", "above"),
    [
        ('allow_origins=["https://a.example"],', ""),
        ('allow_origin_regex=r"https://.*\\.example\\.com",', ""),
        ('allow_origins=os.environ["ORIGINS"].split(","),', "import os"),
        ("allow_origins=[str(o) for o in settings.jwt_audience],", ""),
        ("allow_origins=[],", ""),
    ],
)
def test_named_origins_pass(verdicts: Verdicts, options: str, above: str) -> None:
    assert outcomes(verdicts(allowing(options, above), "CK211")) == {Outcome.PASS}


def test_everybody_without_credentials_passes(verdicts: Verdicts) -> None:
    tree = app(
        None, ("app/main.py", ORIGINS, 'allow_origins=["*"],'), ("app/main.py", "allow_credentials=True", "max_age=5")
    )
    assert outcomes(verdicts(tree, "CK211")) == {Outcome.PASS}


@pytest.mark.parametrize(
    ("options", "above"),
    [
        ('allow_origins=["*"] if DEBUG else ["https://a.example"],', "import os\nDEBUG = os.getenv('DEBUG')"),
        ("**OPTIONS,", "import json\nOPTIONS = json.loads('{}')"),
    ],
)
def test_what_cannot_be_decided_is_unknown(verdicts: Verdicts, options: str, above: str) -> None:
    assert outcomes(verdicts(allowing(options, above), "CK211")) == {Outcome.UNKNOWN}


def test_without_cors_it_does_not_apply(verdicts: Verdicts) -> None:
    tree = app()
    start = tree["app/main.py"].index("app.add_middleware")
    end = tree["app/main.py"].index("async def refuse")
    tree["app/main.py"] = tree["app/main.py"][:start] + tree["app/main.py"][end:]
    assert outcomes(verdicts(tree, "CK211")) == {Outcome.NOT_APPLICABLE}


def test_the_middleware_list_of_the_application_counts(verdicts: Verdicts) -> None:
    tree = app(
        None, ("app/main.py", "app = FastAPI(lifespan=lifespan)", "app = FastAPI(lifespan=lifespan, middleware=MINE)")
    )
    start = tree["app/main.py"].index("app.add_middleware")
    end = tree["app/main.py"].index("async def refuse")
    tree["app/main.py"] = tree["app/main.py"][:start] + tree["app/main.py"][end:]
    mine = 'MINE = [Middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)]\n\n'
    tree["app/main.py"] = tree["app/main.py"].replace(
        "app = FastAPI(", f"from starlette.middleware import Middleware\n{mine}app = FastAPI("
    )
    assert outcomes(verdicts(tree, "CK211")) == {Outcome.FAIL}
