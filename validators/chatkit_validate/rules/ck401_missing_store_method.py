"""CK401: the store has every method that ChatKit calls."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK401",
    name="missing-store-method",
    level=Level.ERROR,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="The store implements all 12 methods of `chatkit.store.Store`: `load_thread`, `save_thread`, "
    "`load_threads`, `delete_thread`, `load_thread_items`, `add_thread_item`, `save_item`, `load_item`, "
    "`delete_thread_item`, `save_attachment`, `load_attachment`, `delete_attachment`.",
    why="All 12 are abstract: a subclass of `Store` that lacks one cannot be built (`TypeError: Can't instantiate "
    "abstract class`), and the application does not start. A class that is no subclass is built, and fails at the "
    "first request that needs the method, with `AttributeError`.",
    instead="Derive from `Store` and write every method; those of attachments too, which may `raise "
    "NotImplementedError` where attachments are not enabled.",
    sources=("chatkit/store.py:68: Store (1.6.5)",),
)
