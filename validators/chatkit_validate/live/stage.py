"""What a scenario plays on: users, the wire, the model if it is ours, and where it answers its checks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chatkit_validate.live import requests
from chatkit_validate.live.check import CheckResult, Need
from chatkit_validate.live.credentials import MADE_UP
from chatkit_validate.live.identity import NOBODY, Identity
from chatkit_validate.live.ledger import Ledger
from chatkit_validate.live.turn import Turn
from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chatkit_validate.live.check import Check
    from chatkit_validate.live.exchange import Exchange
    from chatkit_validate.live.model_stub import ModelStub
    from chatkit_validate.live.serving import Served
    from chatkit_validate.live.wire import Until, Wire

_MOST_PAGES = 40


class CannotGoOnError(Exception):
    """A scenario's premise does not hold; the text says which, and becomes the reason of its open checks."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what takes part in a run.

    Attributes:
        a: The user that most requests speak for.
        b: Another user, or None.
        expired: A token of A's that was valid once, or None.
        model: The scripted model, if the app under test speaks to it.
        app: Where the app answers, if the probe started it.
    """

    a: Identity
    b: Identity | None = None
    expired: str | None = field(default=None, repr=False)
    model: ModelStub | None = None
    app: Served | None = None

    def lacks(self, needs: Iterable[Need]) -> str:
        """What is to be given for `needs`, or empty where all is there."""
        has = {
            Need.TOKEN: self.a.token is not None,
            Need.SECOND_USER: self.b is not None,
            Need.MODEL_STUB: self.model is not None,
            Need.APP: self.app is not None,
        }
        return " and ".join(need.value for need in needs if not has[need])


def better_token(who: Identity) -> str:
    """What to do where the app refuses `who`, or does not know them."""
    option = Need.SECOND_USER.value if who.name == "B" else Need.TOKEN.value
    if who.subject not in MADE_UP:
        return f"give a valid {option} of a user that the app knows"
    return (
        f"the token was signed with --signing-key for the made-up user {who.subject}. If the app knows no such user, "
        "give tokens of two that it has: --token-command and --second-token-command; if a claim is missing, --claims"
    )


class Stage:
    """One run as scenarios see it."""

    def __init__(self, wire: Wire, cast: Cast) -> None:
        self.wire = wire
        self.cast = cast
        self.ledger = Ledger()
        self.results: dict[str, CheckResult] = {}
        self.open = False
        """Whether the endpoint serves whoever comes: there are no users to tell apart."""
        self.b_refused = ""
        """Why user B takes no part after all, or empty."""

    @property
    def a(self) -> Identity:
        """User A."""
        return self.cast.a

    @property
    def b(self) -> Identity:
        """User B; scenarios that call this need a second user."""
        if self.cast.b is None:
            raise CannotGoOnError(self.b_refused or f"there is no second user: give {Need.SECOND_USER}")
        return self.cast.b

    @property
    def model(self) -> ModelStub:
        """The scripted model; scenarios that call this need it."""
        if self.cast.model is None:
            raise CannotGoOnError(f"the model is not scripted: give {Need.MODEL_STUB}")
        return self.cast.model

    async def meet_b(self) -> None:
        """Leaves user B out where the endpoint serves A and not B: whom it refuses everything sees nothing of A's."""
        if self.cast.b is None or not (await self.ask(self.a, requests.threads_list(limit=1))).ok:
            return
        answer = await self.ask(self.b, requests.threads_list(limit=1))
        if not answer.ok:
            self.b_refused = f"the endpoint serves user A and not B ({answer.described()}): {better_token(self.b)}"
            self.cast = replace(self.cast, b=None)

    def judge(self, check: Check, faults: Iterable[str], good: str, *proof: Exchange) -> None:
        """Fails `check` with the first of `faults`, or passes it with `good`; the first failure of a check stays."""
        found = list(faults)
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        if check.id in self.results and self.results[check.id].outcome is Outcome.FAIL:
            return
        if found:
            self.results[check.id] = CheckResult(check, Outcome.FAIL, found[0] + more, proof)
        elif check.id not in self.results or self.results[check.id].outcome is Outcome.UNKNOWN:
            self.results[check.id] = CheckResult(check, Outcome.PASS, good, proof)

    def expect(self, check: Check, *, holds: bool, got: str, proof: Iterable[Exchange]) -> None:
        """Passes or fails `check`, with what was seen."""
        self.judge(check, () if holds else (got,), got, *proof)

    def unknown(self, check: Check, reason: str, *proof: Exchange) -> None:
        """Says that `check` could not be made, unless it is decided already."""
        self.results.setdefault(check.id, CheckResult(check, Outcome.UNKNOWN, reason, proof))

    def not_applicable(self, check: Check, reason: str, *proof: Exchange) -> None:
        """Says that `check` means nothing here, unless it is decided already."""
        self.results.setdefault(check.id, CheckResult(check, Outcome.NOT_APPLICABLE, reason, proof))

    async def ask(
        self,
        who: Identity,
        body: Mapping[str, Any] | bytes,
        *,
        headers: Mapping[str, str] | None = None,
        until: Until | None = None,
        query: str = "",
    ) -> Exchange:
        """As `Wire.ask`, and what it makes is deleted at the end of the run."""
        exchange = await self.wire.ask(who, body, headers=headers, until=until, query=query)
        self.ledger.note(exchange)
        return exchange

    async def say(
        self,
        who: Identity,
        text: str,
        *,
        thread: str | None = None,
        script: Mapping[str, Any] | None = None,
        until: Until | None = None,
    ) -> Turn:
        """Sends a user message, to a new thread where none is given.

        Args:
            who: The user.
            text: What they write.
            thread: Where.
            script: What the scripted model does with it (fields of its `Script`); written into the message.
            until: See `Wire.ask`.
        """
        directive = f" [[{json.dumps(script)}]]" if script else ""
        return Turn(await self.ask(who, requests.message(text + directive, thread=thread), until=until))

    async def started(self, who: Identity, text: str = "Hello from chatkit-validate", **more: Any) -> Turn:  # noqa: ANN401 - as `say`
        """A first turn that worked, with its thread.

        Raises:
            CannotGoOnError: It did not work.
        """
        turn = await self.say(who, text, **more)
        if turn.thread is None:
            raise CannotGoOnError(f"no thread could be started: threads.create gave {turn.exchange.described()}")
        return turn

    async def items(self, who: Identity, thread: str, *, order: requests.Order = "asc", limit: int = 50) -> list[Any]:
        """All items of a thread, page by page, as JSON.

        Raises:
            CannotGoOnError: A page could not be had.
        """
        found: list[Any] = []
        after: str | None = None
        for _ in range(_MOST_PAGES):
            answer = await self.ask(who, requests.items_list(thread, limit=limit, order=order, after=after))
            page = answer.json if answer.ok else None
            if not isinstance(page, dict) or not isinstance(page.get("data"), list):
                raise CannotGoOnError(f"items.list gave {answer.described()}")
            found += page["data"]
            after = page.get("after")
            if not page.get("has_more") or after is None:
                return found
        raise CannotGoOnError(f"items.list was not at its end after {_MOST_PAGES} pages of {limit}")

    @property
    def nobody(self) -> Identity:
        """Somebody without credentials."""
        return NOBODY
