from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import failed, outcomes
from tests.rules.stores import memory, orm

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


def methods(verdicts: list[Verdict]) -> set[str]:
    return {verdict.subject.name.partition(".")[2] for verdict in failed(verdicts)}


@pytest.mark.parametrize(
    ("old", "new", "method"),
    [
        (
            "row = await session.get(Thread, (context.user_id, possible(thread_id)))\n        if",
            "row = await session.scalar(select(Thread).where(Thread.id == possible(thread_id)))\n        if",
            "load_thread",
        ),
        ("select(Thread).where(Thread.user_id == context.user_id)\n", "select(Thread)\n", "load_threads"),
        (
            "select(Item).where(\n                    Item.user_id == context.user_id, Item.thread_id",
            "select(Item).where(\n                    Item.thread_id",
            "load_item",
        ),
        (
            "delete(Item).where(\n                    Item.user_id == context.user_id, Item.thread_id",
            "delete(Item).where(\n                    Item.thread_id",
            "delete_thread_item",
        ),
        (
            "delete(Item).where(Item.user_id == context.user_id, Item.thread_id",
            "delete(Item).where(Item.thread_id",
            "delete_thread",
        ),
    ],
)
def test_a_query_without_the_owner_fails_in_its_method(verdicts: Verdicts, old: str, new: str, method: str) -> None:
    assert method in methods(verdicts(orm((old, new)), "CK404"))


def test_each_method_is_judged_by_itself(verdicts: Verdicts) -> None:
    tree = memory(
        (
            "self._threads.pop((self._user(context), thread_id), None)\n",
            "[self._threads.pop(key) for key in list(self._threads) if key[1] == thread_id]\n",
        )
    )
    assert methods(verdicts(tree, "CK404")) == {"delete_thread"}


@pytest.mark.parametrize(
    "body",
    [
        "return context.user_id",
        'return context["user"]["id"]',
        'return getattr(context, "user_id", None)',
        'return context.get("user_id") if isinstance(context, dict) else context.user_id',
        'who = context.request.state.user\n        return f"{who.org}/{who.id}"',
    ],
)
def test_the_user_is_followed_out_of_any_context(verdicts: Verdicts, body: str) -> None:
    assert not failed(verdicts(memory(("return context.user_id", body)), "CK404"))


@pytest.mark.parametrize("body", ['return "everybody"', "return context.workflow_id", "return context.locale"])
def test_what_users_share_scopes_nothing(verdicts: Verdicts, body: str) -> None:
    assert methods(verdicts(memory(("return context.user_id", body)), "CK404")) == {
        "load_thread", "load_threads", "load_thread_items", "load_item", "delete_thread", "delete_thread_item",
    }  # fmt: skip


def test_a_comparison_after_the_query_is_as_good(verdicts: Verdicts) -> None:
    tree = orm(
        (
            "row = await session.get(Thread, (context.user_id, possible(thread_id)))\n        if row is None:",
            (
                "row = await session.scalar(select(Thread).where(Thread.id == possible(thread_id)))\n"
                "        if row is None or row.user_id != context.user_id:"
            ),
        )
    )
    assert not failed(verdicts(tree, "CK404"))


def test_attachments_that_are_not_enabled_are_not_judged(verdicts: Verdicts) -> None:
    answers = [v for v in verdicts(memory(), "CK404") if "attachment" in v.subject.name]
    assert outcomes(answers) == {Outcome.NOT_APPLICABLE}


def test_attachments_that_are_enabled_are(verdicts: Verdicts) -> None:
    tree = memory(
        (
            "        return self._attachments[self._user(context), attachment_id]\n",
            "        return self._any(attachment_id)\n",
        ),
        (
            "        if (self._user(context), attachment_id) not in self._attachments:\n",
            "        if self._any(attachment_id) is None:\n",
        ),
    )
    tree["app/store.py"] += (
        "\n    def _any(self, wanted):\n"
        "        return next((each for (_, key), each in self._attachments.items() if key == wanted), None)\n"
    )
    tree["app/main.py"] = tree["app/main.py"].replace("ChatServer(store)", "ChatServer(store, store)")
    assert methods(verdicts(tree, "CK404")) == {"load_attachment"}


def test_a_storage_that_cannot_be_followed_is_judged_by_what_it_is_given(verdicts: Verdicts) -> None:
    edits = (
        (
            "        found = self._threads.get((self._user(context), thread_id))\n",
            "        found = await self.remote.find_thread(user=context.user_id, thread=thread_id)\n",
        ),
        ("        self._threads = {}\n", "        self._threads = {}\n        self.remote = pool.remote()\n"),
        (
            "        self._threads[self._user(context), thread.id] = thread.model_copy(deep=True)\n",
            "        await self.remote.put_thread(user=context.user_id, thread=thread.id, title=thread.title)\n",
        ),
    )
    assert "load_thread" not in methods(verdicts(memory(*edits), "CK404"))
    unscoped = [(old, new.replace("user=context.user_id, ", "")) for old, new in edits]
    assert "load_thread" in methods(verdicts(memory(*unscoped), "CK404"))
