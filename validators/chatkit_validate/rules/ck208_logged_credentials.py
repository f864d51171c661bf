"""CK208: no token, cookie or whole header set in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import log
from chatkit_validate.integration.credential import Credential
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.application_file import ApplicationFile
    from chatkit_validate.integration.log import Logged

RULE = Rule(
    code="CK208",
    name="logged-credentials",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="mcp-agent-auth",
    subject="file",
    what="What the application logs or prints holds no token, no cookie, no API key, not even their beginning, and no "
    "whole set of request headers. A whole request body in the log is reported at level advice.",
    why="Whoever reads the log (a colleague, a log service, a crash report) can act as the user until the token "
    "expires. `dict(request.headers)` holds `Authorization` and `Cookie`. A body holds what people write to the "
    "assistant.",
    instead="Log the verified user id, the thread id and the request's type. To see that a header came, log "
    '`"authorization" in request.headers`.',
    acceptable="A hash of a token passes, and so does its length. For a log that never leaves a developer's machine "
    "write `# chatkit: ignore[CK208] <why>` on the line of the call.",
    sources=("OWASP Logging Cheat Sheet, Data to exclude", "CWE-532"),
    shown=Shown(
        path="app/main.py",
        good="    body = await request.body()\n    try:\n        await refuse",
        bad='    logger.info("request headers: %s", dict(request.headers))\n'
        "    body = await request.body()\n    try:\n        await refuse",
    ),
    flow=True,
)


def decide(file: ApplicationFile, integration: Integration) -> Iterator[Decision]:
    """One failure for each log call of the file that shows a credential; one pass where there is none at all."""
    read = integration.once(log.logging, integration.root)
    for logged in read.logged:
        if logged.where.path == file.name:
            yield _failure(logged)
    if not file.first or read.logged:
        return
    if read.first is None:
        yield Pass("the application logs nothing", file.where)
    else:
        yield Pass(f"none of its {read.calls} log calls shows a credential", read.first)


def _failure(logged: Logged) -> Fail:
    evidence = tuple(
        Note(place, message)
        for place, message in (
            (logged.origin, f"{logged.what.value} comes from here"),
            (logged.leaf, f"`{logged.text}` brings it into the log"),
        )
        if place != logged.where
    )
    if logged.what is Credential.BODY:
        way_out = "Log its length or the request's type."
        return Fail(
            f"`{logged.text}` writes the body of the request to the log", logged.where, way_out, evidence, Level.ADVICE
        )
    return Fail(
        f"`{logged.text}` writes {logged.what.value} to the log",
        logged.where,
        "Log the verified user id, or that a header was there, and nothing of its value.",
        evidence,
    )
