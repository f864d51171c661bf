"""A fix that does not help, or does harm, is left out, and takes no other with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatkit_validate import fixing
from chatkit_validate.configuration import Configuration
from chatkit_validate.rules import ck105_missing_sse_headers as headers
from chatkit_validate.rules.edit import Edit, Fix
from tests.conftest import minimal_app, write_tree

if TYPE_CHECKING:
    from pathlib import Path

    from chatkit_validate.integration.response import Reply

MAIN = "app/main.py"
MEDIA_TYPE = '            media_type="text/event-stream",\n'
RIGHT = '"X-Accel-Buffering": "no"'
WRONG = '"X-Other": "no"'
AWAIT = ("result = await server.process", "result = server.process")  # CK112


def edits(kind: str, text: str) -> tuple[Edit, ...]:
    """Edits for CK105 that are no good."""
    wrong, typed = text.index(WRONG), text.index(MEDIA_TYPE)
    mending = Edit(MAIN, wrong, wrong + len(WRONG), RIGHT)
    match kind:
        case "does not parse":
            return (Edit(MAIN, wrong, wrong, "((("),)
        case "does not mend":
            return (Edit(MAIN, 0, 0, "# mended\n"),)
        case _:
            return Edit(MAIN, typed, typed + len(MEDIA_TYPE), ""), mending


@pytest.mark.parametrize("kind", ["does not parse", "does not mend", "breaks another rule"])
def test_it_is_refused_and_the_others_are_applied(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = minimal_app()
    files[MAIN] = files[MAIN].replace(RIGHT, WRONG).replace(*AWAIT)
    root = write_tree(tmp_path, files)

    def bad(reply: Reply, *_: object, **__: object) -> Fix:
        return Fix(safe=True, edits=edits(kind, reply.frame.module.file.text))

    monkeypatch.setattr(headers, "_fix", bad)
    done = fixing.fix(root, Configuration(), unsafe=False)
    assert [one.code for one in done.applied] == ["CK112"]
    assert {one.code for one in done.refused} == {"CK105"}
    assert done.texts == {MAIN: files[MAIN].replace(*AWAIT[::-1])}
    assert (root / MAIN).read_text("utf-8") == files[MAIN]
