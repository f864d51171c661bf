"""From what a URL can be to paths that routes can be compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatkit_validate.integration.evidence import Unresolved
from chatkit_validate.integration.widget.values import Global, Hole, Nothing, Text, Thing, Unclear, Value
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.integration.widget.web import Web
    from chatkit_validate.source import Place

LOCAL: Final = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "[::1]", "host.docker.internal"})  # noqa: S104 - compared with, not bound

Segments = tuple[str | None, ...]
"""A path's parts; None for one that is not known."""


@dataclass(frozen=True, slots=True)
class Address:
    """One URL that requests may go to.

    Attributes:
        segments: The path.
        host: The host without port; empty for the page's own origin, `?` where it is not known.
        base: What stands before the path and is not known: the variable's name, or why; empty where all is known.
        stated: Where an environment file states a part of it; None where none does.
        where: The expression.
        shown: As people would write it.
    """

    segments: Segments
    host: str
    base: str
    stated: Place | None
    where: Place
    shown: str

    @property
    def is_local(self) -> bool:
        """Whether the URL leads to a server on the developer's machine."""
        return self.host in LOCAL


def addresses(web: Web, values: Iterable[Value]) -> Iterator[Address | Unresolved]:
    """The URLs that `values` can be; variables are filled in where an environment file states them."""
    for value in values:
        match value:
            case Text():
                for text, stated in _filled(web, value):
                    yield _address(text, stated)
            case Unclear(reason=reason, where=where):
                yield Unresolved(reason, where)
            case Nothing():
                continue
            case Global(where=where):
                yield Unresolved("it is no text", where)
            case Thing(node=node, script=script):
                yield Unresolved("it is no text", script.place(node))


def segments(path: str) -> Segments:
    """The parts of a path as a route states it; None for parameters."""
    return tuple(None if part.startswith(("{", ":", "[")) else part for part in path.split("/") if part)


def ends_with(path: Segments, end: Segments) -> bool:
    """Whether `path` ends with the parts of `end`; parts that are not known agree with all."""
    if len(end) > len(path):
        return False
    tail = path[len(path) - len(end) :]
    return all(one is None or other is None or one == other for one, other in zip(tail, end, strict=True))


def same(path: Segments, other: Segments) -> bool:
    """Whether two paths can be the same."""
    return len(path) == len(other) and ends_with(path, other)


def _filled(web: Web, text: Text) -> Iterator[tuple[Text, Place | None]]:
    first = text.parts[0] if text.parts else ""
    known = web.variable(first.variable) if isinstance(first, Hole) and first.variable else []
    for value, place in known:
        yield Text((value, *text.parts[1:]), text.where), place
    if not known:
        yield text, None


def _address(text: Text, stated: Place | None) -> Address | Unresolved:
    shown = "".join(part if isinstance(part, str) else f"{{{part.variable or '...'}}}" for part in text.parts)
    base = next((part for part in text.parts if part), "")
    # A variable in the path is one part of it; the same sign stands for it below.
    plain = "".join(part if isinstance(part, str) else "\0" for part in text.parts if part)
    path = plain.partition("?")[0].partition("#")[0]
    if isinstance(base, Hole):
        rest = path[1:]
        if not rest.strip("/") or not rest.startswith("/"):
            return Unresolved(base.reason, text.where)
        return Address(_split(rest), "?", base.variable or base.reason, stated, text.where, shown)
    host = ""
    if "://" in path or path.startswith("//"):
        authority, slash, path = path.partition("//")[2].partition("/")
        path = slash + path
        host = "?" if "\0" in authority.partition(":")[0] else authority.partition(":")[0].lower()
    if not path.strip("/") and not host:
        return Unresolved("it is empty", text.where)
    return Address(_split(path), host, "", stated, text.where, shown)


def _split(path: str) -> Segments:
    parts = tuple(None if "\0" in part else part for part in path.split("/") if part)
    # Dapr's sidecar: /v1.0/invoke/<app>/method/<path of the app>.
    invoked = parts[:2] == ("v1.0", "invoke") and parts[3:4] == ("method",)
    return parts[4:] if invoked else parts
