"""One deliberately broken store for every clause: the correct one, with one thing wrong."""

from __future__ import annotations

from tests.contract.broken import methods, paging, running, saving, users
from tests.contract.broken.registry import BROKEN

__all__ = ["BROKEN", "methods", "paging", "running", "saving", "users"]
