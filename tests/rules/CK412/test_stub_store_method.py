from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

DOES = '        await self._delete("item", item_id, context, thread_id)\n'


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "...",
        '"""Not yet."""',
        "return None",
        "raise NotImplementedError",
        "raise NotImplementedError('later')",
        "return Page(data=[], has_more=False)",
        "logger.info('deleting')\n        pass",
    ],
)
def test_a_body_without_content_fails(verdicts: Verdicts, body: str) -> None:
    (failure,) = failed(verdicts(app(None, ("app/store.py", DOES, f"        {body}\n")), "CK412"))
    assert failure.subject.name == "PostgresStore.delete_thread_item"


def test_a_method_that_calls_another_is_none(verdicts: Verdicts) -> None:
    tree = app(None, ("app/store.py", DOES, "        return await self._gone(thread_id, item_id, context)\n"))
    tree["app/store.py"] += "\n    async def _gone(self, thread_id, item_id, context):\n" + DOES
    assert not failed(verdicts(tree, "CK412"))


def attachments(enabled: str) -> dict[str, str]:
    tree = app(
        None,
        (
            "app/store.py",
            '        return ATTACHMENT.validate_json(await self._load("attachment", attachment_id, context))\n',
            "        raise NotImplementedError\n",
        ),
    )
    tree["app/main.py"] = tree["app/main.py"].replace("ChatServer(store)", f"ChatServer({enabled})")
    return tree


def test_attachments_that_are_not_enabled_may_be_left_out(verdicts: Verdicts) -> None:
    answers = verdicts(attachments("store"), "CK412")
    assert not failed(answers)
    assert Outcome.NOT_APPLICABLE in outcomes(answers)


@pytest.mark.parametrize("enabled", ["store, store", "store, attachment_store=store"])
def test_attachments_that_are_enabled_may_not(verdicts: Verdicts, enabled: str) -> None:
    (failure,) = failed(verdicts(attachments(enabled), "CK412"))
    assert failure.subject.name == "PostgresStore.load_attachment"


def test_a_call_of_a_method_that_no_store_has_fails_where_it_stands(verdicts: Verdicts) -> None:
    tree = app(
        None, ("app/main.py", "server.store.load_item(thread.id, item_id, caller)", "server.store.get_item(item_id)")
    )
    (failure,) = failed(verdicts(tree, "CK412"))
    assert (failure.subject.name, failure.where.path) == ("PostgresStore.get_item", "app/main.py")


def test_a_method_of_the_library_s_base_class_exists(verdicts: Verdicts) -> None:
    tree = app(
        None,
        (
            "app/main.py",
            "server.store.load_item(thread.id, item_id, caller)",
            "server.store.generate_thread_id(caller)",
        ),
    )
    assert not failed(verdicts(tree, "CK412"))
