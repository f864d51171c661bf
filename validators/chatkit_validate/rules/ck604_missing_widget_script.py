"""CK604: the page loads the script that defines the element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatkit_validate.rules.decide import decide as decided
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration.widget.widget import Widget

_SCRIPT: Final = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js"
RULE = Rule(
    code="CK604",
    name="missing-widget-script",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="widget",
    what="The page that shows the widget loads `chatkit.js` from OpenAI: in the HTML, by `next/script`, in a layout, "
    "or by code.",
    why="The npm packages hold no widget. `@openai/chatkit` has types alone, and `@openai/chatkit-react` waits for the "
    "element `openai-chatkit` to be defined, which only that script does: without it the page stays blank, and no "
    "error is shown.",
    instead=f'Put `<script src="{_SCRIPT}" async></script>` into the page\'s head.',
    acceptable="",
    sources=("@openai/chatkit-react: customElements.whenDefined",),
    shown=Shown(path="web/index.html", good=f'    <script src="{_SCRIPT}" async></script>\n', bad=""),
)


def decide(widget: Widget, _integration: object) -> Decision:
    """Judges the pages of the widget's front end."""
    return decided(
        widget.script,
        found=lambda found: Pass("The page loads the element", found.where),
        absent=lambda absent: Fail(
            "No page of this front end loads chatkit.js, so the element is never defined",
            absent.where,
            f"Load {_SCRIPT} in the page's head.",
            (Note(widget.where, "the widget"), *(Note(place, "a page without it") for place in absent.read[1:4])),
        ),
    )
