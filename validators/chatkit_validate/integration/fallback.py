"""Users that a request becomes when nothing verified it: literals, defaults, switches that are off."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant
from chatkit_validate.flow.blocks import completes, inside
from chatkit_validate.flow.influence import influences
from chatkit_validate.integration import gate, verification
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Frame
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

_SOMEBODY = (
    r"(?i)anon(?:ymous)?(?:[-_ ]?user)?|guest(?:[-_ ]?user)?"
    r"|(?:default|demo|dev|test|unknown|local|public|system)[-_ ]?user"
    r"|no[-_]user(?:[-_]found)?|nobody|user[-_]?[01]"
)
_SWITCH = r"(?i)(?:disable|skip|bypass|no|without|allow_anon|auth_optional|dev_mode|debug)\w*|\w*(?:disabled|bypass)"


@dataclass(frozen=True, slots=True)
class Fallback:
    """A way past the verification.

    Attributes:
        how: In words.
        where: The literal or the switch.
    """

    how: str
    where: Place


def fallbacks(integration: Integration, endpoint: Endpoint) -> tuple[Fallback, ...]:
    """The ways past the verification, literals first."""
    return (*dict.fromkeys(_literals(integration, endpoint)), *_switches(integration, endpoint))


def _literals(integration: Integration, endpoint: Endpoint) -> Iterator[Fallback]:
    """`user_id = "anonymous"` among what the context is made from."""
    flow = integration.flow
    for processing in endpoint.processings:
        if processing.context is None:
            continue
        for value in influences(flow, processing.context, processing.frame):
            if isinstance(value, Constant) and isinstance(value.value, str) and re.fullmatch(_SOMEBODY, value.value):
                yield Fallback(
                    f"a request without a verified user goes on as `{value.value}`", value.frame.place(value.node)
                )


def _switches(integration: Integration, endpoint: Endpoint) -> Iterator[Fallback]:
    """`if settings.auth_disabled: return developer`, where the setting's own default opens the way."""
    checks = {check.node for check in integration.once(verification.read, endpoint).verified}
    for frame in integration.once(gate.way, endpoint):
        body = frame.function.node.body if frame.function else []
        for statement in inside(body):
            if not isinstance(statement, ast.If) or completes(statement.body):
                continue
            leaves = [one for one in inside(statement.body) if isinstance(one, ast.Return | ast.Raise)]
            returned = [one for one in leaves if isinstance(one, ast.Return) and one.value is not None]
            held = {node for one in statement.body for node in ast.walk(one)}
            if returned and not held & checks and _is_on(integration, statement.test, frame):
                yield Fallback(
                    f"`{unparse(statement.test)[:60]}` holds by default, and lets every request pass",
                    frame.place(statement.test),
                )


def _is_on(integration: Integration, test: ast.expr, frame: Frame) -> bool:
    """Whether a switch that is named like one is on unless somebody turns it off."""
    named = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    if not re.fullmatch(_SWITCH, named):
        return False
    values = integration.flow.values(test, frame)
    return bool(values) and all(isinstance(value, Constant) and bool(value.value) for value in values)
