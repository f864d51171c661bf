"""Test files that repeat a check, for where a failure is worked on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from chatkit_validate.report.target import TargetReport

_FILE = '''"""Repeats {id} of `chatkit-validate probe`. {expected}.

    pip install 'chatkit-validate[live]' pytest
    CHATKIT_URL={url} TOKEN_A=... TOKEN_B=... pytest {name}
"""

from chatkit_validate.live.again import again


def test_{function}() -> None:
    check = again({id!r})
    assert check.outcome == "pass", "\\n".join([check.got, *check.transcript])
'''


def write_tests(target: TargetReport, folder: Path) -> list[Path]:
    """Writes one test file for each failing check of `target` into `folder`; answers their paths.

    Raises:
        OSError: The folder or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for check in target.checks:
        if check.outcome is not Outcome.FAIL:
            continue
        function = check.id.replace("/", "_").replace("-", "_")
        path = folder / f"test_{function}.py"
        expected = check.expected[:1].upper() + check.expected[1:]
        text = _FILE.format(id=check.id, expected=expected, url=target.name, name=path.name, function=function)
        path.write_text(text, "utf-8")
        written.append(path)
    return written
