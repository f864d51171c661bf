"""One run: plays the scenarios in order, cleans up, and turns what came of the checks into a report."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatkit_validate.live.check import Need
from chatkit_validate.live.identity import redaction
from chatkit_validate.live.scenarios import SCENARIOS
from chatkit_validate.live.stage import CannotGoOnError, Cast, Stage
from chatkit_validate.live.transcript import curl, transcript
from chatkit_validate.live.verdicts import verdicts
from chatkit_validate.live.wire import Bounds, ProbeStoppedError, Wire
from chatkit_validate.report.target import CheckReport, TargetReport
from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from chatkit_validate.live.check import CheckResult, Group, Scenario
    from chatkit_validate.live.identity import Redaction

_CLEANING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to probe, and how far to go.

    Attributes:
        url: The endpoint.
        cast: Users, and the model and app if they are ours.
        groups: Which scenarios; empty for all.
        only: Names of scenarios or checks; empty for all.
        bounds: When to stop.
        headers: Sent with every request.
        scenarios: What there is to play.
    """

    url: str
    cast: Cast
    groups: Collection[Group] = ()
    only: Collection[str] = ()
    bounds: Bounds = field(default_factory=Bounds)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    scenarios: tuple[Scenario, ...] = SCENARIOS

    def chosen(self) -> tuple[Scenario, ...]:
        """The scenarios to report on."""
        return tuple(
            scenario
            for scenario in self.scenarios
            if (not self.groups or scenario.group in self.groups)
            and (not self.only or scenario.name in self.only or any(check.id in self.only for check in scenario.checks))
        )

    def played(self) -> tuple[Scenario, ...]:
        """The scenarios to play: the chosen ones, those that judge the others last, and all where only those are."""
        chosen = self.chosen()
        if all(scenario.last for scenario in chosen):
            chosen = (*(scenario for scenario in self.scenarios if not scenario.last), *chosen)
        return tuple(sorted(chosen, key=lambda scenario: scenario.last))


async def probe(
    plan: Plan,
    progress: Callable[[str], None] = lambda _: None,
    complain: Callable[[str], None] = lambda _: None,
) -> TargetReport:
    """Plays the scenarios of `plan` against its endpoint.

    Whatever happens, Ctrl-C too, what the run made on the target is deleted before this returns or raises.

    Args:
        plan: What to do.
        progress: Called with a few words as each scenario begins.
        complain: Called with what could not be deleted, where the run is interrupted and there is no report to say it.
    """
    async with Wire(plan.url, plan.bounds, plan.headers) as wire:
        stage = Stage(wire, plan.cast)
        left: tuple[str, ...] = ()
        finished = False
        try:
            stopped = await _meet(stage)
            for scenario in plan.played():
                progress(scenario.name)
                stopped = await _play(stage, scenario, stopped)
            finished = True
        finally:
            progress("cleaning up")
            left = await asyncio.shield(asyncio.ensure_future(_clean(stage)))
            if left and not finished:
                complain("; ".join(left))
        return _report(plan, stage, left)


async def _meet(stage: Stage) -> str:
    """Finds out whether B can take part; answers why the run has stopped, or nothing."""
    try:
        await stage.meet_b()
    except ProbeStoppedError as error:
        return str(error)
    return ""


async def _play(stage: Stage, scenario: Scenario, stopped: str) -> str:
    """Plays one scenario, unless the run has stopped; answers why it has, or nothing."""
    reason = "the scenario ended without an answer"
    missing = stage.cast.lacks(scenario.needs)
    pointless = _pointless(stage, scenario) if missing else ""
    if pointless:
        for check in scenario.checks:
            stage.not_applicable(check, pointless)
    elif missing:
        reason = stage.b_refused or f"it needs {missing}"
    elif stopped and not scenario.last:
        reason = stopped
    else:
        try:
            await scenario.play(stage)
        except CannotGoOnError as error:
            reason = str(error)
            if scenario.name == SCENARIOS[0].name:
                stopped = reason
        except ProbeStoppedError as error:
            reason = stopped = str(error)
    for check in scenario.checks:
        stage.unknown(check, reason)
    return stopped


def _pointless(stage: Stage, scenario: Scenario) -> str:
    """Why what a scenario lacks could not be given, or empty."""
    if stage.open and {Need.TOKEN, Need.SECOND_USER}.intersection(scenario.needs):
        return "the endpoint serves everybody alike; CK201 speaks of that"
    if Need.TOKEN in scenario.needs and stage.a.headers:
        return "the users are known by other headers than a bearer token"
    return ""


async def _clean(stage: Stage) -> tuple[str, ...]:
    try:
        async with asyncio.timeout(_CLEANING_SECONDS):
            return await stage.ledger.clear(stage.wire.unbounded())
    except TimeoutError:
        return (f"not everything could be deleted within {_CLEANING_SECONDS:g} s",)
    except ProbeStoppedError as error:
        return (f"not everything could be deleted: {error}",)


def _report(plan: Plan, stage: Stage, left: tuple[str, ...]) -> TargetReport:
    results = [stage.results[check.id] for scenario in plan.chosen() for check in scenario.checks]
    redact = redaction(exchange.sent.who for exchange in stage.wire.log)
    return TargetReport(
        kind="endpoint",
        name=plan.url,
        verdicts=verdicts(results, plan.url),
        checks=tuple(_check_report(result, redact) for result in results),
        notes=left,
    )


def _check_report(result: CheckResult, redact: Redaction) -> CheckReport:
    shown = result.outcome in (Outcome.FAIL, Outcome.UNKNOWN)
    return CheckReport(
        id=result.check.id,
        code=result.check.code,
        outcome=result.outcome,
        expected=result.check.expected,
        got=redact(result.got),
        way_out=result.check.way_out if result.outcome is Outcome.FAIL else "",
        transcript=transcript(result.exchanges, redact),
        reproducer=tuple(curl(exchange, redact) for exchange in result.exchanges) if shown else (),
    )
