"""The model of one widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from chatkit_validate.integration.evidence import Evidence, Unresolved
    from chatkit_validate.integration.model import Endpoint
    from chatkit_validate.source import Place


@dataclass(frozen=True, slots=True)
class Lead:
    """One URL of a widget, and whether it leads to ChatKit.

    Attributes:
        right: Whether it names a route that speaks ChatKit; None where that is not certain.
        shown: The URL as people would write it.
        where: The expression that gives it.
        reason: What it leads to instead, or why that is not certain, as a clause.
        stated: Where an environment file states a part of it; None where none does.
        through: What passes requests on, from the browser to the backend.
    """

    right: bool | None
    shown: str
    where: Place
    reason: str = ""
    stated: Place | None = None
    through: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Widget:
    """A ChatKit widget as a front end configures it; the subject of rules about widgets.

    Attributes:
        name: The component or file that shows it.
        where: The call or element.
        unread: Why nothing of it could be read; None where it was.
        hosted: Where it gets a client secret for OpenAI's own backend; None for a backend of the application.
        leads: Its URLs.
        key: The domain key.
        script: What the page loads the element from.
        sends: The header in which it sends a credential, itself or on the way.
        endpoints: The endpoints that its URLs name.
    """

    kind: ClassVar[str] = "widget"
    name: str
    where: Place
    unread: Unresolved | None
    hosted: Place | None
    leads: tuple[Lead, ...]
    key: Evidence[str]
    script: Evidence[str]
    sends: Evidence[str]
    endpoints: tuple[Endpoint, ...] = ()
