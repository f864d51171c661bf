"""CK413: no write changes what is another user's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rehearsed import judged, left_out
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Level, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.storage.stores import Method

RULE = Rule(
    code="CK413",
    name="overwrites-other-users",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.STORE),
    skill="chatkit-integration",
    subject="store method",
    what="A write under the id of another user's thread, item or attachment changes nothing of theirs, whether it "
    "is refused or makes a row of its own.",
    why="`ON CONFLICT (id) DO UPDATE`, `INSERT OR REPLACE`, and selecting by id before an update find whoever's "
    "row has that id. It takes no attacker: ChatKit's default ids have 32 random bits, of which two are equal with "
    "50 % at 77 000 rows, and over a model that does not speak the Responses API every answer is called "
    "`__fake_id__`. The reads may all be scoped and the loss is complete nevertheless.",
    instead="Put the owner into the key (`PRIMARY KEY (user_id, id)`, `ON CONFLICT (user_id, id) DO UPDATE`), or "
    "write only `WHERE user_id = $1` and raise `NotFoundError` where no row was touched. Override "
    "`generate_thread_id` and `generate_item_id` with whole UUIDs.",
    acceptable="A store without owners fails CK404 only; this rule does not apply to it.",
    sources=("chatkit/store.py:39: default_generate_id (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good='" ON CONFLICT (user_id, kind, id) DO UPDATE SET body = excluded.body",',
        bad='" ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",',
    ),
)


def decide(method: Method, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges what a rehearsal of the method comes to."""
    from chatkit_validate.integration.storage import ownership

    if (excuse := left_out(method)) is not None:
        return excuse
    return judged(
        integration.once(ownership.overwriting, method),
        method,
        fine="changes nothing of another user's",
        way_out="Put the owner into the key (`ON CONFLICT (user_id, id) DO UPDATE`), "
        "or refuse where the row is another user's.",
    )
