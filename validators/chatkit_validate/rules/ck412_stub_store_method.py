"""CK412: every method of the store does its work."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK412",
    name="stub-store-method",
    level=Level.ERROR,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="What is saved can be loaded and listed, what is saved again has its new content, and what is deleted is "
    "gone: each method does its work once, in the simplest case.",
    why="A method that is `pass`, `return Page()` or `raise NotImplementedError` satisfies the abstract class and "
    "the type checker. `load_thread_items` as a stub takes the model's memory away, `delete_thread` keeps what a "
    "user had deleted, and `delete_thread_item` leaves the old answer beside the new one.",
    instead="Implement it against the database. Ids must come back as they were given: a column that takes UUIDs "
    "only, or an id made anew on saving, loses the item.",
    acceptable="The methods of attachments where these are not enabled: let them `raise NotImplementedError`, or "
    "declare it by `chatkit-validate store --no-attachments`.",
    sources=("chatkit/store.py: Store (1.6.5)",),
)
