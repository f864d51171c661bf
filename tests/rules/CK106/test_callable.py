from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

ANSWER = 'return Response(content=result.json, media_type="application/json")'
ASKED = """held = result.json
    text = held() if callable(held) else held
    return Response(content=text, media_type="application/json")"""
CALLED = """held = result.json
    text = held()
    return Response(content=text, media_type="application/json")"""


def test_a_call_that_callable_guards_is_never_made(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(app(None, ("app/main.py", ANSWER, ASKED)), "CK106")) == {Outcome.PASS}
    assert failed(verdicts(app(None, ("app/main.py", ANSWER, CALLED)), "CK106"))
