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


_APPLICATION_NAMES = frozenset({"app", "application", "api", "asgi", "asgi_app", "fastapi_app", "server"})


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

    Where a factory or a subclass of FastAPI makes the application, the modules that bind it to a name.
    """
    return integration.once(_mains, integration.root)


def _mains(integration: Integration, _root: str) -> tuple[Module, ...]:
    found: dict[str, Module] = {}
    # Beside endpoints, an application without the library is another one's affair.
    for served in integration.endpoints or integration.plain:
        application = served.application
        if application is None:
            continue
        module = application.frame.module
        starting = (module,) if application.frame.function is None else _starting(integration, module)
        for one in starting or (module,):
            found[one.path] = one
    return tuple(found[path] for path in sorted(found))


def _starting(integration: Integration, made: Module) -> tuple[Module, ...]:
    """The modules that bind an application to a name, and import the module that makes it."""
    from chatkit_validate.integration import modules

    return tuple(
        module
        for module in integration.routing.modules
        if _binds_application(integration, module) and made in modules.closure(integration.flow.project, (module,))
    )


def _binds_application(integration: Integration, module: Module) -> bool:
    frame = integration.flow.module_frame(module)
    for name in _APPLICATION_NAMES & module.scope.bindings.keys():
        for binding in module.scope.bindings[name]:
            for value in integration.flow.values(binding.value, frame) if binding.value is not None else ():
                router = integration.routing.router(value)
                if router is not None and router.application:
                    return True
    return False


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


def _connection(integration: Integration) -> Iterator[object]:
    from chatkit_validate.integration.agent.connected import connections

    return connections(integration)


def _store(integration: Integration) -> Iterator[object]:
    from chatkit_validate.integration.storage.stores import stores

    return iter(integration.once(stores, integration.root))


def _method(integration: Integration) -> Iterator[object]:
    from chatkit_validate.integration.storage.stores import methods

    return iter(integration.once(methods, integration.root))


def _worked(integration: Integration) -> Iterator[object]:
    from chatkit_validate.integration.storage.stub import unheld

    yield from _method(integration)
    yield from unheld(integration)


def _served(integration: Integration) -> Iterator[object]:
    from chatkit_validate.integration.agent.served import served

    return iter(integration.once(served, integration.root))


def _model_run(integration: Integration) -> Iterator[object]:
    from chatkit_validate.integration.agent.served import model_runs

    return iter(integration.once(model_runs, integration.root))


_READERS = {
    "connection": _connection,
    "file": _file,
    "model run": _model_run,
    "project": _project,
    "requirement": _requirement,
    "setting": _setting,
    "store": _store,
    "store method": _method,
    "store method or call": _worked,
    "turn": _turn,
    "whole turn": _served,
}
