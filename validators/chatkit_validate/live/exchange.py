"""One request and everything that came back, with times."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit.types import ThreadStreamEvent

    from chatkit_validate.live.identity import Identity
    from chatkit_validate.live.sse import Frame


class Ending(StrEnum):
    """How an answer ended."""

    CLEAN = "ended"
    ABORTED = "aborted"
    LEFT = "left by the probe"
    TIMED_OUT = "timed out"
    TOO_LARGE = "cut: too large"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request.

    Attributes:
        who: For whom it was sent.
        method: GET, POST, OPTIONS.
        url: Where.
        headers: All that the probe set.
        body: As sent.
    """

    who: Identity
    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes

    @property
    def kind(self) -> str:
        """The request's `type`, or a few of its first bytes where it has none."""
        kind = self._decoded.get("type")
        return kind if isinstance(kind, str) else self.body[:40].decode("utf-8", "replace") or self.method

    @property
    def params(self) -> dict[str, Any]:
        """The request's `params`, empty where it has none."""
        params = self._decoded.get("params")
        return params if isinstance(params, dict) else {}

    @property
    def _decoded(self) -> dict[str, Any]:
        try:
            decoded = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return decoded if isinstance(decoded, dict) else {}


@dataclass(frozen=True, slots=True)
class Received:
    """A frame with what it means: the event, or why it is none."""

    frame: Frame
    event: ThreadStreamEvent | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer; times are seconds.

    Attributes:
        number: 1 for the first of the run.
        sent: The request.
        began: From the start of the run until it was sent.
        status: None where no answer began.
        headers: Of the answer, names in lower case; several of one name are joined by commas.
        body: All bytes that came.
        frames: The server-sent events, where it is a stream.
        rest: What stands after the last complete frame of a stream.
        answered: From sending until the head of the answer was there.
        took: From sending until the end.
        ending: How it ended.
        trouble: What the client library said, where it did not end well.
    """

    number: int
    sent: Sent
    began: float
    status: int | None
    headers: dict[str, str]
    body: bytes = field(repr=False)
    frames: tuple[Received, ...]
    rest: str
    answered: float
    took: float
    ending: Ending
    trouble: str = ""

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx and the answer came to a clean end."""
        return self.status is not None and 200 <= self.status < 300 and self.ending is Ending.CLEAN

    @property
    def refused(self) -> bool:
        """Whether the status is 4xx, or 501 for what the server does not do."""
        return self.status is not None and (400 <= self.status < 500 or self.status == 501)

    @property
    def is_stream(self) -> bool:
        """Whether the body is made of server-sent events, whatever its type says."""
        return bool(self.frames) or self.media_type == "text/event-stream"

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the server sent
        """The body decoded, or None where it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def events(self) -> tuple[ThreadStreamEvent, ...]:
        """The events that are valid, in order."""
        return tuple(received.event for received in self.frames if received.event is not None)

    def described(self) -> str:
        """The answer in a few words, for `got`."""
        if self.status is None:
            return f"no answer ({self.trouble or self.ending.value})"
        if self.is_stream:
            names = ", ".join(_counted(event.type for event in self.events)) or "no events"
            end = "" if self.ending is Ending.CLEAN else f", then {self.ending.value} {self.trouble}".rstrip()
            return f"{self.status} with {_shortened(names, 200)}{end}"
        end = "" if self.ending is Ending.CLEAN else f" ({self.ending.value})"
        return f"{self.status} {_shortened(self.text, 160)}{end}".rstrip()


def _counted(names: Iterable[str]) -> Iterator[str]:
    """The names, those that stand beside their like as one with a number."""
    for name, alike in groupby(names):
        number = sum(1 for _ in alike)
        yield name if number == 1 else f"{number} x {name}"


def _shortened(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
