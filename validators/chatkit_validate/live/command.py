"""The command `probe`: from options to a report and an exit code."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chatkit_validate.configuration import UsageError
from chatkit_validate.live.check import Group
from chatkit_validate.live.credentials import Given, Login, users
from chatkit_validate.live.model_stub import ModelStub
from chatkit_validate.live.run import Plan, probe
from chatkit_validate.live.scenarios import SCENARIOS
from chatkit_validate.live.serving import AppServer, AppStartError
from chatkit_validate.live.stage import Cast
from chatkit_validate.live.wire import Bounds
from chatkit_validate.report.report import Report

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

    from chatkit_validate.live.serving import Served
    from chatkit_validate.report.target import TargetReport

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line and the configuration ask for.

    Attributes:
        url: The endpoint; empty where an app is served.
        app: The app to serve, or None.
        given: The users' credentials.
        stub: The scripted model's port (0: a free one), or None for the app's own model.
        groups: See `Plan`.
        only: See `Plan`.
        bounds: See `Plan`.
    """

    url: str
    app: AppServer | None
    given: Given
    stub: int | None
    groups: tuple[Group, ...]
    only: tuple[str, ...]
    bounds: Bounds


def read_request(options: Namespace, table: Mapping[str, Any]) -> Request:
    """What `options` and `[tool.chatkit-validate.probe]` ask for.

    Raises:
        UsageError: They contradict each other, or name what does not exist.
    """
    if bool(options.url) == bool(options.app):
        raise UsageError("probe: give the URL of an endpoint, or --app module:app")
    if options.url and urlsplit(options.url).scheme not in ("http", "https"):
        raise UsageError(f"probe: {options.url} is no http or https URL")
    app = None
    if options.app:
        folder = Path(options.app_dir)
        if not folder.is_dir():
            raise UsageError(f"--app-dir: there is no folder {options.app_dir}")
        variables = dict(_pair(text, "--env") for text in options.env)
        python = options.python or sys.executable
        app = AppServer(options.app, folder, python, options.path, factory=options.factory, environment=variables)
    return Request(
        url=options.url or "",
        app=app,
        given=_given(options, table),
        stub=options.model_stub,
        groups=tuple(Group(name) for name in options.group),
        only=_only(options.only),
        bounds=Bounds(options.max_requests, options.max_seconds, options.patience),
    )


def run(request: Request, *, progress: Callable[[str], None]) -> Report:
    """Probes, and answers the report.

    Raises:
        UsageError: The app could not be started, or a login failed.
    """
    return asyncio.run(_run(request, progress))


async def _run(request: Request, progress: Callable[[str], None]) -> Report:
    async with AsyncExitStack() as stack:
        model = stack.enter_context(_model(request)) if request.stub is not None else None
        served: Served | None = None
        if request.app is not None:
            progress(f"starting {request.app.app}")
            try:
                served = await stack.enter_async_context(_with_model(request.app, model).running())
            except AppStartError as error:
                raise UsageError(f"--app: {error}") from error
        url = served.url if served else request.url
        found = await asyncio.to_thread(users, request.given, url)
        cast = Cast(found.a, found.b, found.expired, model, served)
        plan = Plan(url, cast, request.groups, request.only, request.bounds)
        return report_of(await probe(plan, progress, _complain), request.app.app if request.app else request.url)


def report_of(target: TargetReport, argument: str) -> Report:
    """A report that holds one target and nothing that was read."""
    return Report(argument, files=0, analysed=0, integrations=(), targets=(target,))


def announcement(request: Request) -> str:
    """What a run does to the target, for somebody who has to agree to it; empty for a target on this machine."""
    host = urlsplit(request.url).hostname or ""
    if not request.url or host in _LOOPBACK or host.startswith("127."):
        return ""
    scenarios = Plan(request.url, Cast(users(Given()).a), request.groups, request.only).played()
    return (
        f"{request.url} is not on this machine. The probe will play {len(scenarios)} scenarios there, with at most "
        f"{request.bounds.requests} requests in {request.bounds.seconds:g} s: it starts conversations (about 60 turns, "
        "which the app's model answers and somebody pays for), sends malformed requests and false tokens, breaks off "
        "answers, and deletes the conversations it started."
    )


def _complain(text: str) -> None:
    sys.stderr.write(f"chatkit-validate: {text}\n")


def _model(request: Request) -> ModelStub:
    try:
        return ModelStub(request.stub or 0)
    except FileNotFoundError as error:
        raise UsageError(f"--model-stub: {error}") from error


def _with_model(app: AppServer, model: ModelStub | None) -> AppServer:
    """The app with the model's variables; `{model_url}` in a given one is the model's URL."""
    variables = dict(app.environment)
    if model is not None:
        variables = {name: value.replace("{model_url}", model.url) for name, value in variables.items()}
        variables = {**model.environment, **variables}
    return AppServer(app.app, app.folder, app.python, app.path, factory=app.factory, environment=variables)


def _given(options: Namespace, table: Mapping[str, Any]) -> Given:
    known = {"token-command", "second-token-command", "claims", "login"}
    for key in table:
        if key not in known:
            raise UsageError(f"[tool.chatkit-validate.probe]: there is no setting {key!r}; there are {sorted(known)}")
    return Given(
        token=options.token or os.environ.get("CHATKIT_VALIDATE_TOKEN"),
        second_token=options.second_token or os.environ.get("CHATKIT_VALIDATE_SECOND_TOKEN"),
        token_command=options.token_command or table.get("token-command"),
        second_token_command=options.second_token_command or table.get("second-token-command"),
        expired_token=options.expired_token,
        signing_key=options.signing_key or os.environ.get("CHATKIT_VALIDATE_SIGNING_KEY"),
        claims=options.claims or table.get("claims"),
        login=_login(table.get("login")),
        headers=tuple(_pair(text, "--header", ":") for text in options.header),
        second_headers=tuple(_pair(text, "--second-header", ":") for text in options.second_header),
    )


def _login(table: object) -> Login | None:
    if table is None:
        return None
    if not isinstance(table, dict) or not isinstance(table.get("url"), str) or not isinstance(table.get("users"), list):
        raise UsageError("[tool.chatkit-validate.probe.login] wants `url` and `users`, a list of one or two tables")
    form, token = bool(table.get("form", False)), str(table.get("token", "access_token"))
    return Login(table["url"], tuple(table["users"]), form=form, token=token)


def _only(names: list[str]) -> tuple[str, ...]:
    known = {scenario.name for scenario in SCENARIOS} | {c.id for scenario in SCENARIOS for c in scenario.checks}
    for name in names:
        if name not in known:
            raise UsageError(f"--only: there is no scenario or check {name!r}; `probe --list` names them")
    return tuple(names)


def _pair(text: str, option: str, separator: str = "=") -> tuple[str, str]:
    name, found, value = text.partition(separator)
    if not found or not name.strip():
        raise UsageError(f"{option}: {text!r} is not of the form NAME{separator}VALUE")
    return name.strip(), value.strip()


def listing() -> str:
    """Every scenario with its checks and their rules, a line each."""
    lines = []
    for scenario in SCENARIOS:
        needs = f"  (needs {', '.join(scenario.needs)})" if scenario.needs else ""
        lines.append(f"{scenario.name}{needs}")
        lines += [f"  {check.code}  {check.id}: {check.expected}" for check in scenario.checks]
    return "\n".join(lines) + "\n"
