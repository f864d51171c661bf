from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.endpoints import edited, endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

POST = '@app.post("/chatkit")'
ROUTER = "from fastapi import APIRouter\nrouter = APIRouter(prefix='/api')\n"
CALL = "await server.process(body, caller)"


@pytest.mark.parametrize(
    "tree",
    [
        edited("app/main.py", POST, '@app.get("/chatkit")'),
        edited("app/main.py", POST, ""),
        edited("app/main.py", POST, '@app.api_route("/chatkit", methods=["GET", "PUT"])'),
        edited("app/main.py", POST, f'{ROUTER}@router.post("/chatkit")'),
        edited("app/main.py", POST, '@app.websocket("/chatkit")'),
        edited("app/main.py", f"result = {CALL}", 'result = await server.process(b"{}", caller)'),
        endpoint(process="result = await server.process(await request.json(), caller)"),
        endpoint(process="result = await server.process((await request.json())['message'], caller)"),
        endpoint(
            process="data = await request.json()\nresult = await server.process(data.get('text').encode(), caller)"
        ),
        endpoint(process="result = await server.process(str(await request.json()), caller)"),
        endpoint(process="import json\nresult = await server.process(json.loads(await request.body()), caller)"),
        endpoint(process="result = await server.process(str(request.query_params).encode(), caller)"),
    ],
    ids=[
        "get",
        "no-route",
        "other-methods",
        "router-never-included",
        "websocket",
        "another-body",
        "parsed",
        "one-field",
        "text-of-one-field",
        "printed",
        "loaded",
        "query",
    ],
)
def test_no_post_route_hands_the_body_over(tree: dict[str, str], verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(tree, "CK101")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "tree",
    [
        edited("app/main.py", POST, '@app.api_route("/chatkit", methods=["POST"])'),
        edited("app/main.py", POST, f'{ROUTER}app.include_router(router)\n@router.post("/chatkit")'),
        endpoint(process="result = await server.process((await request.body()), caller)"),
        endpoint(
            process="raw = bytearray(await request.body())\nresult = await server.process(request=raw, context=caller)"
        ),
        endpoint(
            process="result = await answer(server, request, caller)",
            above="""
            async def answer(server: ChatServer, request: Request, caller: Caller):
                body = await request.body()
                return await server.process(body, caller)
            """,
        ),
        endpoint(
            process="import json\ndata = await request.json()\ndata.pop('trace', None)\n"
            "result = await server.process(json.dumps(data).encode(), caller)"
        ),
        endpoint(
            process="from chatkit.types import ChatKitReq\nfrom pydantic import TypeAdapter\n"
            "checked = TypeAdapter(ChatKitReq).validate_json(await request.body())\n"
            "result = await server.process(checked.model_dump_json(), caller)"
        ),
        endpoint(process="result = await server.process((await request.body()).decode(), caller)"),
        endpoint(process="result = await server.process(str(await request.body(), 'utf-8'), caller)"),
    ],
    ids=[
        "api-route",
        "included-router",
        "inline",
        "keywords",
        "helper",
        "written-again",
        "validated-and-written",
        "decoded",
        "decoded-by-str",
    ],
)
def test_a_post_route_hands_the_body_over(tree: dict[str, str], verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(tree, "CK101")) == {Outcome.PASS}


def test_a_router_included_after_the_handler_counts(verdicts: Callable[..., list[Verdict]]) -> None:
    tree = edited("app/main.py", POST, f'{ROUTER}@router.post("/chatkit")')
    tree["app/main.py"] += "\n\nfor each in (router,):\n    app.include_router(each, prefix='/v1')\n"
    found = verdicts(tree, "CK101")
    assert [(verdict.verdict, verdict.subject.name) for verdict in found] == [(Outcome.PASS, "POST /v1/api/chatkit")]


def test_a_broken_file_may_hold_the_route(verdicts: Callable[..., list[Verdict]]) -> None:
    found = verdicts(edited("app/main.py", f"result = {CALL}", f"result = = {CALL}"), "CK101")
    assert outcomes(found) == {Outcome.UNKNOWN}
    assert all(verdict.where.path == "app/main.py" and "app/main.py" in verdict.reason for verdict in found)


def test_a_broken_file_may_include_the_router(verdicts: Callable[..., list[Verdict]]) -> None:
    tree = edited("app/main.py", POST, f'{ROUTER}@router.post("/chatkit")')
    tree["app/whole.py"] = "from app.main import router\napp.include_router(router\n"
    assert outcomes(verdicts(tree, "CK101")) == {Outcome.UNKNOWN}


@pytest.mark.parametrize("path", ["tests/test_main.py", "tools/report.py"])
def test_a_broken_file_that_serves_nothing_hides_no_route(path: str, verdicts: Callable[..., list[Verdict]]) -> None:
    """A test, and a file that neither names the library nor imports what does."""
    tree = edited("app/main.py", POST, "") | {path: "import os\ndef (\n"}
    assert outcomes(verdicts(tree, "CK101")) == {Outcome.FAIL}
