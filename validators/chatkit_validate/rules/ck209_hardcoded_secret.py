"""CK209: no secret stands in the code, not even as a default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import secret
from chatkit_validate.integration.secret import Use
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.application_file import ApplicationFile

RULE = Rule(
    code="CK209",
    name="hardcoded-secret",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="mcp-agent-auth",
    subject="file",
    what="Signing secrets, API keys and passwords come from the environment, without a literal default, in every "
    "module that the application imports.",
    why="Whoever can read the repository can sign a token for any user. A default is worse than a literal: where the "
    "variable is missing the application starts and signs with a key that is public, and nobody notices.",
    instead="Declare the setting without a default (`jwt_secret: str`), so that the application refuses to start "
    "without it, and take keys that stood in the code out of use.",
    acceptable="Placeholders of services that want some key and check none (`api_key='not-needed'`), publishable keys "
    "and passwords of a database on localhost pass. For a test key write `# chatkit: ignore[CK209] <why>` on its line.",
    sources=("CWE-798", "OWASP Secrets Management Cheat Sheet"),
    shown=Shown(
        path="app/settings.py",
        good="    jwt_public_key: str\n",
        bad='    jwt_secret: str = "change-me-in-production"\n    jwt_public_key: str\n',
    ),
)


def decide(file: ApplicationFile, integration: Integration) -> Iterator[Decision]:
    """One failure for each secret of the file; one pass where the application has none."""
    found = integration.once(secret.secrets, integration.root)
    for one in (one for one in found if one.where.path == file.name):
        what = "signs tokens or sessions" if one.use is Use.SIGNS else "opens a service or an account"
        how = "has a literal default" if one.default else "is a literal"
        yield Fail(
            f"`{one.name}` {how}, and {what}",
            one.where,
            "Read it from the environment without a default, and replace the key that stood here.",
        )
    if file.first and not found:
        yield Pass("no secret stands in the modules that the application imports", file.where)
