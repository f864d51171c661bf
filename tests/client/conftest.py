"""The client as fixtures; where it cannot be had the tests are skipped, naming what is missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

from coding_agent import ClaudeCode, ClientMissingError, MessagesApi, find_client
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

Client: TypeAlias = Callable[[MessagesApi], ClaudeCode]


@pytest.fixture(scope="session")
def binary() -> str:
    try:
        return find_client()
    except ClientMissingError as error:
        pytest.skip(str(error))


@pytest.fixture
def client(binary: str, tmp_path: Path) -> Client:
    """Makes a client with an empty home that talks to the API given."""
    home = tmp_path / "home"
    home.mkdir()
    return lambda api: ClaudeCode(binary, home, api.url)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A copy of this repository as a checkout has it, links as links."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in (".claude", ".claude-plugin", "agents", "skills", "hooks", "validators", "fixtures/taskflow"):
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    return copy
