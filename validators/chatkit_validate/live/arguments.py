"""The options of `probe`, and what becomes of them. Imports nothing heavy: the command line always reads this."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_GROUPS = ("protocol", "errors", "identity", "persistence", "streaming", "disconnect", "concurrency", "leaks")
_EXAMPLES = """\
examples:
  chatkit-validate probe --app app.main:app --model-stub --signing-key "$JWT_SECRET" --claims '{"aud": "my-app"}'
  chatkit-validate probe http://127.0.0.1:8000/chatkit --token "$A" --second-token "$B"
  chatkit-validate probe --list"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command; its `run` is set by the caller."""
    import argparse

    probe = commands.add_parser(
        "probe",
        help="talk to a running endpoint and decide the rules",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    probe.add_argument("url", nargs="?", help="the ChatKit endpoint, e.g. http://127.0.0.1:8000/chatkit")
    probe.add_argument("--list", action="store_true", help="name the scenarios and checks, and end")
    _add_app(probe.add_argument_group("an app to start instead"))
    _add_users(probe.add_argument_group("users"))
    run = probe.add_argument_group("the run")
    run.add_argument(
        "--model-stub",
        nargs="?",
        type=int,
        const=0,
        metavar="PORT",
        help="put a scripted model under the app: slow answers, tool calls and failures can then be provoked",
    )
    run.add_argument("--group", action="append", default=[], choices=_GROUPS, help="only these; may be repeated")
    run.add_argument("--only", action="append", default=[], metavar="NAME", help="only this scenario or check")
    run.add_argument("--max-seconds", type=float, default=120.0, metavar="S", help="for the whole run (120)")
    run.add_argument("--max-requests", type=int, default=600, metavar="N", help="for the whole run (600)")
    run.add_argument("--patience", type=float, default=15.0, metavar="S", help="longest silence of an answer (15)")
    run.add_argument("--yes", action="store_true", help="don't ask before probing another machine")
    run.add_argument("--reproducers", metavar="DIR", help="write a pytest file there for each failing check")
    run.add_argument("--transcripts", action="store_true", help="show what was sent and what came, for passes too")
    return probe


def _add_app(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--app", metavar="MODULE:APP", help="serve it with uvicorn on a free port of this machine")
    group.add_argument("--app-dir", default=".", metavar="DIR", help="where it is imported from (this folder)")
    group.add_argument("--factory", action="store_true", help="it is a function that makes the app")
    group.add_argument("--path", default="/chatkit", help="route of the endpoint (/chatkit)")
    group.add_argument("--python", metavar="FILE", help="the interpreter that has the app's packages (this one)")
    group.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="for the app; {model_url} is the stub's"
    )


def _add_users(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--token", help="bearer token of user A; or CHATKIT_VALIDATE_TOKEN")
    group.add_argument(
        "--second-token", help="of user B, who must see nothing of A's; or CHATKIT_VALIDATE_SECOND_TOKEN"
    )
    group.add_argument("--token-command", metavar="CMD", help="a command that prints A's token")
    group.add_argument("--second-token-command", metavar="CMD", help="a command that prints B's token")
    group.add_argument("--expired-token", metavar="TOKEN", help="one of A's that has expired")
    group.add_argument(
        "--signing-key",
        metavar="KEY",
        help="a shared secret, or a private key in PEM (@FILE reads it): missing tokens are signed with it",
    )
    group.add_argument("--claims", metavar="JSON", help="claims of made tokens, beside sub, iat and exp")
    group.add_argument(
        "--header", action="append", default=[], metavar="NAME:VALUE", help="sent for both users, e.g. a tenant"
    )
    group.add_argument(
        "--second-header",
        action="append",
        default=[],
        metavar="NAME:VALUE",
        help="sent for user B instead, e.g. a cookie",
    )


def agreed(announcement: str, *, yes: bool) -> bool:
    """Whether the run may go on: nothing to agree to, agreed beforehand, or agreed now.

    Raises:
        UsageError: Somebody would have to be asked, and nobody is there.
    """
    from chatkit_validate.configuration import UsageError

    if not announcement:
        return True
    sys.stderr.write(f"{announcement}\n")
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("probe: nobody is here to agree to this; --yes agrees beforehand")
    sys.stderr.write("Go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def missing_packages() -> str:
    """The line that installs what `probe` needs, where that is missing."""
    from importlib.util import find_spec

    missing = [name for name, module in (("httpx", "httpx"), ("openai-chatkit", "chatkit")) if not find_spec(module)]
    return f"probe needs {' and '.join(missing)}: pip install 'chatkit-validate[live]'" if missing else ""
