"""From bytes to text as Python itself does it (PEP 263)."""

from __future__ import annotations

import codecs
import re
from typing import Final

_COOKIE: Final = rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)"
_BLANK: Final = rb"^[ \t\f]*(?:#.*)?$"
_LINE_END: Final = rb"\r\n|\r|\n"

# Decoding these takes time that grows with the square of the length.
_SLOW: Final = frozenset({"punycode", "idna"})


class UndecodableError(ValueError):
    """The bytes are no text in the encoding that the file states; the message says what to do."""


def decode(data: bytes) -> str:
    """The text of a Python file: a byte order mark or a coding cookie in its first two lines decides, else UTF-8.

    Raises:
        UndecodableError: for bytes that Python could not read either.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UndecodableError("it is UTF-16, which Python does not read; save it as UTF-8")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise UndecodableError(f"line {line} holds a NUL byte, which Python does not accept; remove it")
    encoding = _encoding(data)
    if data.startswith(codecs.BOM_UTF8):
        if encoding not in (None, "utf-8"):
            raise UndecodableError(f"it has a UTF-8 mark but its coding cookie says {encoding}; remove one of the two")
        data = data[len(codecs.BOM_UTF8) :]
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        stated = f"is not {encoding}, though its coding cookie says so" if encoding else "is not UTF-8"
        line = data.count(b"\n", 0, error.start) + 1
        raise UndecodableError(
            f"line {line} {stated}; save the file as UTF-8 or name its encoding in a coding cookie (PEP 263)"
        ) from error
    except LookupError as error:
        raise UndecodableError(
            f"its coding cookie names {encoding}, which is no encoding of text; save it as UTF-8"
        ) from error
    except (ValueError, ArithmeticError) as error:
        raise UndecodableError(f"it cannot be decoded as {encoding}: {error}") from error


def encode(text: str, like: bytes) -> bytes:
    """The bytes of `text` in the encoding, and with the mark, of the file whose bytes are `like`.

    Raises:
        UndecodableError: `like` cannot be decoded, or its encoding cannot hold `text`.
    """
    encoding = _encoding(like) or "utf-8"
    mark = codecs.BOM_UTF8 if like.startswith(codecs.BOM_UTF8) else b""
    try:
        return mark + text.encode(encoding)
    except UnicodeEncodeError as error:
        raise UndecodableError(f"{encoding}, its encoding, has no {error.object[error.start]!r}") from error


def _encoding(data: bytes) -> str | None:
    """The normalised name in the coding cookie."""
    start = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    head = data[start : start + 1024]
    if b"coding" not in head:
        return None
    for line in re.split(_LINE_END, head, maxsplit=2)[:2]:
        match = re.match(_COOKIE, line)
        if match:
            return _known(match[1].decode("ascii", "replace"))
        if not re.match(_BLANK, line):
            break
    return None


def _known(cookie: str) -> str:
    try:
        name = codecs.lookup(cookie).name
    except (LookupError, ValueError):
        name = ""
    if not name or name in _SLOW:
        raise UndecodableError(f"its coding cookie names an unknown encoding, {cookie!r}; save it as UTF-8")
    return "utf-8" if name == "utf-8-sig" else name
