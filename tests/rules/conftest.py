"""Every failing case of a rule that can be fixed is fixed too, and has to keep what fixing promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.promises import fixed

from chatkit_validate.check import check
from chatkit_validate.configuration import Configuration
from tests.conftest import write_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from chatkit_validate.report.report import Report


@pytest.fixture
def report(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Report]:
    """Checks a tree given as path -> text; `select` names the codes to ask."""

    def run(files: Mapping[str, str], *select: str) -> Report:
        found = check(write_tree(tmp_path, files), Configuration(select=select), fixes=True)
        if any(verdict.fix for verdict in found.verdicts()):
            fixed(write_tree(tmp_path_factory.mktemp("fixed"), files), *select)
        return found

    return run
