"""Files and text: finding, reading, decoding and parsing; knows nothing of ChatKit."""

from __future__ import annotations

from chatkit_validate.source.comments import Comment, comments
from chatkit_validate.source.discovery import Asked, Discovery, ask, discover
from chatkit_validate.source.file import Place, SourceFile
from chatkit_validate.source.opening import load
from chatkit_validate.source.problem import Problem, ProblemKind
from chatkit_validate.source.reading import parse, read

__all__ = [
    "Asked",
    "Comment",
    "Discovery",
    "Place",
    "Problem",
    "ProblemKind",
    "SourceFile",
    "ask",
    "comments",
    "discover",
    "load",
    "parse",
    "read",
]
