"""What a rewrite is: places in an app, and what the app becomes there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from metamorphic.source import parsed

if TYPE_CHECKING:
    from metamorphic.app import App
    from metamorphic.source import Edit


@dataclass(frozen=True, slots=True)
class Site:
    """A place for a rewrite.

    Attributes:
        key: Tells it from the others, and stays what it is when other places change.
        apply: The app rewritten there; None where it turns out that it cannot be.
    """

    key: str
    apply: Callable[[], App | None]


def edited(app: App, path: str, *edits: Edit) -> App:
    """The app with these edits in one module."""
    return app.having({path: parsed(app.files[path]).edited(edits)})


Rewrite: TypeAlias = Callable[["App"], Iterable[Site]]


@dataclass(frozen=True, slots=True)
class Step:
    """One rewrite of a composition: its name, and the seed that chooses among its places."""

    rewrite: str
    seed: int


def at(app: App, rewrite: Rewrite, place: str) -> App:
    """The app rewritten at the place with this key.

    Raises:
        LookupError: There is no such place, or it cannot be rewritten.
    """
    for site in rewrite(app):
        if site.key == place and (result := site.apply()) is not None:
            return result
    raise LookupError(f"nothing to rewrite at {place}")


def applied(app: App, rewrite: Rewrite, seed: int) -> tuple[App, str] | None:
    """The app rewritten at one place, and the place; None where there is none.

    The place whose key hashes lowest is taken, so that the choice stays the same when another rewrite of the
    composition is left out.
    """

    def rank(site: Site) -> bytes:
        return hashlib.blake2b(f"{seed}:{site.key}".encode(), digest_size=8).digest()

    for site in sorted(rewrite(app), key=rank)[:4]:
        result = site.apply()
        if result is not None and result.files != app.files and _is_python(app, result):
            return result, site.key
    return None


def _is_python(before: App, after: App) -> bool:
    """Whether what was written can be read: a quote within a quoted part of an f-string cannot, in Python 3.11."""
    try:
        for path, text in after.modules():
            if before.files.get(path) != text:
                parsed(text)
    except SyntaxError:
        return False
    return True
