from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

OLD = """    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await self._delete("attachment", attachment_id, context)
"""


def written(new: str) -> dict[str, str]:
    return app(None, ("app/store.py", OLD, new))


def test_a_plain_function_fails_in_its_own_place(verdicts: Verdicts) -> None:
    tree = written("    def delete_attachment(self, attachment_id, context):\n        self.gone = attachment_id\n")
    (failure,) = failed(verdicts(tree, "CK403"))
    assert failure.subject.name == "PostgresStore.delete_attachment"


def test_an_async_generator_cannot_be_awaited(verdicts: Verdicts) -> None:
    tree = written("    async def delete_attachment(self, attachment_id, context):\n        yield attachment_id\n")
    assert len(failed(verdicts(tree, "CK403"))) == 1


def test_a_plain_function_that_returns_a_coroutine_passes(verdicts: Verdicts) -> None:
    tree = written(
        "    def delete_attachment(self, attachment_id, context):\n"
        '        return self._delete("attachment", attachment_id, context)\n'
    )
    assert outcomes(verdicts(tree, "CK403")) == {Outcome.PASS}


def test_a_plain_function_that_returns_what_nobody_knows_is_unknown(verdicts: Verdicts) -> None:
    tree = written(
        "    def delete_attachment(self, attachment_id, context):\n        return self.pool.execute(attachment_id)\n"
    )
    assert Outcome.UNKNOWN in outcomes(verdicts(tree, "CK403"))
