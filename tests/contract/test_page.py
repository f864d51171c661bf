"""docs/store.md names what there is."""

from __future__ import annotations

import re

from chatkit_validate.contract.clauses import all_clauses
from tests.conftest import ROOT

PAGE = (ROOT / "docs/store.md").read_text("utf-8")


def test_the_page_names_every_group_and_every_rule() -> None:
    table = PAGE.partition("## What is asked")[2].partition("## A failing")[0]
    first_cells = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))
    assert set(re.findall(r"`([a-z-]+)`", first_cells)) == {clause.group for clause in all_clauses()}
    assert f"{len(all_clauses())} clauses" in PAGE


def test_every_option_on_the_page_exists() -> None:
    from chatkit_validate.cli import parser

    usage = parser("store").parse_args  # raises SystemExit for an option that does not exist
    for option in ("--transcripts", "--all", "--attachments", "--no-attachments", "--shared", "--sequential"):
        assert option in PAGE
        usage(["store", "app.store:make_store", option])
