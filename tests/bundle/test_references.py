"""Which mentions count as references, as bundles in the wild write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatkit_validate.bundle.judging import judge
from tests.conftest import write_tree

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '---\nname: one\ndescription: "Use it."\n---\n\n# One\n\n'


def failed(folder: Path, text: str) -> list[str]:
    files = {"skills/one/SKILL.md": HEAD + text, "skills/one/references/more.md": "# More\n", "scripts/run.py": ""}
    verdicts = judge(write_tree(folder, files), "bundle").verdicts()
    return [verdict.message for verdict in verdicts if verdict.failed and verdict.code == "CK904"]


@pytest.mark.parametrize(
    "text",
    [
        "[more](references/more.md#more)",
        "[more]({baseDir}/references/more.md)",
        "[more](${CLAUDE_SKILL_DIR}/references/more.md)",
        "[this](#one)",
        "[elsewhere](https://example.com/references/none.md)",
        "[pattern](references/{topic}.md)",
        "`[code](none.md)`",
        "```\n[code](none.md)\n```",
        "`references/more.md`, `scripts/run.py` of the plugin",
        "`references/<topic>.md`",
        "`chatkit-validate COMMAND`",
        "chatkit-validate is the name of a package",
    ],
)
def test_what_exists_or_is_no_reference_passes(text: str, tmp_path: Path) -> None:
    assert failed(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[none](references/none.md)", "references/none.md"),
        ("[none]({baseDir}/none.md)", "none.md"),
        ("[more](references/more.md#less)", "#less"),
        ("`references/none.md`", "references/none.md"),
        ("See the skill `two`.", "`two`"),
        ("`two.skill.md`", "two.skill.md"),
        ("CK998 says so", "CK998"),
        ("`chatkit-validate inspect`", "inspect"),
        ("```sh\nchatkit-validate check --fast\n```", "--fast"),
    ],
)
def test_what_does_not_exist_is_named(text: str, named: str, tmp_path: Path) -> None:
    [message] = failed(tmp_path, text)
    assert named in message
