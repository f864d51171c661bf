"""Verdicts do not depend on how an app is written; and what is rewritten still runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agreement.bench import Bench, bench
from metamorphic.__main__ import judged
from metamorphic.app import App, base
from metamorphic.catalogue import REWRITES
from metamorphic.composing import everything
from metamorphic.rewrite import at
from metamorphic.subjects import subjects
from metamorphic.verdicts import facts

if TYPE_CHECKING:
    from collections.abc import Iterator

GUARD = "app/main.py:chatkit:if server is None:\n    raise HTTPException(503, 'Chat is not"
# Each changed a verdict once, made as small as it could be.
FOUND = {
    "result-told-apart-in-helper": ("minimal", [("extracted_tail", "app/main.py:chatkit:1:-4")]),
    "guard-in-helper": ("minimal", [("extracted_statement", GUARD)]),
    "routes-in-a-function-given-the-app": (
        "minimal",
        [("made_by_factory", "app/main.py"), ("extracted_tail", "app/main.py:create_app_1:1:-4")],
    ),
    "routers-in-a-function-given-the-app": ("todo_app", [("extracted_tail", "main.py:create_app:1:-8")]),
    "middleware-in-a-function-given-the-app": (
        "taskflow",
        [
            (
                "extracted_statement",
                "app/main.py:create_app:app.add_middleware(CORSMiddleware, allow_origins=settings.al",
            )
        ],
    ),
    "dependency-inside-the-factory": ("minimal, CK306 violated", [("made_by_factory", "app/main.py")]),
    "token-is-no-text-of-the-client": ("minimal, CK206 violated", [("dictionary_context", "app/auth.py:Caller")]),
    "constant-in-a-typed-dictionary": ("minimal, CK201 violated", [("dictionary_context", "app/auth.py:Caller")]),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_once_changed_a_verdict_no_longer_does(name: str) -> None:
    subject, places = FOUND[name]
    app: App = subjects()[subject]
    before = facts(app)
    for rewrite, place in places:
        app = at(app, REWRITES[rewrite], place)
    assert facts(app) == before


@pytest.mark.slow
def test_no_composition_of_rewrites_changes_a_verdict() -> None:
    changed = {name: found for name, _, found in (judged(f"sample-{number}") for number in range(50)) if found}
    assert not changed, "\n".join(f"{name}\n{found}" for name, found in changed.items())


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("name", ["taskflow", "todo_app", "minimal"])
def test_an_app_with_every_rewrite_in_it_still_does_what_it_did(running: Bench, name: str) -> None:
    rewritten, steps, _ = everything(base(name), "as before")
    assert len(steps) > 30

    observed = running.probe(rewritten, ["protocol/first-contact", "errors/malformed", "identity/false-tokens"])

    assert not observed.refused
    assert {rule: observed.got[rule] for rule, verdict in observed.verdicts.items() if verdict != "pass"} == {}
