"""After an edit the model hears what it broke, once, and nothing about anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import minimal_app

if TYPE_CHECKING:
    from tests.hooks.conftest import Session

MAIN = "app/main.py"
GOOD = minimal_app()[MAIN]
NO_HEADER = GOOD.replace(', "X-Accel-Buffering": "no"', "")
TWO_FAULTS = NO_HEADER.replace('media_type="text/event-stream"', 'media_type="text/plain"')


def test_a_bad_edit_is_named_with_place_and_way_out(session: Session) -> None:
    said = session.edit(MAIN, NO_HEADER)
    assert "CK105 missing-sse-headers (warning), app/main.py:" in said
    assert "To do: " in said
    assert "explain CK105" in said


def test_a_good_edit_is_silent(session: Session) -> None:
    assert session.edit(MAIN, GOOD + "\n# chatkit\n") == ""


def test_what_was_wrong_before_is_not_said(session: Session) -> None:
    (session.project / MAIN).write_text(NO_HEADER, "utf-8")
    said = session.edit(MAIN, TWO_FAULTS)
    assert "CK104" in said
    assert "CK105" not in said


def test_a_failure_is_said_once(session: Session) -> None:
    assert "CK105" in session.edit(MAIN, NO_HEADER)
    assert session.edit(MAIN, NO_HEADER + "\n") == ""


def test_a_failure_that_was_mended_and_comes_back_is_said_again(session: Session) -> None:
    assert "CK105" in session.edit(MAIN, NO_HEADER)
    assert session.edit(MAIN, GOOD) == ""
    assert "CK105" in session.edit(MAIN, NO_HEADER)


def test_a_new_file_with_a_fault_is_named(session: Session) -> None:
    (session.project / MAIN).unlink()
    assert "CK105" in session.edit(MAIN, NO_HEADER)


def test_files_that_have_nothing_to_do_with_chatkit_are_silent(session: Session) -> None:
    (session.project / MAIN).write_text(NO_HEADER, "utf-8")
    assert session.edit("other/sums.py", "def add(a, b):\n    return b + a\n") == ""
    assert session.edit("README.md", "# chatkit\n") == ""


def test_a_file_that_an_integration_imports_matters_though_it_never_says_chatkit(session: Session) -> None:
    auth = minimal_app()["app/auth.py"]
    assert "chatkit" not in auth.lower()
    session.edit("app/auth.py", auth + "\n")
    memory = next(session.cache.rglob("memory.json"))
    assert "app/auth.py" in memory.read_text("utf-8")


def test_plugin_and_project_wiring_together_say_it_once(session: Session) -> None:
    first = session.edit(MAIN, NO_HEADER, call="toolu_x")
    second = session.after_edit(MAIN, GOOD, call="toolu_x")
    assert "CK105" in first
    assert second == ""


def test_files_outside_of_the_project_are_silent(session: Session) -> None:
    outside = session.project.parent / "elsewhere.py"
    outside.write_text(NO_HEADER, "utf-8")
    assert session.after_edit("../elsewhere.py", None) == ""
