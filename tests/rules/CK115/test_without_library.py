"""What a widget is answered by routes that do without the library."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from tests.rules.fronts import react

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.report.report import Report

CODES = ("CK115", "CK601")
OWN = """
from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel

router = APIRouter(prefix="/api/v1")


class Question(BaseModel):
    message: str


@router.post("/chat")
async def chat(question: Question):
    return {"response": question.message}


app = FastAPI()
app.include_router(router)
"""
BY_HAND = """
import json

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.post("/chatkit")
async def answer(request: Request):
    asked = json.loads(await request.body())
    if asked["type"] in ("threads.create", "threads.add_user_message"):
        return StreamingResponse(events(asked), media_type="text/event-stream")
    return {}


async def events(asked):
    yield b"data: {}\\n\\n"
"""


def alone(url: str, backend: str) -> dict[str, str]:
    """A front end beside a backend that never names ChatKit."""
    files = {path: text for path, text in react(url).items() if path.startswith("web/")}
    return files | {"api/main.py": dedent(backend)}


def answers(result: Report) -> dict[str, Outcome]:
    return {verdict.code: verdict.verdict for verdict in result.verdicts()}


@pytest.mark.parametrize(
    "url",
    [
        '`${import.meta.env.VITE_API_URL || "http://localhost:8000/api/v1"}/chat`',
        '"http://localhost:8000/api/v1/chat"',
        '"/api/v1/chat"',
    ],
)
def test_a_widget_that_posts_to_a_route_with_a_request_of_its_own(report: Callable[..., Report], url: str) -> None:
    result = report(alone(url, OWN), *CODES)

    (integration,) = result.integrations
    assert integration.root == "api"
    assert [endpoint.route for endpoint in integration.endpoints] == ["POST /api/v1/chat"]
    assert answers(result) == {"CK115": Outcome.FAIL, "CK601": Outcome.FAIL}
    assert "`Question`" in next(result.verdicts()).message


@pytest.mark.parametrize("read", ['body.get("message")', 'body["message"]'])
def test_a_body_that_is_read_by_hand(report: Callable[..., Report], read: str) -> None:
    own = OWN.replace("question: Question", "request: Request").replace(
        'return {"response": question.message}', f"body = await request.json()\n    return {read}"
    )

    assert answers(report(alone('"/api/v1/chat"', own), *CODES))["CK115"] is Outcome.FAIL


def test_a_route_that_passes_the_body_on_may_do_anything(report: Callable[..., Report]) -> None:
    own = OWN.replace("question: Question", "request: Request").replace(
        'return {"response": question.message}', "return await forward(await request.body())"
    )

    assert answers(report(alone('"/api/v1/chat"', own), *CODES)) == {"CK115": Outcome.UNKNOWN, "CK601": Outcome.FAIL}


def test_the_protocol_by_hand(report: Callable[..., Report]) -> None:
    assert answers(report(alone('"/chatkit"', BY_HAND), *CODES)) == {"CK115": Outcome.FAIL, "CK601": Outcome.PASS}


def test_the_protocol_by_hand_beside_the_library(report: Callable[..., Report]) -> None:
    silenced = BY_HAND.replace("@app.post", "# chatkit: ignore[CK115] the library cannot be installed there\n@app.post")
    result = report(react() | {"app/bridge.py": silenced}, *CODES)

    (integration,) = result.integrations
    assert [each.reason for each in integration.suppressed] == ["the library cannot be installed there"]
    assert answers(result) == {"CK115": Outcome.PASS, "CK601": Outcome.PASS}
    assert not result.diagnostics


def test_another_route_of_an_application_with_the_library_is_its_own_affair(report: Callable[..., Report]) -> None:
    files = react() | {"app/other.py": dedent(OWN)}

    assert answers(report(files, *CODES)) == {"CK115": Outcome.PASS, "CK601": Outcome.PASS}


def test_a_widget_that_no_backend_here_answers_is_a_note(report: Callable[..., Report]) -> None:
    result = report(alone('"https://api.example.com/chatkit"', OWN))

    assert not result.integrations
    assert "https://api.example.com/chatkit" in result.notes[-1]


def test_a_nearer_backend_wins_over_one_with_the_library(report: Callable[..., Report]) -> None:
    old = {f"old/{path}": text for path, text in alone('"/api/v1/chat"', OWN).items()}
    new = {f"new/{path}": text for path, text in react().items()}
    result = report(old | new, "CK601")

    found = {one.root: [verdict.verdict for verdict in one.verdicts] for one in result.integrations}
    assert found == {"new": [Outcome.PASS], "old/api": [Outcome.FAIL]}
