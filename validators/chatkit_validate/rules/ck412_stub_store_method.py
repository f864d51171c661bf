"""CK412: every method of the store does its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.evidence import Found, Unresolved
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rehearsed import judged
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.storage.stores import Method
    from chatkit_validate.integration.storage.stub import Unheld

RULE = Rule(
    code="CK412",
    name="stub-store-method",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.STORE),
    skill="chatkit-integration",
    subject="store method or call",
    what="What is saved can be loaded and listed, what is saved again has its new content, and what is deleted is "
    "gone: each method does its work once, in the simplest case.",
    why="A method that is `pass`, `return Page()` or `raise NotImplementedError` satisfies the abstract class and "
    "the type checker. `load_thread_items` as a stub takes the model's memory away, `delete_thread` keeps what a "
    "user had deleted, and `delete_thread_item` leaves the old answer beside the new one.",
    instead="Implement it against the database. Ids must come back as they were given: a column that takes UUIDs "
    "only, or an id made anew on saving, loses the item.",
    acceptable="The methods of attachments where these are not enabled: let them `raise NotImplementedError`, or "
    "declare it by `chatkit-validate store --no-attachments`. `check` takes them for enabled where the server is built "
    "with an attachment store, or the application saves attachments itself.",
    sources=("chatkit/store.py: Store (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good='        await self._delete("item", item_id, context, thread_id)\n',
        bad="        pass\n",
    ),
)
_ATTACHMENTS = "Attachments are not enabled: the server is built without an attachment store"


def decide(subject: Method | Unheld, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges what the method's body does, and calls of methods that are not there."""
    from chatkit_validate.integration.storage.stub import Unheld, placeholder
    from chatkit_validate.integration.storage.work import KNOWN, idle

    if isinstance(subject, Unheld):
        return Fail(
            f"{subject.name}() does not exist",
            subject.where,
            f"Call a method of `chatkit.store.Store`, or give {subject.store.name} this one.",
        )
    if subject.is_of_attachments and not subject.store.attachments:
        return NotApplicable(_ATTACHMENTS, subject.where)
    found = integration.once(placeholder, subject)
    if isinstance(found, Found):
        return Fail(f"{subject.name}() {found.value}", found.where, "Implement it against the database.")
    if subject.method not in KNOWN:
        return Pass(f"{subject.method}() does something", subject.where)
    answer = integration.once(idle, subject)
    if isinstance(answer, Unresolved):
        # What another method's fault hides is that one's; its body does something.
        return Pass(f"{subject.method}() does something", subject.where)
    return judged(answer, subject, fine="does its work", way_out="Implement it against the database.")
