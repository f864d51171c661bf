"""Whatever a store's code does, reading it ends soon, runs nothing of it, and takes no other rule's answer away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.stores import memory

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

FIRST = "        found = self._threads.get((self._user(context), thread_id))\n"


def loading(lines: str) -> dict[str, str]:
    body = "".join(f"        {line}\n" for line in lines.splitlines())
    return memory((FIRST, body + FIRST))


@pytest.mark.parametrize(
    "lines",
    [
        "while True:\n    pass",
        "while True:\n    self.n = [0]",
        "await self.load_thread(thread_id, context)",
        "text = 'x' * 10**12",
        "many = [0] * 10**12",
        "number = 10 ** 10 ** 10",
        "for n in range(10**12):\n    pass",
        "text = f'{thread_id:>999999999999}'",
        "text = '%999999999999s' % thread_id",
        "text = thread_id.ljust(10**12)",
        "number = 1 << 10**12",
        "rows = [a for a in range(5000) for b in range(5000) for c in range(5000)]",
        "kept = []\nkept.append(kept)\ntext = str(kept)",
        "held = {}\nheld['held'] = held\nself.held = held",
        "f = lambda n: f(n + 1)\nf(0)",
        "n = int('9' * 100000)",
    ],
)
def test_code_that_never_ends_or_grows_is_left(verdicts: Verdicts, lines: str) -> None:
    answers = verdicts(loading(lines), "CK404", "CK405", "CK412")
    assert {verdict.code for verdict in answers} == {"CK404", "CK405", "CK412"}


def test_nothing_of_the_store_is_run(verdicts: Verdicts, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    tree = loading(f"open({str(mark)!r}, 'w').write('x')\n__import__('os').mkdir({str(mark)!r})\neval('1')")
    tree["app/store.py"] += f"\n\nopen({str(mark)!r}, 'w').close()\n"
    verdicts(tree, "CK4")
    assert not mark.exists()


def test_a_statement_that_cannot_be_read_leaves_its_methods_unknown(verdicts: Verdicts) -> None:
    tree = loading("await self.db.execute('SELECT x FROM a UNION SELECT y FROM b')")
    tree["app/store.py"] = tree["app/store.py"].replace(
        "        self._threads = {}\n", "        self._threads = {}\n        self.db = pool\n"
    )
    answers = [v for v in verdicts(tree, "CK404") if v.subject.name.endswith(".load_thread")]
    assert outcomes(answers) == {Outcome.UNKNOWN}
    assert "UNION" in answers[0].reason.upper()


def test_a_condition_that_cannot_be_decided_is_walked_both_ways(verdicts: Verdicts) -> None:
    tree = memory(("return context.user_id", "return context.user_id if self.remote.flag else 'everybody'"))
    tree["app/store.py"] = tree["app/store.py"].replace(
        "        self._threads = {}\n", "        self._threads = {}\n        self.remote = pool.options()\n"
    )
    failing = {v.subject.name for v in verdicts(tree, "CK404") if v.verdict is Outcome.FAIL}
    assert "PostgresStore.load_thread" in failing
