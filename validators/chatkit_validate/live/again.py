"""One check once more, from a test: who and what comes from the environment."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from chatkit_validate.live.identity import Identity
from chatkit_validate.live.model_stub import ModelStub
from chatkit_validate.live.run import Plan, probe
from chatkit_validate.live.stage import Cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatkit_validate.report.target import CheckReport


def again(check: str, environment: Mapping[str, str] = os.environ) -> CheckReport:
    """Plays the scenario of `check` against a running endpoint.

    Args:
        check: Its id, e.g. `protocol/event-order`.
        environment: `CHATKIT_URL`; where needed `TOKEN_A`, `TOKEN_B`, `TOKEN_EXPIRED`, and `MODEL_STUB_PORT` for
            where the app expects the scripted model.

    Raises:
        KeyError: `CHATKIT_URL` is not set, or there is no such check.
    """
    url = environment["CHATKIT_URL"]
    second, port = environment.get("TOKEN_B"), environment.get("MODEL_STUB_PORT")
    model = ModelStub(int(port)) if port else None
    cast = Cast(
        a=Identity("A", environment.get("TOKEN_A")),
        b=Identity("B", second) if second else None,
        expired=environment.get("TOKEN_EXPIRED"),
        model=model,
    )
    plan = Plan(url, cast, only=[check])
    if not plan.chosen():
        raise KeyError(f"there is no check {check!r}")
    if model is None:
        report = asyncio.run(probe(plan))
    else:
        with model:
            report = asyncio.run(probe(plan))
    return next(one for one in report.checks if one.id == check)
