from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

GIVEN = "async def load_attachment(self, attachment_id: str, context: Caller)"


def taking(parameters: str) -> dict[str, str]:
    return app(None, ("app/store.py", GIVEN, f"async def load_attachment({parameters})"))


@pytest.mark.parametrize(
    "parameters",
    [
        "self, attachment_id",
        "self, attachment_id, user_id",
        "self, attachment_id, data, context",
        "self, attachment_id, /, *, context",
        "attachment_id, context",
    ],
)
def test_what_chatkit_passes_does_not_fit(verdicts: Verdicts, parameters: str) -> None:
    (failure,) = failed(verdicts(taking(parameters), "CK402"))
    assert failure.subject.name == "PostgresStore.load_attachment"


@pytest.mark.parametrize(
    "parameters",
    [
        "self, attachment_id, context, preview=False",
        "self, identifier, context, *, preview=False",
        "self, *args, **kwargs",
    ],
)
def test_further_parameters_with_defaults_and_other_names_fit(verdicts: Verdicts, parameters: str) -> None:
    answers = [v for v in verdicts(taking(parameters), "CK402") if v.subject.name.endswith("load_attachment")]
    assert outcomes(answers) == {Outcome.PASS}


def test_a_decorator_of_the_project_that_passes_everything_on_changes_nothing(verdicts: Verdicts) -> None:
    tree = taking("self, attachment_id: str, context: Caller")
    tree["app/store.py"] = tree["app/store.py"].replace(
        "    async def load_attachment(", "    @counted\n    async def load_attachment("
    )
    tree["app/store.py"] += (
        "\n\ndef counted(f):\n    async def run(*a, **k):\n        return await f(*a, **k)\n    return run\n"
    )
    assert outcomes(verdicts(tree, "CK402")) == {Outcome.PASS}


def test_a_decorator_that_cannot_be_read_leaves_it_open(verdicts: Verdicts) -> None:
    tree = app(None, ("app/store.py", "    async def load_attachment(", "    @mystery\n    async def load_attachment("))
    tree["app/store.py"] = "from elsewhere import mystery\n" + tree["app/store.py"]
    assert Outcome.UNKNOWN in outcomes(verdicts(tree, "CK402"))
