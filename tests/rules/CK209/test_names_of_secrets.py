from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

KINDS = """
from enum import Enum


class Kind(str, Enum):
    SECRET = "secret"
    CLIENT_SECRET = "client-secret"
"""


def test_an_enumeration_names_kinds_of_secrets(verdicts: Verdicts) -> None:
    tree = app({"app/kinds.py": KINDS}, ("app/settings.py", "\n\nclass", "\nimport app.kinds\n\n\nclass"))
    assert outcomes(verdicts(tree, "CK209")) == {Outcome.PASS}


def test_a_template_that_is_filled_in_later_is_no_secret(verdicts: Verdicts) -> None:
    key = "    jwt_public_key: str\n"
    for text, fails in (("[[ signing_secret ]]", False), ("{{ vault.key }}", False), ("pa55-signing", True)):
        tree = app(None, ("app/settings.py", key, f'{key}    signing_secret: str = "{text}"\n'))
        assert bool(failed(verdicts(tree, "CK209"))) is fails, text
