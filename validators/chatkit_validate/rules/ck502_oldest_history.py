"""CK502: of a long thread the model reads the end, not the beginning."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK502",
    name="oldest-history",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="Where only part of a thread is read, it is the newest part: in a thread of more than twenty items "
    "the model still reads the user's last message.",
    why='`order="asc"` with a limit answers the oldest items. With 20 of them and one answer per message the '
    "window is full after ten turns: from the eleventh on the model no longer reads what it is asked, and "
    "answers old questions again.",
    instead='Load `"desc"` and reverse: `list(reversed(page.data))`. Begin the window at a user\'s message, so '
    "that no tool result stands there without its call.",
    acceptable="The whole thread in ascending order, page after page to the end.",
    sources=(
        "chatkit/store.py: Store.load_thread_items",
        "chatkit-js#96: a window that cuts a tool call from its result",
    ),
)
