"""What the command is asked to try."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatkit_validate.contract.capabilities import Capabilities


@dataclass(frozen=True, slots=True)
class Order:
    """A store to try.

    Attributes:
        spec: `module:factory`.
        path: Folder from which the module is imported, absolute; also the working folder.
        python: The interpreter that has what the store imports.
        context: `module:function` that builds a context for a user id; empty to work it out from the store.
        declared: What the store is meant to do.
    """

    spec: str
    path: str
    python: str
    context: str
    declared: Capabilities

    def data(self, clauses: Iterable[str]) -> dict[str, Any]:
        """The order to try these clauses, for the worker."""
        return {
            "spec": self.spec,
            "path": self.path,
            "context": self.context,
            "declared": asdict(self.declared),
            "clauses": list(clauses),
        }

    def command(self, clause: str = "") -> str:
        """The shell command that gives this order, for one clause if named."""
        import os
        import shlex
        import sys
        from pathlib import Path

        words = ["chatkit-validate", "store", self.spec]
        words += [] if Path(self.path).resolve() == Path.cwd() else ["--path", os.path.relpath(self.path)]
        words += [] if self.python == sys.executable else ["--store-python", self.python]
        words += ["--context", self.context] if self.context else []
        words += ["--no-attachments"] if self.declared.attachments is False else []
        words += ["--attachments"] if self.declared.attachments else []
        words += ["--shared"] if self.declared.isolation.value == "shared" else []
        words += [] if self.declared.concurrency else ["--sequential"]
        words += [] if self.declared.processes else ["--single-process"]
        words += ["--only", clause] if clause else []
        return shlex.join(words)
