"""Whether a page loads the element."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.fronts import PAGE, SCRIPT, react

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

BARE = PAGE.replace(f'<script src="{SCRIPT}" async></script>', "")


@pytest.mark.parametrize(
    ("files", "outcome"),
    [
        ({}, Outcome.PASS),
        ({"web/index.html": BARE}, Outcome.FAIL),
        ({"web/index.html": BARE.replace("<body>", f"<body><!-- {SCRIPT} -->")}, Outcome.FAIL),
        (
            {"web/index.html": BARE, "web/app/layout.tsx": f'export const x = <Script src="{SCRIPT}" />;'},
            Outcome.PASS,
        ),
        (
            {
                "web/index.html": BARE,
                "web/docusaurus.config.ts": f"export default {{ scripts: [{{ src: '{SCRIPT}' }}] }};",
            },
            Outcome.PASS,
        ),
        (
            {"web/index.html": BARE, "web/src/load.ts": f'export function load(s) {{ s.src = "{SCRIPT}"; }}'},
            Outcome.PASS,
        ),
        ({"web/index.html": PAGE.replace("cdn.platform.openai.com", "cdn.example.com")}, Outcome.UNKNOWN),
        (
            {
                "web/index.html": BARE,
                "web/src/chatkit.ts": 'export const s = document.createElement("script"); s.src = cfg.url; // chatkit',
            },
            Outcome.UNKNOWN,
        ),
        (
            {"web/index.html": "", "web/src/main.tsx": "", "web/src/index.tsx": 'export * from "./Chat";'},
            Outcome.UNKNOWN,
        ),
    ],
)
def test_the_page_loads_it(verdicts: Callable[..., list[Verdict]], files: dict[str, str], outcome: Outcome) -> None:
    (verdict,) = verdicts(react(files=files), "CK604")

    assert verdict.verdict is outcome


def test_a_hosted_widget_needs_it_too(verdicts: Callable[..., list[Verdict]]) -> None:
    hosted = react(
        api="{ getClientSecret }", above="declare const getClientSecret: any;", files={"web/index.html": BARE}
    )
    (verdict,) = verdicts(hosted, "CK604")

    assert verdict.verdict is Outcome.FAIL


def test_another_front_end_s_page_says_nothing(verdicts: Callable[..., list[Verdict]]) -> None:
    files = react(files={"web/index.html": BARE})
    other = {f"shop/{path}": text for path, text in react().items() if path.startswith("web/")}
    (verdict,) = [each for each in verdicts(files | other, "CK604") if each.subject.path == "web/src/Chat.tsx"]

    assert verdict.verdict is Outcome.FAIL
