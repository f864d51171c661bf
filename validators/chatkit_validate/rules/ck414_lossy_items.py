"""CK414: What is saved comes back unchanged."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK414",
    name="lossy-items",
    level=Level.ERROR,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="What is saved comes back unchanged: items of all types with every field, threads, attachments; "
    "U+0000, emoji and long texts included.",
    why="ChatKit replays stored items to the browser and into the model's input. An item that is mapped "
    "to a role and a text loses widgets, workflows, tool calls and hidden context; PostgreSQL's "
    "`text` and `jsonb` refuse U+0000, which a user can paste, and the turn ends in an error.",
    instead="Keep the whole object as JSON: write `item.model_dump_json()` into a `json` or `text` column, in"
    " which `\\u0000` stays escaped, and read it with `TypeAdapter(ThreadItem).validate_json`.",
    sources=("chatkit/types.py: ThreadItem, ThreadMetadata, Attachment (1.6.5)",),
)
