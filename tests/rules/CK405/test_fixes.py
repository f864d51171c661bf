"""What is mended of a store that answers an unknown id wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.promises import fixed

from chatkit_validate import fixing
from chatkit_validate.configuration import Configuration
from tests.conftest import minimal_app, write_tree

if TYPE_CHECKING:
    from pathlib import Path

RAISE = '            raise NotFoundError(f"No {kind} {id}")\n'
LOAD = '        return ThreadMetadata.model_validate_json(await self._load("thread", thread_id, context))\n'
NUL = """    if "\\0" in id:  # PostgreSQL refuses it with an error of its own
        raise NotFoundError("No id has a NUL")
"""


def mended(folder: Path, old: str, new: str) -> str:
    files = minimal_app()
    assert old in files["app/store.py"]
    files["app/store.py"] = files["app/store.py"].replace(old, new)
    done = fixed(write_tree(folder, files), "CK405")
    assert [one for one in done.report.verdicts() if one.failed] == []
    return (folder / "app" / "store.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("raised", "after"),
    [
        ('ValueError(f"No {kind} {id}")', 'NotFoundError(f"No {kind} {id}")'),
        ("LookupError", "NotFoundError"),
        ("LookupError(kind, id)", "NotFoundError"),
    ],
)
def test_another_exception_becomes_not_found(raised: str, after: str, tmp_path: Path) -> None:
    text = mended(tmp_path, RAISE, f"            raise {raised}\n")
    assert f"            raise {after}\n" in text


def test_none_becomes_not_found(tmp_path: Path) -> None:
    load = f"        try:\n    {LOAD}        except NotFoundError:\n            return None\n"
    text = mended(tmp_path, LOAD, load)
    assert '        except NotFoundError:\n            raise NotFoundError("No such thread")\n' in text


def test_nul_is_refused_first_and_safely(tmp_path: Path) -> None:
    files = minimal_app()
    files["app/store.py"] = files["app/store.py"].replace(NUL, "")
    done = fixing.fix(write_tree(tmp_path, files), Configuration(select=("CK405",)), unsafe=False)
    assert done.applied
    assert [one for one in done.report.verdicts() if one.failed] == []
    assert (
        '        if "\\0" in thread_id:\n            raise NotFoundError("No id holds U+0000")\n'
        in (done.texts["app/store.py"])
    )
