"""`chatkit-validate store` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import ROOT, Answer, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., Answer]

SCHEMA = json.loads((ROOT / "validators/chatkit_validate/report/report.schema.json").read_text("utf-8"))
PYTHONPATH = os.pathsep.join(str(ROOT / folder) for folder in ("validators", "fixtures/taskflow", ""))
MEMORY = "tests.contract.memory:MemoryStore"


@pytest.fixture
def store(command: Command, tmp_path: Path) -> Command:
    """Runs `store` in an empty folder."""

    def run(*arguments: str, **variables: str) -> Answer:
        return command("store", *arguments, cwd=tmp_path, **{"PYTHONPATH": PYTHONPATH, **variables})

    return run


@pytest.mark.slow
def test_the_reference_store_keeps_to_the_contract(store: Command, empty_database_url: str) -> None:
    answer = store(
        "tests.contract.reference:make_store", "--format", "json", TASKFLOW_CHATKIT_DATABASE_URL=empty_database_url
    )
    report = answer.json()
    Draft202012Validator(SCHEMA).validate(report)
    verdicts = report["targets"][0]["verdicts"]
    assert {v["verdict"] for v in verdicts} == {"pass"}
    assert {v["by"] for v in verdicts} == {"store"}
    assert report["complete"] is True
    assert answer.code == 0, answer.err


def test_a_failure_names_the_rule_the_method_what_came_and_how_to_see_it_again(store: Command) -> None:
    answer = store("tests.contract.broken.paging:CursorByTime", "--single-process", "--only", "paging")
    assert answer.code == 1
    assert "warning CK410 cursor-loses-ties: CursorByTime.load_thread_items\n" in answer.out
    assert "expected: paging shows every row once where all times are equal" in answer.out
    assert "got: paging asc with limit 1 through 5 rows with equal created_at loses 4 and repeats 0" in answer.out
    again = "chatkit-validate store tests.contract.broken.paging:CursorByTime --single-process --only paging/items-ties"
    assert f"reproduce: {again}" in answer.out
    assert answer.out.splitlines()[-1].endswith("1 target run, complete")


def test_the_script_shows_the_failure_again(store: Command, tmp_path: Path) -> None:
    target = "tests.contract.broken.saving:ThreadsInsertedOnly"
    report = store(target, "--format", "json", "--only", "upserts/save_thread").json()
    script = report["targets"][0]["checks"][0]["reproducer"][1]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": PYTHONPATH, "PATH": os.environ["PATH"]},
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr + script
    assert "duplicate key value" in done.stdout


def test_a_store_in_memory_is_told_that_workers_do_not_share_it(store: Command) -> None:
    answer = store(MEMORY, "--only", "processes")
    assert answer.code == 1
    assert "CK421 store-per-process" in answer.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "store: name a factory"),
        (("nothing",), "'nothing' is no module:factory"),
        ((MEMORY, "--only", "pagging"), "there is no clause or group 'pagging'"),
        ((MEMORY, "--path", "missing"), "there is no folder missing"),
        ((MEMORY, "--timeout", "0"), "--timeout wants seconds"),
        ((MEMORY, "--store-python", "/nowhere/python"), "there is no interpreter /nowhere/python"),
    ],
)
def test_a_wrong_command_line_is_answered_with_what_is_wrong(
    store: Command, arguments: tuple[str, ...], told: str
) -> None:
    answer = store(*arguments)
    assert answer.code == 2
    assert told in answer.err
    assert "Traceback" not in answer.err


FACTORIES = {
    "exits.py": "import sys; sys.exit(5)",
    "fails.py": "def make(): raise OSError('the database is down')",
    "other.py": "def make(): return object()",
    "needs.py": "import no_such_package_anywhere",
    "abstract.py": """
        from chatkit.store import Store
        class Half(Store):
            async def load_thread(self, thread_id, context): ...
        """,
    "dies.py": """
        import os
        from tests.contract.memory import MemoryStore
        class Dies(MemoryStore):
            async def load_item(self, thread_id, item_id, context): os._exit(7)
        """,
    "blocks.py": """
        import time
        from tests.contract.memory import MemoryStore
        class Blocks(MemoryStore):
            async def load_item(self, thread_id, item_id, context):
                time.sleep(600)
        """,
    "loud.py": """
        from contextlib import asynccontextmanager, contextmanager
        from tests.contract.memory import MemoryStore
        print("{not json")
        async def coroutine(): return MemoryStore()
        @asynccontextmanager
        async def managed(): yield MemoryStore()
        @contextmanager
        def plainly_managed(): yield MemoryStore()
        async def yielding(): yield MemoryStore()
        instance = MemoryStore()
        """,
}


@pytest.fixture
def factories(tmp_path: Path) -> Path:
    return write_tree(tmp_path, {name: textwrap.dedent(text) for name, text in FACTORIES.items()})


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("nowhere:make", "there is no module nowhere"),
        ("fails:nothing", "fails has no nothing"),
        ("exits:make", "exits cannot be imported: SystemExit"),
        ("fails:make", "fails:make failed: OSError: the database is down"),
        ("other:make", "gave a object, which has none of a store's methods"),
        ("needs:make", "needs needs no_such_package_anywhere, which is not installed"),
    ],
)
@pytest.mark.usefixtures("factories")
def test_a_store_that_cannot_be_opened_makes_the_run_incomplete(store: Command, target: str, told: str) -> None:
    answer = store(target)
    assert answer.code == 4, answer.err
    assert "store-not-opened" in answer.out
    assert told in answer.out
    assert "Traceback" not in answer.err + answer.out


@pytest.mark.usefixtures("factories")
def test_an_abstract_store_is_told_what_it_lacks(store: Command) -> None:
    answer = store("abstract:Half", "--format", "json")
    target = answer.json()["targets"][0]
    failed = {v["subject"]["name"] for v in target["verdicts"] if v["verdict"] == "fail"}
    assert answer.code == 1
    assert "Half.save_thread" in failed
    assert "Half.load_thread" not in failed
    assert {v["code"] for v in target["verdicts"]} == {"CK401"}


@pytest.mark.usefixtures("factories")
def test_a_clause_that_takes_the_process_down_is_unknown_and_the_others_are_tried(store: Command) -> None:
    answer = store(
        "dies:Dies", "--single-process", "--only", "present,works/load_item,works/delete_attachment", "--all"
    )
    assert answer.code == 4
    assert "the process of the store ended with code 7" in answer.out
    assert "✓ pass           CK412 stub-store-method" in answer.out


@pytest.mark.slow
@pytest.mark.usefixtures("factories")
def test_a_store_that_blocks_the_loop_ends_with_the_time_limit(store: Command) -> None:
    answer = store("blocks:Blocks", "--single-process", "--only", "works/load_item,works/load_thread", "--timeout", "6")
    assert answer.code == 4, answer.out
    assert "works/load_item" not in answer.err
    assert "(--timeout)" in answer.out


def test_rules_that_the_project_ignores_are_not_asked(store: Command, tmp_path: Path) -> None:
    write_tree(tmp_path, {"pyproject.toml": '[tool.chatkit-validate.ignore]\nCK421 = "a demonstration"\n'})
    answer = store(MEMORY, "--only", "processes,present")
    assert answer.code == 0, answer.out


@pytest.mark.parametrize("name", ["coroutine", "managed", "plainly_managed", "yielding", "instance"])
@pytest.mark.usefixtures("factories")
def test_every_form_of_factory_is_opened(store: Command, name: str) -> None:
    assert store(f"loud:{name}", "--single-process", "--only", "works").code == 0


def test_the_list_names_every_clause(store: Command) -> None:
    listed = store("--list").out.splitlines()
    assert any(line.startswith("CK410  paging/items-ties-each-once ") for line in listed)
