"""Whether the widget is given a domain key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.fronts import react

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict


@pytest.mark.parametrize(
    ("api", "outcome"),
    [
        ('{ url: "/chatkit", domainKey: "local" }', Outcome.PASS),
        ('{ url: "/chatkit", domainKey: import.meta.env.VITE_KEY }', Outcome.PASS),
        ('{ url: "/chatkit", domainKey: path }', Outcome.PASS),
        ("{ ...base }", Outcome.PASS),
        ('{ url: "/chatkit" }', Outcome.FAIL),
        ('{ url: "/chatkit", domainKey: "" }', Outcome.UNKNOWN),
        ('{ url: "/chatkit", domainKey: undefined }', Outcome.FAIL),
        ("{ url: base.url }", Outcome.FAIL),
        ('{ url: "/chatkit", ...path }', Outcome.UNKNOWN),
        ("path", Outcome.UNKNOWN),
        ("{ getClientSecret: async () => token }", Outcome.NOT_APPLICABLE),
    ],
)
def test_the_key_among_the_options(verdicts: Callable[..., list[Verdict]], api: str, outcome: Outcome) -> None:
    above = 'const domainKey = "local";\nconst base = { url: "/chatkit", domainKey };'
    (verdict,) = verdicts(react(api=api, above=above), "CK602")

    assert verdict.verdict is outcome
