"""Which reader gives the subjects of a kind: each is asked once per integration, and only if a rule wants the kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.record import dataclass
from chatkit_validate.source import Place
from chatkit_validate.source.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.requirement_files import Requirements
    from chatkit_validate.names import Module


@dataclass(frozen=True, slots=True)
class Application:
    """The application as a whole; the subject of rules about all of its code.

    Attributes:
        name: Its root relative to the checked tree.
        where: Its first main module.
    """

    kind: ClassVar[str] = "project"
    name: str
    where: Place


def of(integration: Integration, kind: str) -> tuple[object, ...]:
    """The subjects of `kind` beyond endpoints and servers; none for a kind that no reader knows."""
    reader = _READERS.get(kind)
    return tuple(reader(integration)) if reader else ()


def mains(integration: Integration) -> tuple[Module, ...]:
    """The modules whose import starts the applications of the endpoints, in order of their paths.

    Where a factory makes the application, the modules that call the factory while they are imported.
    """
    found: dict[str, Module] = {}
    for endpoint in integration.endpoints:
        frame = endpoint.application.frame if endpoint.application else None
        if frame is None:
            continue
        callers = _callers(integration, frame.function) if frame.function else ()
        for module in callers or (frame.module,):
            found[module.path] = module
    return tuple(found[path] for path in sorted(found))


def _callers(integration: Integration, factory: object) -> tuple[Module, ...]:
    from chatkit_validate.flow import FunctionValue

    found = []
    for module in integration.routing.modules:
        for frame, call in integration.routing.calls(module):
            if frame.function is None and any(
                isinstance(value, FunctionValue) and value.function is factory
                for value in integration.flow.values(call.func, frame)
            ):
                found.append(module)
                break
    return tuple(found)


def requirements(integration: Integration, folder: str) -> Requirements:
    """What an application whose main module stands in `folder` declares that it needs."""
    from chatkit_validate.integration.requirement_files import read_requirements

    return read_requirements(Texts(integration.flow.project.root), folder)


def folders(integration: Integration) -> tuple[str, ...]:
    """The folders of the main modules; the root where there is none."""
    return tuple(dict.fromkeys(main.folder or "." for main in mains(integration))) or (integration.root,)


def _requirement(integration: Integration) -> Iterator[object]:
    seen = set()
    for folder in folders(integration):
        for file in integration.once(requirements, folder).files:
            if not file.locked and file.name not in seen:
                seen.add(file.name)
                yield file


def _file(integration: Integration) -> Iterator[object]:
    from chatkit_validate.integration import modules
    from chatkit_validate.integration.application_file import application_files

    reached = integration.once(modules.modules, integration.root)
    yield from application_files(integration.flow, mains(integration), reached, integration.flow.project.root)


def _setting(integration: Integration) -> Iterator[object]:
    from chatkit_validate.integration.settings import settings_classes

    return iter(settings_classes(integration))


def _project(integration: Integration) -> Iterator[object]:
    modules = mains(integration) or tuple(server.cls.module for server in integration.servers)
    if modules:
        yield Application(integration.root, Place(modules[0].path, 1))


def _turn(integration: Integration) -> Iterator[object]:
    from chatkit_validate.integration.turn import turns

    return iter(turns(integration))


_READERS = {"turn": _turn, "file": _file, "project": _project, "requirement": _requirement, "setting": _setting}
