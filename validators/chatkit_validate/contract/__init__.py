"""The rules over a store object: clauses of ChatKit's store contract, each shown to hold or to be broken.

The clauses and this package import on the standard library alone; running them needs `openai-chatkit`, and one of them
`hypothesis` (extra `store`).
"""

from __future__ import annotations

from chatkit_validate.contract.capabilities import Capabilities, Isolation
from chatkit_validate.contract.clause import Clause

__all__ = ["Capabilities", "Clause", "Isolation"]
