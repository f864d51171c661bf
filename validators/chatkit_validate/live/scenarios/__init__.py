"""The scenarios, in the order they are played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.live.scenarios import basics, identity, mistakes, strangers, streams

if TYPE_CHECKING:
    from chatkit_validate.live.check import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *basics.SCENARIOS,
    *mistakes.SCENARIOS,
    *identity.SCENARIOS,
    *strangers.SCENARIOS,
    *streams.SCENARIOS,
)
