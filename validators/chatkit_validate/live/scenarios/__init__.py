"""The scenarios, in the order they are played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.live.scenarios import (
    basics,
    crowd,
    delivery,
    history,
    identity,
    mistakes,
    paging,
    strangers,
    streams,
)

if TYPE_CHECKING:
    from chatkit_validate.live.check import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *basics.SCENARIOS,
    *mistakes.SCENARIOS,
    *identity.SCENARIOS,
    *strangers.SCENARIOS,
    *history.SCENARIOS,
    *paging.SCENARIOS,
    *delivery.SCENARIOS,
    *crowd.SCENARIOS,
    *streams.SCENARIOS,
)
