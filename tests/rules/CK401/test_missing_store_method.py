from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

GONE = ("app/store.py", "    async def delete_attachment(", "    async def remove_attachment(")


def test_every_missing_method_is_named(verdicts: Verdicts) -> None:
    tree = app(None, GONE, ("app/store.py", "    async def load_item(", "    async def load_one("))
    (failure,) = failed(verdicts(tree, "CK401"))
    assert failure.message == "PostgresStore lacks delete_attachment, load_item"
    assert failure.subject.kind == "store"


def test_a_method_of_a_mixin_of_another_module_counts(verdicts: Verdicts) -> None:
    mixin = "class Attached:\n    async def delete_attachment(self, attachment_id, context):\n        self.gone = 1\n"
    tree = app({"app/mixin.py": mixin}, GONE)
    tree["app/store.py"] = "from app.mixin import Attached\n" + tree["app/store.py"].replace(
        "class PostgresStore(Store[Caller])", "class PostgresStore(Attached, Store[Caller])"
    )
    assert outcomes(verdicts(tree, "CK401")) == {Outcome.PASS}


def test_an_abstract_method_of_an_own_base_is_none(verdicts: Verdicts) -> None:
    base = (
        "from abc import abstractmethod\nfrom chatkit.store import Store\n\nclass Base(Store):\n"
        "    @abstractmethod\n    async def delete_attachment(self, attachment_id, context): ...\n"
    )
    tree = app({"app/base.py": base}, GONE)
    tree["app/store.py"] = "from app.base import Base\n" + tree["app/store.py"].replace("(Store[Caller])", "(Base)")
    assert len(failed(verdicts(tree, "CK401"))) == 1


def test_a_base_that_cannot_be_read_may_have_it(verdicts: Verdicts) -> None:
    tree = app(None, GONE)
    tree["app/store.py"] = "from elsewhere import Attached\n" + tree["app/store.py"].replace(
        "(Store[Caller])", "(Attached, Store[Caller])"
    )
    assert outcomes(verdicts(tree, "CK401")) == {Outcome.UNKNOWN}


def test_the_installed_library_says_what_is_demanded(verdicts: Verdicts) -> None:
    library = "class Store:\n    @abstractmethod\n    async def load_summary(self, thread_id, context): ...\n"
    tree = app({".venv/lib/python3.12/site-packages/chatkit/store.py": library})
    (failure,) = failed(verdicts(tree, "CK401"))
    assert "load_summary" in failure.message


def test_a_store_made_in_the_server_s_constructor_is_found(verdicts: Verdicts) -> None:
    tree = app(None, GONE)
    tree["app/main.py"] = tree["app/main.py"].replace("ChatServer(store)", "ChatServer(pool)")
    tree["app/server.py"] = tree["app/server.py"].replace(
        "class ChatServer(ChatKitServer[Caller]):\n",
        "class ChatServer(ChatKitServer[Caller]):\n    def __init__(self, pool):\n"
        "        from app.store import PostgresStore\n        self.kept = PostgresStore(pool)\n"
        "        super().__init__(store=self.kept)\n\n",
    )
    assert "def __init__(self, pool)" in tree["app/server.py"]
    assert len(failed(verdicts(tree, "CK401"))) == 1
