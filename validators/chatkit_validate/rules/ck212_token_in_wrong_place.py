"""CK212: a token travels in the Authorization header and is stored nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import misplaced
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.application_file import ApplicationFile

RULE = Rule(
    code="CK212",
    name="token-in-wrong-place",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="mcp-agent-auth",
    subject="file",
    what="No token stands in a URL, in a row of the database, in thread metadata, or in a header made for something "
    "else; any route of the application that serves ChatKit counts.",
    why="URLs are written to access logs, proxies and the browser's history. A row, or a thread, with a token in it is "
    "a credential for everybody who can read the table. `x-chatkit-domain-key` is public by design.",
    instead="Send the token in the `Authorization` header, keep it in the context of the turn, and store a hash or a "
    "session id where something must be stored. For `EventSource`, which sends no headers, use a cookie or a ticket "
    "that holds for seconds.",
    acceptable="Links with a token made for one purpose and a short time (confirm a mail, fetch one file) pass. "
    "Otherwise write `# chatkit: ignore[CK212] <why>` on the line.",
    sources=("RFC 6750, section 2.3", "CWE-598", "CWE-312"),
    shown=Shown(
        path="app/auth.py",
        good='scheme, _, token = request.headers.get("Authorization", "").partition(" ")',
        bad='scheme, token = "bearer", request.query_params.get("access_token")',
    ),
)


def decide(file: ApplicationFile, integration: Integration) -> Iterator[Decision]:
    """One failure for each misplaced token of the file; one pass where the application has none."""
    found = integration.once(misplaced.misplaced, integration.root)
    for one in (one for one in found if one.where.path == file.name):
        yield Fail(one.what, one.where, one.way_out, (Note(one.where, one.what),))
    if file.first and not found:
        yield Pass("no token in a URL, a row or a header made for something else", file.where)
