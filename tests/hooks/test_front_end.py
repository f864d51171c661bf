"""Edits of a page: the parsers are no part of what a hook may load, so that it passes over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import minimal_app

if TYPE_CHECKING:
    from tests.hooks.conftest import Session

PAGE, MAIN = "web/index.html", "app/main.py"


def test_what_needs_the_parsers_is_passed_over_and_the_rest_is_said(session: Session) -> None:
    assert session.edit(PAGE, minimal_app()[PAGE].replace('url: "/chatkit"', 'url: "/chat"')) == ""

    said = session.edit(MAIN, minimal_app()[MAIN].replace(', "X-Accel-Buffering": "no"', ""))

    assert "CK105" in said
    assert "CK6" not in said
