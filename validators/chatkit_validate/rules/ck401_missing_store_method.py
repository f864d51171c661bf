"""CK401: the store has every method that ChatKit calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.decide import decide as decided
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.storage.stores import Store

RULE = Rule(
    code="CK401",
    name="missing-store-method",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.STORE),
    skill="chatkit-integration",
    subject="store",
    what="The store implements all 12 methods of `chatkit.store.Store`: `load_thread`, `save_thread`, "
    "`load_threads`, `delete_thread`, `load_thread_items`, `add_thread_item`, `save_item`, `load_item`, "
    "`delete_thread_item`, `save_attachment`, `load_attachment`, `delete_attachment`.",
    why="All 12 are abstract: a subclass of `Store` that lacks one cannot be built (`TypeError: Can't instantiate "
    "abstract class`), and the application does not start. A class that is no subclass is built, and fails at the "
    "first request that needs the method, with `AttributeError`.",
    instead="Derive from `Store` and write every method; those of attachments too, which may `raise "
    "NotImplementedError` where attachments are not enabled.",
    sources=("chatkit/store.py:68: Store (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good="    async def delete_attachment(",
        bad="    async def remove_attachment(",
    ),
)


def decide(store: Store, integration: Integration) -> Decision:
    """Judges the class that the server is built with, its bases included."""
    from chatkit_validate.integration.storage.shape import missing

    return decided(
        integration.once(missing, store),
        found=lambda lacking: Fail(
            f"{store.name} lacks {', '.join(lacking.value)}",
            lacking.where,
            f"Implement {_each(lacking.value)} as `chatkit.store.Store` declares it.",
        ),
        absent=lambda absent: Pass(f"{store.name} has all {len(store.interface.methods)} methods", absent.where),
    )


def _each(names: tuple[str, ...]) -> str:
    return f"`{names[0]}`" if len(names) == 1 else "each of them"
