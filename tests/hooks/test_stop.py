"""When an agent stops, what fails is said once; a person's own unfinished work is nobody's business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import minimal_app

if TYPE_CHECKING:
    from tests.hooks.conftest import Session

AGENT = "chatkit-integration-agent"
NO_HEADER = minimal_app()["app/main.py"].replace(', "X-Accel-Buffering": "no"', "")


def broken(session: Session) -> Session:
    """As a shell command would break it: no hook sees it happen."""
    (session.project / "app/main.py").write_text(NO_HEADER, "utf-8")
    return session


def test_the_agent_is_held_back_once(session: Session) -> None:
    broken(session)
    answer = session.stop(agent_type=AGENT, agent_id="a1")
    assert answer["decision"] == "block"
    assert "CK105" in answer["reason"]
    assert session.stop(agent_type=AGENT, agent_id="a1", stop_hook_active=True) == {}


def test_the_plugin_s_agent_is_the_same_agent(session: Session) -> None:
    broken(session)
    assert session.stop(agent_type=f"chatkit-integration:{AGENT}", agent_id="a1")["decision"] == "block"


def test_two_wirings_hold_the_agent_back_once(session: Session) -> None:
    broken(session)
    assert session.stop(agent_type=AGENT, agent_id="a1")["decision"] == "block"
    assert session.stop(agent_type=AGENT, agent_id="a1") == {}


def test_other_agents_are_let_go(session: Session) -> None:
    assert broken(session).stop(agent_type="Explore", agent_id="a1") == {}


def test_an_agent_that_left_nothing_broken_is_let_go(session: Session) -> None:
    assert session.stop(agent_type=AGENT, agent_id="a1") == {}


def test_the_main_thread_is_held_back_for_what_it_broke(committed: Session) -> None:
    answer = broken(committed).stop()
    assert answer["decision"] == "block"
    assert "CK105" in answer["reason"]


def test_the_main_thread_hears_of_each_failure_once(committed: Session) -> None:
    broken(committed).stop()
    assert committed.stop(prompt_id="p2") == {}


def test_what_was_committed_broken_is_not_said(session: Session, committed: Session) -> None:
    assert committed is session
    import subprocess

    broken(session)
    subprocess.run(
        ["git", "-c", "user.email=a@b", "-c", "user.name=a", "commit", "-qam", "y"],
        cwd=session.project, check=True, timeout=60,
    )  # fmt: skip
    (session.project / "app/main.py").write_text(NO_HEADER + "\n", "utf-8")
    assert session.stop() == {}


def test_without_a_commit_to_compare_with_nothing_is_said(session: Session) -> None:
    assert broken(session).stop() == {}


def test_a_client_that_does_not_say_whether_it_is_the_first_time_is_let_go(session: Session) -> None:
    assert broken(session).stop(agent_type=AGENT, agent_id="a1", stop_hook_active=None) == {}
