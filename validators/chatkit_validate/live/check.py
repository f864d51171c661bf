"""What a probe can prove: checks, each under a rule's code, and the scenarios that make them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatkit_validate.live.exchange import Exchange
    from chatkit_validate.live.stage import Stage
    from chatkit_validate.rules.verdict import Outcome


class Group(StrEnum):
    """What can be selected with `--group`, in the order it is run."""

    PROTOCOL = "protocol"
    ERRORS = "errors"
    IDENTITY = "identity"
    PERSISTENCE = "persistence"
    STREAMING = "streaming"
    DISCONNECT = "disconnect"
    CONCURRENCY = "concurrency"
    LEAKS = "leaks"


class Need(StrEnum):
    """What a scenario cannot do without; the value is what to give the command for it."""

    TOKEN = "--token"  # noqa: S105 - an option's name
    SECOND_USER = "--second-token"
    MODEL_STUB = "--model-stub"
    APP = "--app"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, under the same id whether it does or not.

    Attributes:
        id: `<group>/<name>`, stable.
        code: The rule it decides.
        expected: What must be seen, one clause.
        way_out: What to do where it is not.
    """

    id: str
    code: str
    expected: str
    way_out: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a check.

    Attributes:
        check: Which.
        outcome: As for verdicts.
        got: What was seen, or the reason of an unknown or not applicable one.
        exchanges: The requests and answers that prove it, in order.
    """

    check: Check
    outcome: Outcome
    got: str
    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """Requests in one order, and the checks they decide.

    Attributes:
        name: `<group>/<name>`; also what a reproducer names.
        group: Its group.
        checks: All that it can decide; one it leaves open becomes unknown.
        play: Sends the requests and answers the checks.
        needs: What it cannot do without.
        last: Whether it judges what the others left in the log.
    """

    name: str
    group: Group
    checks: tuple[Check, ...]
    play: Callable[[Stage], Awaitable[None]]
    needs: tuple[Need, ...] = ()
    last: bool = False
