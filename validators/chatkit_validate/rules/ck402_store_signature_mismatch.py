"""CK402: the store's methods take what ChatKit passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.decide import decide as decided
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.storage.stores import Method

RULE = Rule(
    code="CK402",
    name="store-signature-mismatch",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.STORE),
    skill="chatkit-integration",
    subject="store method",
    what="Each method can be called as ChatKit calls it: parameters of the names and in the order of "
    "`chatkit.store.Store`, by position and by keyword.",
    why="ChatKit itself does both: `items.list` names `limit`, `order` and `after`, while a client tool's output "
    'is filed by `load_thread_items(thread.id, None, 1, "desc", context)`. A method with `user_id` for `context`, '
    "or with an attachment's id and bytes for the attachment, ends the request with `TypeError`; one with `after` "
    "and `limit` exchanged gets a number for a cursor.",
    instead="Copy the parameter list from `Store`, names and order included, and take the user from `context`.",
    acceptable="Further parameters with defaults, `*args` and `**kwargs` are fine, as are other names for what "
    "ChatKit never passes by keyword.",
    sources=("chatkit/server.py:453, 501, 589: load_threads, load_thread_items (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good="async def load_threads(self, limit: int, after: str | None, order: str, context: Caller)",
        bad="async def load_threads(self, after: str | None, limit: int, order: str, context: Caller)",
    ),
)


def decide(method: Method, integration: Integration) -> Decision:
    """Judges the parameters by the calls that ChatKit makes."""
    from chatkit_validate.integration.storage.shape import mismatch

    declared = ", ".join(method.store.interface.methods[method.method])
    return decided(
        integration.once(mismatch, method),
        found=lambda fault: Fail(fault.value, fault.where, f"Write `async def {method.method}(self, {declared})`."),
        absent=lambda absent: Pass(f"{method.method}() takes {declared}", absent.where),
    )
