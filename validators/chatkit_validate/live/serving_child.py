"""Serves `module:app` with uvicorn until standard input ends. Run by path, with the app's own Python.

Needs nothing of this package: the app's environment has uvicorn, but need not have chatkit-validate.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import os
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, Literal

import uvicorn


class _Announcing(uvicorn.Server):
    """Says through the pipe when requests are served."""

    def __init__(self, config: uvicorn.Config, news: dict[str, int], pipe: int) -> None:
        super().__init__(config)
        self._news = news
        self._pipe = pipe

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's."""
        await super().startup(sockets=sockets)
        if self.started:
            _announce(self._pipe, self._news)


def main() -> int:
    """Serves; answers 0 after an orderly end, 1 where the app cannot be had or does not start."""
    parser = argparse.ArgumentParser()
    parser.add_argument("app")
    parser.add_argument("--pipe", type=int, required=True)
    parser.add_argument("--factory", action="store_true")
    options = parser.parse_args()
    # A file that is run by path puts its own folder first, where our modules would hide the app's.
    sys.path[0] = str(Path.cwd())
    try:
        app = _load(options.app)
    except Exception as error:  # noqa: BLE001 - whatever the app's import raises
        said = f"{type(error).__name__}: {error}{_place(error)}"
        _announce(options.pipe, {"error": f"{options.app} cannot be imported: {said}"})
        return 1
    cold = _fork_cold(app, factory=options.factory)
    listener = _listener()
    news = {"port": listener.getsockname()[1], **cold}
    config = _config(app, factory=options.factory, lifespan="auto")
    if _serve(_Announcing(config, news, options.pipe), listener):
        return 0
    _announce(options.pipe, {"error": f"{options.app} did not start: its lifespan failed"})
    return 1


def _fork_cold(app: Any, *, factory: bool) -> dict[str, int]:  # noqa: ANN401 - an ASGI app, or its factory
    """A second process that serves the app without its lifespan: what requests meet that come too early.

    Forked, because importing the app once more can take longer than the whole probe. Answers its port, or nothing
    where the app already runs threads, which a fork would lose.
    """
    if not hasattr(os, "fork") or threading.active_count() > 1:
        return {}
    listener = _listener()
    if os.fork() == 0:
        _serve(uvicorn.Server(_config(app, factory=factory, lifespan="off")), listener)
        os._exit(0)
    port: int = listener.getsockname()[1]
    listener.close()
    return {"cold": port}


def _serve(server: uvicorn.Server, listener: socket.socket) -> bool:
    # The probe holds the other end: when it is gone, however it went, nothing of the app stays.
    threading.Thread(target=_until_input_ends, args=(server,), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError, SystemExit):
        server.run(sockets=[listener])
    return server.started


def _config(app: Any, *, factory: bool, lifespan: Literal["auto", "off"]) -> uvicorn.Config:  # noqa: ANN401 - as above
    return uvicorn.Config(
        app, factory=factory, lifespan=lifespan, log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )


def _listener() -> socket.socket:
    # The protocol is named because asyncio turns Nagle's algorithm off only then: it costs 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    return listener


def _load(spec: str) -> Any:  # noqa: ANN401 - an ASGI app, or its factory
    module, _, attribute = spec.partition(":")
    found: Any = importlib.import_module(module)
    for name in (attribute or "app").split("."):
        found = getattr(found, name)
    return found


def _place(error: Exception) -> str:
    """The innermost line of the app's own code that `error` went through."""
    here = str(Path.cwd())
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(here)]
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    return f" ({Path(own[-1].filename).relative_to(here)}, line {own[-1].lineno})" if own else ""


def _until_input_ends(server: uvicorn.Server) -> None:
    # os.read, not sys.stdin: a thread that holds its buffer's lock keeps the interpreter from ending.
    while os.read(0, 4096):
        pass
    server.should_exit = True


def _announce(pipe: int, news: dict[str, Any]) -> None:
    os.write(pipe, json.dumps(news).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
