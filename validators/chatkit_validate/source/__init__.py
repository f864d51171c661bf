"""Files and text: finding, reading, decoding and parsing; knows nothing of ChatKit."""

from __future__ import annotations

from chatkit_validate.source.file import Place, SourceFile
from chatkit_validate.source.problem import Problem, ProblemKind

__all__ = ["Place", "Problem", "ProblemKind", "SourceFile"]
