"""The domain model: what a ChatKit integration is made of, each thing with where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from chatkit_validate.integration import subjects
from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.flow import Flow, Frame, FunctionValue
    from chatkit_validate.integration.application import Route, Router, Routing
    from chatkit_validate.integration.processing import Processing
    from chatkit_validate.integration.widget.plain_route import PlainRoute
    from chatkit_validate.names import Class
    from chatkit_validate.source import Place, Problem

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """A POST route that hands a request to ChatKit.

    Attributes:
        name: As people call it, e.g. `POST /api/chatkit`.
        where: The handler's definition.
        handler: The handler function.
        frame: The handler as the framework calls it.
        routes: Every route that leads to it, as the application serves it.
        processings: The `process()` calls it makes.
    """

    kind: ClassVar[str] = "endpoint"
    name: str
    where: Place
    handler: FunctionValue
    frame: Frame
    routes: tuple[Route, ...]
    processings: tuple[Processing, ...]

    @property
    def processing(self) -> Processing:
        """The `process()` call that answers requests."""
        return self.processings[0]

    @property
    def application(self) -> Router | None:
        """The application that serves it; None where its router is included nowhere."""
        return next((route.application for route in self.routes if route.application), None)


@dataclass(frozen=True, slots=True, eq=False)
class Server:
    """A concrete subclass of ChatKitServer.

    Attributes:
        name: The class's name.
        where: Its definition.
        cls: The class.
    """

    kind: ClassVar[str] = "server"
    name: str
    where: Place
    cls: Class


@dataclass(frozen=True, slots=True, eq=False)
class Integration:
    """What was built with ChatKit under one application root.

    Attributes:
        root: Folder relative to the checked tree; `.` for the tree itself.
        endpoints: In order of path and line.
        servers: The server classes its endpoints run, or that are defined under the root.
        flow: Answers questions about values in its code.
        routing: Its applications and routes.
        unread: Files that may be part of it and that could not be analysed: what is found nowhere may stand there.
        others: Further subjects by kind: `widget`, and `plain`, the routes that a widget names and that do without the
            library.
    """

    root: str
    endpoints: tuple[Endpoint, ...]
    servers: tuple[Server, ...]
    flow: Flow
    routing: Routing
    unread: tuple[Problem, ...] = ()
    others: dict[str, tuple[object, ...]] = field(default_factory=dict)
    _answers: dict[tuple[object, object], object] = field(default_factory=dict)

    def once(self, reader: Callable[[Integration, S], T], subject: S) -> T:
        """What `reader` reads of `subject`, read at most once per integration."""
        key = (reader, subject)
        if key not in self._answers:
            self._answers[key] = reader(self, subject)
        return cast("T", self._answers[key])

    @property
    def served(self) -> tuple[Endpoint, ...]:
        """The endpoints that an application serves; all of them where none is known to be served.

        Beside served ones, a handler whose router is never included is a dead alternative.
        """
        return tuple(item for item in self.endpoints if item.application is not None) or self.endpoints

    @property
    def plain(self) -> tuple[PlainRoute, ...]:
        """Routes that a widget's URL names and that do without the library."""
        return cast("tuple[PlainRoute, ...]", self.others.get("plain", ()))

    @property
    def answering(self) -> tuple[Endpoint | PlainRoute, ...]:
        """Whatever answers the widget, with the library or without."""
        found: list[Endpoint | PlainRoute] = [*self.endpoints, *self.plain]
        return tuple(found)

    def subjects(self, kind: str) -> tuple[object, ...]:
        """The model objects that rules with this subject kind judge."""
        match kind:
            case "endpoint":
                return self.served
            case "entry":
                return self.once(_entries, self)
            case "server":
                return self.servers
            case "route":
                return (*self.served, *self.plain)
            case _:
                return self.others.get(kind) or self.once(subjects.of, kind)


def _entries(integration: Integration, _same: Integration) -> tuple[object, ...]:
    from chatkit_validate.integration.entry import entries

    return entries(integration)
