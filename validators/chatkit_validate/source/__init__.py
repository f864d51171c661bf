"""Files and text: finding, reading, decoding and parsing; knows nothing of ChatKit."""

from __future__ import annotations

from chatkit_validate.ahead import Asked, ask
from chatkit_validate.source.beside import Begun
from chatkit_validate.source.comments import Comment, comments
from chatkit_validate.source.discovery import Discovery, discover
from chatkit_validate.source.file import Place, SourceFile
from chatkit_validate.source.opening import load
from chatkit_validate.source.problem import Problem, ProblemKind
from chatkit_validate.source.reading import parse, read
from chatkit_validate.source.relevance import Relevant, relevant

__all__ = [
    "Asked",
    "Begun",
    "Comment",
    "Discovery",
    "Place",
    "Problem",
    "ProblemKind",
    "Relevant",
    "SourceFile",
    "ask",
    "comments",
    "discover",
    "load",
    "parse",
    "read",
    "relevant",
]
