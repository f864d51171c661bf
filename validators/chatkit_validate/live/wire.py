"""The client: sends a request, reads the answer as it arrives, keeps everything, and never reads on for ever."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import httpx
from chatkit.types import ThreadStreamEvent
from pydantic import TypeAdapter, ValidationError

from chatkit_validate.live.exchange import Ending, Exchange, Received, Sent
from chatkit_validate.live.sse import SseParser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from chatkit_validate.live.identity import Identity
    from chatkit_validate.live.sse import Frame

    Until = Callable[[Received], bool]

EVENT = TypeAdapter[ThreadStreamEvent](ThreadStreamEvent)
_LARGEST = 4_000_000  # bytes of one answer; no chat's page or turn is larger
_KEEP_BODY = "content-type"


class ProbeStoppedError(Exception):
    """The run may not go on: its bounds are reached, or the target is gone. The text says which."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run may cost the target.

    Attributes:
        requests: Most requests.
        seconds: Longest time for the whole run.
        patience: Longest silence, in seconds, before an answer is given up.
        answer: Longest time for one answer, in seconds, silent or not.
    """

    requests: int = 600
    seconds: float = 120.0
    patience: float = 15.0
    answer: float = 30.0


@dataclass(slots=True)
class _Reading:
    """An answer under way."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    frames: list[Received] = field(default_factory=list)
    parser: SseParser = field(default_factory=SseParser)
    answered: float = 0.0
    ending: Ending = Ending.CLEAN
    trouble: str = ""


class Wire:
    """Sends requests to one endpoint and logs them. Use as an async context manager.

    Args:
        url: The endpoint.
        bounds: When to stop.
        extra: Headers of every request, e.g. what a proxy demands.
    """

    def __init__(self, url: str, bounds: Bounds, extra: Mapping[str, str] | None = None) -> None:
        self.url = url
        self.log: list[Exchange] = []
        self._bounds = bounds
        self._extra = dict(extra or {})
        self._sent = 0
        self._began = time.monotonic()
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(bounds.patience, connect=5.0),
            # A connection for each request: one that the server closed after a failure must not fail the next.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def unbounded(self) -> Wire:
        """This wire without bounds, for cleaning up: what was made must be deleted, however the run ended."""
        self._bounds = Bounds(requests=1_000_000, seconds=1e9, patience=self._bounds.patience)
        return self

    async def ask(  # noqa: PLR0913 - all that a request can differ in
        self,
        who: Identity,
        body: Mapping[str, Any] | bytes,
        *,
        headers: Mapping[str, str] | None = None,
        until: Until | None = None,
        query: str = "",
        url: str = "",
    ) -> Exchange:
        """POSTs `body` to the endpoint and reads the answer to its end.

        Args:
            who: Whose credentials go with it.
            body: A request, or bytes to send as they are.
            headers: Instead of, or beside, the usual ones; an empty value leaves one out.
            until: The connection is closed after the first frame for which this holds.
            query: What follows the URL, without the question mark.
            url: Another endpoint than the run's.

        Raises:
            ProbeStoppedError: The run's bounds are reached, or the target accepts no connection.
        """
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        standard = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        merged = {**standard, **self._extra, **who.credentials, **(headers or {})}
        chosen = {name: value for name, value in merged.items() if value}
        where = f"{url or self.url}?{query}" if query else url or self.url
        return await self._send(Sent(who, "POST", where, chosen, payload), until)

    async def preflight(self, who: Identity, origin: str) -> Exchange:
        """What a browser asks before a page of `origin` may POST."""
        headers = {
            **self._extra,
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        return await self._send(Sent(who, "OPTIONS", self.url, headers, b""), None)

    async def _send(self, sent: Sent, until: Until | None) -> Exchange:
        if self._sent >= self._bounds.requests:
            raise ProbeStoppedError(f"the run's bound of {self._bounds.requests} requests is reached (--max-requests)")
        left = self._bounds.seconds - self.elapsed
        if left <= 0:
            raise ProbeStoppedError(f"the run's bound of {self._bounds.seconds:g} s is reached (--max-seconds)")
        self._sent += 1
        number, began, reading = self._sent, self.elapsed, _Reading()
        try:
            async with asyncio.timeout(min(left, self._bounds.answer)):
                await self._read(sent, reading, until)
        except httpx.ConnectError as error:
            raise ProbeStoppedError(f"{self.url} accepts no connection: {error}") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            reading.ending, reading.trouble = Ending.TIMED_OUT, f"after {self.elapsed - began:.1f} s"
            if isinstance(error, httpx.ConnectTimeout):
                raise ProbeStoppedError(f"{self.url} accepts no connection within 5 s") from error
        except httpx.HTTPError as error:
            reading.ending, reading.trouble = Ending.ABORTED, f"{type(error).__name__}: {error}"
        exchange = Exchange(
            number=number,
            sent=sent,
            began=began,
            status=reading.status,
            headers=reading.headers,
            body=bytes(reading.body),
            frames=tuple(reading.frames),
            rest=reading.parser.rest if reading.frames or "event-stream" in reading.headers.get(_KEEP_BODY, "") else "",
            answered=reading.answered,
            took=self.elapsed - began,
            ending=reading.ending,
            trouble=reading.trouble,
        )
        self.log.append(exchange)
        return exchange

    async def _read(self, sent: Sent, reading: _Reading, until: Until | None) -> None:
        start = time.monotonic()
        async with self._http.stream(sent.method, sent.url, headers=sent.headers, content=sent.body) as response:
            reading.status, reading.answered = response.status_code, time.monotonic() - start
            reading.headers = {name.lower(): value for name, value in response.headers.items()}
            streamed = "event-stream" in reading.headers.get(_KEEP_BODY, "")
            async for chunk in response.aiter_bytes():
                reading.body += chunk
                streamed = streamed or reading.body.startswith(b"data:")
                for frame in reading.parser.feed(chunk, time.monotonic() - start) if streamed else ():
                    received = _understood(frame)
                    reading.frames.append(received)
                    if until is not None and until(received):
                        reading.ending = Ending.LEFT
                        return
                if len(reading.body) > _LARGEST:
                    reading.ending = Ending.TOO_LARGE
                    return


def _understood(frame: Frame) -> Received:
    if frame.fields:
        return Received(frame, None, f"has the field {frame.fields[0]!r}; frames have `data:` lines only")
    try:
        return Received(frame, EVENT.validate_json(frame.data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return Received(frame, None, f"is no ThreadStreamEvent: {where}{': ' if where else ''}{first['msg']}")
