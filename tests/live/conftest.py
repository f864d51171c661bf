"""Servers on real ports, and a probe of one check."""

from __future__ import annotations

import asyncio
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING

import jwt
import pytest

from broken.servers.sound import AUDIENCE, SECRET, Sound
from chatkit_validate.live.identity import Identity
from chatkit_validate.live.model_stub import ModelStub
from chatkit_validate.live.run import Plan, probe
from chatkit_validate.live.stage import Cast
from chatkit_validate.live.wire import Bounds
from services.serving import ThreadedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatkit_validate.report.target import TargetReport
    from services.nginx import Nginx
    from services.scripted_model import ScriptedModel


def token(user: str, *, lifetime: int = 3600) -> str:
    """A token of the broken servers."""
    return jwt.encode({"sub": user, "aud": AUDIENCE, "exp": int(time.time()) + lifetime}, SECRET, algorithm="HS256")


@pytest.fixture(scope="session")
def model() -> Iterator[ModelStub]:
    """One scripted model for all."""
    with ModelStub() as stub:
        yield stub


@pytest.fixture
def probed(model: ModelStub) -> Callable[..., TargetReport]:
    """Serves `server` and plays the scenarios of `only` against it, or all.

    With a model of its own if `unseen`, and through the proxy that `behind` puts before a URL.
    """

    def run(
        server: type[Sound],
        *only: str,
        bounds: Bounds | None = None,
        unseen: ScriptedModel | None = None,
        behind: Callable[[str], Nginx] | None = None,
    ) -> TargetReport:
        serving = ThreadedServer(server(unseen.url if unseen else model.url).app(), grace=0)
        serving.start()
        cast = Cast(
            a=Identity("A", token("alice")),
            b=Identity("B", token("bob")),
            expired=token("alice", lifetime=-3600),
            model=None if unseen else model,
        )
        try:
            with behind(serving.url) if behind else nullcontext(serving) as front:
                plan = Plan(f"{front.url}/chatkit", cast, only=only, bounds=bounds or Bounds(patience=4))
                return asyncio.run(probe(plan))
        finally:
            serving.stop()

    return run
