"""CK602: the widget is given a domain key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.decide import decide as decided
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration.widget.widget import Widget

RULE = Rule(
    code="CK602",
    name="missing-domain-key",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="widget",
    what="A widget with a backend of the application's own is given a `domainKey` beside `url`.",
    why="The element checks the key before it starts. Without one it throws `InvalidFrameParamsError` and stays "
    "blank, although nothing but the application's own backend is asked for answers.",
    instead="Register the domain in OpenAI's allowlist and pass the key; on localhost any text that is not empty will "
    "do.",
    acceptable="",
    sources=("@openai/chatkit types: CustomApiConfig.domainKey", "openai/chatkit-js#76"),
    shown=Shown(path="web/index.html", good=', domainKey: "local-development"', bad=""),
)


def decide(widget: Widget, _integration: object) -> Decision:
    """Judges the options of the widget."""
    if widget.unread is not None:
        return Unknown(widget.unread.reason, widget.unread.where)
    if widget.hosted is not None:
        return NotApplicable("It talks to OpenAI's own backend, which needs none", widget.hosted)
    return decided(
        widget.key,
        found=lambda found: Pass("The widget is given a domain key", found.where),
        absent=lambda absent: Fail("The widget is given no domain key", absent.where, "Add `domainKey` beside `url`."),
    )
