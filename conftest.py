"""Fixtures that tests of several folders share: pytest takes plugins from here only."""

from __future__ import annotations

pytest_plugins = ["services.pytest_plugin"]
