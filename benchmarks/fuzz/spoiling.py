"""Ways to spoil a file. Each takes its text as bytes and a source of chance, and answers bytes."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

import pysource_codegen

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Spoil = Callable[[bytes, Random], bytes]

_TOKEN = re.compile(rb"\w+|[^\w\s]|\s+")
_NAME = re.compile(r"\bname_\d\b")
_OWN = re.compile(r"\b[A-Za-z_]{3,30}\b")


def cut(text: bytes, chance: Random) -> bytes:
    """The file as far as it was written before the disk was full."""
    return text[: chance.randrange(len(text) + 1)]


def flip(text: bytes, chance: Random) -> bytes:
    """Up to eight bytes are others."""
    spoilt = bytearray(text)
    for _ in range(chance.randint(1, 8)):
        if spoilt:
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


def lines(text: bytes, chance: Random) -> bytes:
    """Lines are dropped, doubled, swapped or indented."""
    spoilt = text.splitlines(keepends=True)
    for _ in range(chance.randint(1, 6)):
        if len(spoilt) < 2:
            break
        here, there = chance.randrange(len(spoilt)), chance.randrange(len(spoilt))
        match chance.randrange(4):
            case 0:
                del spoilt[here]
            case 1:
                spoilt.insert(there, spoilt[here])
            case 2:
                spoilt[here], spoilt[there] = spoilt[there], spoilt[here]
            case _:
                spoilt[here] = b"    " + spoilt[here]
    return b"".join(spoilt)


def tokens(text: bytes, chance: Random) -> bytes:
    """Tokens take each other's places; most of it still parses."""
    spoilt = _TOKEN.findall(text)
    words = [index for index, token in enumerate(spoilt) if token[:1].isalpha()] or [0]
    for _ in range(chance.randint(1, 12)):
        if spoilt:
            spoilt[chance.choice(words)] = spoilt[chance.choice(words)]
    return b"".join(spoilt)


def generated(text: bytes, chance: Random) -> bytes:
    """Python that nobody would write, with the file's own names, among its statements."""
    own = text.decode("utf-8", "replace")
    names = sorted(set(_OWN.findall(own))) or ["app"]
    called = {f"name_{index}": chance.choice(names) for index in range(10)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = pysource_codegen.generate(chance.randrange(2**32), node_limit=400, depth_limit=chance.randint(3, 7))
    code = _NAME.sub(lambda found: called[found[0]], code)
    indent, at = _place(own, chance)
    code = "\n".join(indent + line for line in code.splitlines())
    spoilt = own.splitlines()
    return "\n".join([*spoilt[:at], code, *spoilt[at:], ""]).encode("utf-8", "replace")


def _place(text: str, chance: Random) -> tuple[str, int]:
    """Indentation and 0-based line of some statement."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return "", 0
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    if not statements:
        return "", 0
    chosen = chance.choice(statements)
    return " " * chosen.col_offset, chosen.lineno - 1


SPOILS: tuple[Spoil, ...] = (cut, flip, lines, tokens, tokens, generated, generated, generated)
