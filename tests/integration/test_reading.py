from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from chatkit_validate import integration, source
from chatkit_validate.names import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatkit_validate.integration import Integration

SERVER = """
from chatkit.server import ChatKitServer

class Server(ChatKitServer[dict]):
    async def respond(self, thread, item, context):
        yield None
"""
MADE = "from fastapi import FastAPI, Request\nfrom server import Server\napp = FastAPI()\nserver = Server(store=None)\n"
HANDLER = "async def chat(request: Request):\n    return await server.process(await request.body(), {})\n"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[Integration, ...]]:
    def run(**files: str) -> tuple[Integration, ...]:
        tree = {f"{name.replace('__', '/')}.py": dedent(text) for name, text in files.items()}
        for path, text in tree.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, "utf-8")
        paths = tuple(sorted(tree))
        return integration.read(Project(paths, lambda path: source.read(tmp_path, path)), paths)

    return run


def names(found: tuple[Integration, ...]) -> list[str]:
    return [endpoint.name for each in found for endpoint in each.endpoints]


ENDPOINTS = {
    "on-the-application": (f"{MADE}@app.post('/chatkit')\n{HANDLER}", ["POST /chatkit"]),
    "on-a-router": (
        (
            f"from fastapi import APIRouter\n{MADE}r = APIRouter(prefix='/api')\n@r.post('/chat')\n{HANDLER}"
            "app.include_router(r, prefix='/v1')\n"
        ),
        ["POST /v1/api/chat"],
    ),
    "empty-path": (
        (
            f"from fastapi import APIRouter\n{MADE}r = APIRouter()\n@r.post('')\n"
            f"{HANDLER}app.include_router(r, prefix='/c')\n"
        ),
        ["POST /c"],
    ),
    "stacked": (f"{MADE}@app.post('/a')\n@app.post('/b')\n{HANDLER}", ["POST /a"]),
    "api-route": (f"{MADE}@app.api_route('/chat', methods=['POST', 'GET'])\n{HANDLER}", ["POST /chat"]),
    "added": (f"{MADE}{HANDLER}app.add_api_route('/chat', chat, methods=['POST'])\n", ["POST /chat"]),
    "starlette": (
        (
            "from starlette.applications import Starlette\nfrom starlette.requests import Request\n"
            "from starlette.routing import Route\nfrom server import Server\nserver = Server(store=None)\n"
            f"{HANDLER}app = Starlette(routes=[Route('/chat', chat, methods=['POST'])])\n"
        ),
        ["POST /chat"],
    ),
    "in-a-factory": (
        (
            "from fastapi import FastAPI, Request\nfrom server import Server\n"
            "def create_app(prefix='/api'):\n    server = Server(store=None)\n    app = FastAPI()\n"
            "    @app.post('/chat')\n    async def chat(request: Request):\n"
            "        return await server.process(await request.body(), {})\n    return app\n"
        ),
        ["POST /chat"],
    ),
    "under-a-condition": (
        (
            f"{MADE}if app:\n    @app.post('/chat')\n    async def chat(request: Request):\n"
            "        return await server.process(await request.body(), {})\n"
        ),
        ["POST /chat"],
    ),
    "through-a-helper": (
        (
            f"{MADE}async def ask(body):\n    return await server.process(body, {{}})\n"
            "@app.post('/chat')\nasync def chat(request: Request):\n    return await ask(await request.body())\n"
        ),
        ["POST /chat"],
    ),
    "through-a-dependency": (
        (
            "from typing import Annotated\nfrom fastapi import Depends\n"
            f"{MADE}def give() -> Server:\n    return server\n@app.post('/chat')\n"
            "async def chat(request: Request, s: Annotated[Server, Depends(give)]):\n"
            "    return await s.process(await request.body(), {})\n"
        ),
        ["POST /chat"],
    ),
    "through-the-state": (
        (
            f"{MADE}def start():\n    app.state.chat = Server(store=None)\n@app.post('/chat')\n"
            "async def chat(request: Request):\n"
            "    return await request.app.state.chat.process(await request.body(), {})\n"
        ),
        ["POST /chat"],
    ),
    "through-attributes": (
        (
            f"{MADE}class Services:\n    def __init__(self):\n        self.chat = Server(store=None)\n"
            "services = Services()\n"
            "@app.post('/chat')\nasync def chat(request: Request):\n"
            "    return await services.chat.process(await request.body(), {})\n"
        ),
        ["POST /chat"],
    ),
}


@pytest.mark.parametrize("case", ENDPOINTS)
def test_an_endpoint_is_found(case: str, read: Callable[..., tuple[Integration, ...]]) -> None:
    main, expected = ENDPOINTS[case]
    assert names(read(main=main, server=SERVER)) == expected


OTHERS = {
    "own-class-of-that-name": (
        "from fastapi import FastAPI, Request\nclass ChatKitServer:\n    async def process(self, body, context): ...\n"
        f"app = FastAPI()\nserver = ChatKitServer()\n@app.post('/chatkit')\n{HANDLER}"
    ),
    "another-process": (
        "import queue\nfrom fastapi import FastAPI, Request\napp = FastAPI()\nserver = queue.Queue()\n"
        "@app.post('/chatkit')\nasync def chat(request: Request):\n    return server.process('x')\n"
    ),
    "only-the-name": "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/chatkit')\nasync def chatkit(): ...\n",
    "nothing": "print('hello')\n",
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_only_looks_like_one_is_none(case: str, read: Callable[..., tuple[Integration, ...]]) -> None:
    assert read(main=OTHERS[case]) == ()


def test_a_local_package_called_chatkit_is_another(read: Callable[..., tuple[Integration, ...]]) -> None:
    local = "class ChatKitServer:\n    async def process(self, body, context): ...\n"
    found = read(
        main=f"{MADE}@app.post('/chatkit')\n{HANDLER}", server=SERVER, chatkit__server=local, chatkit____init__=""
    )
    assert names(found) == []


def test_roots_in_one_repository_are_told_apart(read: Callable[..., tuple[Integration, ...]]) -> None:
    main = f"{MADE}@app.post('/chat')\n{HANDLER}"
    found = read(one__main=main, one__server=SERVER, two__main=main, two__server=SERVER)
    assert [(each.root, names((each,))) for each in found] == [("one", ["POST /chat"]), ("two", ["POST /chat"])]


def test_a_server_without_endpoint_is_still_an_integration(read: Callable[..., tuple[Integration, ...]]) -> None:
    found = read(server=SERVER)
    assert [[server.name for server in each.servers] for each in found] == [["Server"]]
    assert names(found) == []


def test_a_server_class_of_another_module_and_base(read: Callable[..., tuple[Integration, ...]]) -> None:
    base = SERVER.replace("class Server", "class Base")
    mine = "from base import Base as Parent\nclass Loud: ...\nclass Server(Loud, Parent): ...\n"
    (found,) = read(main=f"{MADE}@app.post('/chat')\n{HANDLER}", server=mine, base=base)
    assert [cls.name for cls in found.endpoints[0].processing.servers] == ["Server"]
