"""The services that the benchmark plants: small, whole, and spread over folders as real ones are."""

from __future__ import annotations

from typing import Final

_SERVER: Final = """\
from collections.abc import AsyncIterator
from typing import Any

from chatkit.server import ChatKitServer
from chatkit.types import ThreadMetadata, ThreadStreamEvent, UserMessageItem


class Assistant(ChatKitServer[dict[str, Any]]):
    async def respond(
        self, thread: ThreadMetadata, item: UserMessageItem | None, context: dict[str, Any]
    ) -> AsyncIterator[ThreadStreamEvent]:
        return
        yield
"""

_STORE: Final = '''\
from typing import Any

from chatkit.store import Store


class Threads(Store[dict[str, Any]]):
    """Keeps nothing."""
'''

_WIRING: Final = """\
from {server} import Assistant
from {store} import Threads

assistant = Assistant(Threads())


def get_assistant() -> Assistant:
    return assistant
"""

_MAIN: Final = """\
from fastapi import Depends, FastAPI, Request
from fastapi.responses import StreamingResponse

from {wiring} import get_assistant

app = FastAPI()


@app.post("/assistant")
async def assistant(request: Request, server=Depends(get_assistant)):
    result = await server.process(await request.body(), {{}})
    return StreamingResponse(result, media_type="text/event-stream")
"""


def _package(name: str) -> dict[str, str]:
    """One package, relative imports."""
    here = f"apps/{name}"
    return {
        f"{here}/__init__.py": "",
        f"{here}/impl.py": _SERVER,
        f"{here}/storage.py": _STORE,
        f"{here}/wiring.py": _WIRING.format(server=".impl", store=".storage"),
        f"{here}/main.py": _MAIN.format(wiring=".wiring"),
    }


def _layers(name: str) -> dict[str, str]:
    """A backend folder with an `app` package of layers, absolute imports from the backend folder."""
    here = f"services/{name}/backend"
    return {
        f"{here}/app/__init__.py": "",
        f"{here}/app/core/__init__.py": "",
        f"{here}/app/core/engine.py": _SERVER,
        f"{here}/app/db/__init__.py": "",
        f"{here}/app/db/threads.py": _STORE,
        f"{here}/app/api/__init__.py": "",
        f"{here}/app/api/deps.py": _WIRING.format(server="app.core.engine", store="..db.threads"),
        f"{here}/app/api/routes.py": _MAIN.format(wiring="app.api.deps").replace("FastAPI()", "APIRouter()", 1)
        .replace("FastAPI, Request", "APIRouter, Request").replace("app = ", "router = ").replace("@app", "@router"),
        f"{here}/app/main.py": "from fastapi import FastAPI\n\nfrom app.api import routes\n\n"
        "app = FastAPI()\napp.include_router(routes.router)\n",
    }  # fmt: skip


def _distributions(name: str) -> dict[str, str]:
    """Two distributions of one workspace; the web one imports the other, re-exported by its `__init__`."""
    core, web = f"packages/{name}-core/src/{name}_core", f"deploy/{name}-web/src/{name}_web"
    return {
        f"packages/{name}-core/pyproject.toml": f'[project]\nname = "{name}-core"\nversion = "1"\n',
        f"{core}/__init__.py": "from .wiring import get_assistant\n\n__all__ = ['get_assistant']\n",
        f"{core}/engine.py": _SERVER,
        f"{core}/storage.py": _STORE,
        f"{core}/wiring.py": _WIRING.format(server=f"{name}_core.engine", store=f"{name}_core.storage"),
        f"deploy/{name}-web/pyproject.toml": f'[project]\nname = "{name}-web"\nversion = "1"\n',
        f"{web}/__init__.py": "",
        f"{web}/main.py": _MAIN.format(wiring=f"{name}_core"),
    }


def _flat(name: str) -> dict[str, str]:
    """Modules beside each other without a package, started from a folder below."""
    here = f"tools/{name}"
    return {
        f"{here}/engine.py": _SERVER,
        f"{here}/storage.py": _STORE,
        f"{here}/wiring.py": _WIRING.format(server="engine", store="storage"),
        f"{here}/web/main.py": "import sys\n\nsys.path.insert(0, '..')\n\n" + _MAIN.format(wiring="wiring"),
    }


def planted() -> dict[str, dict[str, str]]:
    """The twelve services: for each the path of the file with its endpoint, and its files by path."""
    layouts = {
        "apps/{}/main.py": _package,
        "services/{}/backend/app/api/routes.py": _layers,
        "deploy/{0}-web/src/{0}_web/main.py": _distributions,
        "tools/{}/web/main.py": _flat,
    }
    return {
        endpoint.format(name): write(name)
        for number, (endpoint, write) in enumerate(layouts.items())
        for name in (f"svc{number}{copy}" for copy in "abc")
    }
