"""From pages and packages that name ChatKit to the widgets of integrations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.integration.reading import is_aside
from chatkit_validate.integration.widget import language, options, page, sending
from chatkit_validate.integration.widget.attaching import attach
from chatkit_validate.integration.widget.evaluate import Evaluator
from chatkit_validate.integration.widget.leads import Backends, Follower, Reached
from chatkit_validate.integration.widget.reach import reached
from chatkit_validate.integration.widget.values import Nothing, Unclear
from chatkit_validate.integration.widget.web import webs
from chatkit_validate.integration.widget.widget import Widget
from chatkit_validate.record import dataclass
from chatkit_validate.source import Place, Problem, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.widget.options import Options
    from chatkit_validate.integration.widget.values import Thing
    from chatkit_validate.integration.widget.web import Web
    from chatkit_validate.names import Project

_APPLICATION: Final = re.compile(rb"\b(?:FastAPI|APIRouter|Starlette)\b")


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """One widget, and what its URLs lead to.

    Attributes:
        widget: The widget.
        web: The front end it is in.
        reached: Where its URLs lead.
    """

    widget: Widget
    web: Web
    reached: Reached


@dataclass(frozen=True, slots=True, eq=False)
class Fronts:
    """What was found of front ends.

    Attributes:
        integrations: Those of the backends, each with its widgets, and those that only a widget leads to.
        notes: What is to say of widgets that belong to none.
        texts: The files of front ends that were read.
    """

    integrations: tuple[Integration, ...]
    notes: tuple[str, ...]
    texts: Mapping[str, str]


def read(
    project: Project,
    integrations: tuple[Integration, ...],
    seeds: tuple[str, ...],
    pages: tuple[str, ...],
    changed: Mapping[str, str | None],
    exclude: Sequence[str],
) -> Fronts:
    """Finds the widgets of a tree, and gives each to the integration that its URL leads to.

    Args:
        project: The tree's Python files.
        integrations: Those that use the library; their `others` are filled.
        seeds: The pages and packages that name ChatKit.
        pages: All pages and packages.
        changed: Texts to take instead of what stands in files.
        exclude: Patterns of paths to leave out.
    """
    backends = Backends(project, integrations, lambda: tuple(_applications(project)))
    found: list[Front] = []
    texts: dict[str, str] = {}
    fronts = tuple(webs(project.root, [seed for seed in seeds if not is_aside(seed)], pages, changed, exclude))
    own = {path for web in fronts for path in web.paths}
    elsewhere = tuple(page for page in seeds if page.endswith(".html") and page not in own)
    for web in fronts:
        found += _unread(web, seeds) if language.missing() else _widgets(web, backends, elsewhere)
        texts |= web.read()
    made, notes = attach(found, backends)
    return Fronts(made, notes, texts)


def _applications(project: Project) -> Iterator[str]:
    for path in project.paths:
        data = load(project.root, path) if not is_aside(path) else b""
        if not isinstance(data, Problem) and _APPLICATION.search(data):
            yield path


def _unread(web: Web, seeds: tuple[str, ...]) -> Iterator[Front]:
    """A front end whose languages cannot be parsed here."""
    inside = [seed for seed in seeds if seed.startswith(f"{web.folder}/") or not web.folder]
    where = Place(inside[0] if inside else web.folder, 1)
    reason = Unresolved(language.missing(), where)
    nothing = Reached((), (), (), credentials=False)
    yield Front(Widget(web.folder or ".", where, reason, None, (), reason, reason, reason), web, nothing)


def _widgets(web: Web, backends: Backends, elsewhere: tuple[str, ...]) -> Iterator[Front]:
    evaluator = Evaluator(web)
    inside = reached(web)
    for given in options.find(evaluator, inside) or options.find(evaluator, frozenset(web.paths)):
        leads = Follower(evaluator, backends).run(() if given.hosted else given.given(evaluator, "url"))
        script = page.loaded(web, given.where, tuple(path for path in elsewhere if b"chatkit.js" in web.data(path)))
        yield Front(
            Widget(
                given.name,
                given.where,
                None if given.apis or given.hosted else given.unread,
                given.hosted,
                leads.leads,
                _key(evaluator, given),
                script,
                _sends(evaluator, given, leads),
                leads.endpoints,
            ),
            web,
            leads,
        )


def _key(evaluator: Evaluator, given: Options) -> Evidence[str]:
    """The first of its options without a domain key; else one with."""
    answers = [_key_of(evaluator, api) for api in given.apis]
    for kind in (Absent, Unresolved, Found):
        for answer in answers:
            if isinstance(answer, kind):
                return answer
    return given.unread or Absent(given.where)


def _key_of(evaluator: Evaluator, api: Thing) -> Evidence[str]:
    where = api.script.place(api.node)
    values = list(evaluator.property(api, "domainKey"))
    known = [value for value in values if not isinstance(value, Nothing | Unclear)]
    unclear = next((value for value in values if isinstance(value, Unclear)), None)
    # What is written under the key is a key, whatever it turns out to be.
    if known or (unclear is not None and evaluator.holds(api, "domainKey")):
        return Found("domainKey", where)
    if unclear is not None:
        return Unresolved(unclear.reason, unclear.where)
    if any(isinstance(value, Nothing) and value.text for value in values):
        return Unresolved(
            "the domain key is an empty text, and nothing tells whether the element starts with one", where
        )
    return Absent(where)


def _sends(evaluator: Evaluator, given: Options, leads: Reached) -> Evidence[str]:
    if leads.credentials:
        through = next((lead.through[0] for lead in leads.leads if lead.through), given.where)
        return Found("Authorization", through)
    if not given.apis:
        return given.unread or Unresolved("its options are not followed", given.where)
    api = given.apis[0]
    return sending.sends(evaluator, given.given(evaluator, "fetch"), api.script.place(api.node))
