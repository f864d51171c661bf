"""Where a front end's own server passes requests on to: route handlers, rewrites, proxies of the dev server."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING, Final

from chatkit_validate.integration.evidence import Unresolved
from chatkit_validate.integration.widget.address import Address, Segments, addresses, segments
from chatkit_validate.integration.widget.evaluate import TOP
from chatkit_validate.integration.widget.script import nodes
from chatkit_validate.integration.widget.values import Text, Thing
from chatkit_validate.record import dataclass
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from chatkit_validate.integration.widget.evaluate import Evaluator
    from chatkit_validate.integration.widget.script import Script
    from chatkit_validate.integration.widget.values import Value
    from chatkit_validate.integration.widget.web import Web

_HANDLER: Final = re.compile(
    r"(?:^|/)(?:src/)?(?:app/(?P<app>.+)/route|pages/(?P<pages>api/.+?)(?:/index)?)\.(?:ts|js)x?$"
)
_STRIPS: Final = re.compile(r"\.replace\(\s*/\^(?P<prefix>(?:\\/|[\w-])+)/\s*,\s*(?P<instead>''|\"\"|'/'|\"/\")\s*\)")
_POST: Final = re.compile(r"method\s*:\s*(?:['\"]POST['\"]|\w+\.method)|\.post\b")
_UNREAD: Final = re.compile(
    r"vercel\.json|netlify\.toml|_redirects|firebase\.json|.*nginx.*|Caddyfile|.*\.conf|setupProxy\.\w+|proxy\.conf\.\w+"
    r"|middleware\.[jt]s|staticwebapp\.config\.json|angular\.json|webpack\.config\.\w+"
)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What a front end's own server does with requests to one path.

    Attributes:
        where: What says so.
        to: Where they go; what cannot be followed is unresolved.
        credentials: Whether a bearer token is added on the way.
        several: Whether more than one request is made there, of which one is the widget's.
    """

    where: Place
    to: tuple[Address | Unresolved, ...]
    credentials: bool = False
    several: bool = False


def forwarded(evaluator: Evaluator, path: Segments) -> Forwarded | None:
    """Where requests to `path` of the front end's own origin go; None where nothing is said of them."""
    return _handled(evaluator, path) or _rewritten(evaluator, path) or _proxied(evaluator, path)


def unread(web: Web) -> Place | None:
    """A file that may say where requests go and that is not read; None where there is none."""
    from chatkit_validate.source.texts import Texts

    folders = dict.fromkeys((web.folder, posixpath.dirname(web.folder), ""))
    for folder in folders:
        for name in Texts(web.tree).names(folder):
            if _UNREAD.fullmatch(name):
                return Place(posixpath.join(folder, name))
    return None


def _handled(evaluator: Evaluator, path: Segments) -> Forwarded | None:
    for file in evaluator.web.paths:
        found = _HANDLER.search(file)
        if found is None or not _agrees(_route(found["app"] or found["pages"]), path):
            continue
        script = evaluator.web.document(file).scripts[0]
        to: list[Address | Unresolved] = []
        calls = list(_fetches(script))
        posts = [call for call in calls if _POST.search(script.text(call))]
        for call in posts or calls:
            listed = call.child_by_field_name("arguments")
            if listed is not None and listed.named_children:
                to.extend(addresses(evaluator.web, evaluator.values(listed.named_children[0], script)))
        if not to:
            to.append(Unresolved("this route handler answers without passing requests on", Place(file, 1)))
        adds = any(script.text(node).strip("'\"`").lower() == "authorization" for node in _words(script.root))
        return Forwarded(Place(file, 1), tuple(to), adds, len(posts or calls) > 1)
    return None


def _route(folder: str) -> Segments:
    """The path of a route handler by its folder; `...` for whatever follows."""
    parts = [part for part in folder.split("/") if not (part.startswith("(") and part.endswith(")"))]
    return tuple(
        "..." if part.startswith(("[...", "[[...")) else None if part.startswith("[") else part for part in parts
    )


def _agrees(route: Segments, path: Segments) -> bool:
    if "..." in route:
        head = route[: route.index("...")]
        return len(path) >= len(head) and all(one in (None, other) for one, other in zip(head, path, strict=False))
    return len(route) == len(path) and all(one in (None, other) for one, other in zip(route, path, strict=True))


def _fetches(script: Script) -> Iterator[Node]:
    for node in nodes(script.root):
        callee = node.child_by_field_name("function") if node.type == "call_expression" else None
        if callee is not None and script.text(callee) in (
            "fetch",
            "axios.post",
            "axios",
            "globalThis.fetch",
            "undici.fetch",
        ):
            yield node


def _words(root: Node) -> Iterator[Node]:
    return (node for node in nodes(root) if node.type in ("string", "property_identifier"))


def _rewritten(evaluator: Evaluator, path: Segments) -> Forwarded | None:
    for script in _configurations(evaluator.web, "next.config."):
        for node in nodes(script.root):
            rule = Thing(node, script, TOP) if node.type == "object" else None
            source = _text(evaluator.property(rule, "source")) if rule else ""
            target = list(evaluator.property(rule, "destination")) if rule and source else []
            rest = _taken(segments_of(source), path) if source else None
            if rest is None:
                continue
            to = tuple(_filled(evaluator.web, target, rest))
            return Forwarded(script.place(node), to)
    return None


def segments_of(pattern: str) -> Segments:
    """The parts of a rewrite's source; `...` for a parameter that takes the rest."""
    return tuple("..." if re.search(r"[*+]$|\(\.\*\)", part) else part for part in pattern.split("/") if part)


def _taken(pattern: Segments, path: Segments) -> Segments | None:
    """What the pattern's parameters take of `path`, in order; None where it does not match."""
    taken: list[str | None] = []
    for index, part in enumerate(pattern):
        if part == "...":
            return (*taken, *path[index:])
        if index >= len(path):
            return None
        if part is not None and part.startswith(":"):
            taken.append(path[index])
        elif part != path[index]:
            return None
    return tuple(taken) if len(pattern) == len(path) else None


def _filled(web: Web, target: list[Value], rest: Segments) -> Iterator[Address | Unresolved]:
    for each in addresses(web, target):
        if isinstance(each, Unresolved):
            yield each
            continue
        # The parameters stand at the end, as good as always: `/api/:path*`.
        head = tuple(part for part in each.segments if part is None or not part.startswith((":", "$")))
        filled = (*head, *rest) if len(head) < len(each.segments) else each.segments
        yield Address(filled, each.host, each.base, each.stated, each.where, each.shown)


def _proxied(evaluator: Evaluator, path: Segments) -> Forwarded | None:
    web = evaluator.web
    for script in _configurations(web, "vite.config."):
        for pair in nodes(script.root):
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if pair.type != "pair" or key is None or value is None or script.text(key).strip("'\"") != "proxy":
                continue
            for table in evaluator.values(value, script):
                if isinstance(table, Thing) and table.node.type == "object":
                    found = _entry(evaluator, table, path)
                    if found is not None:
                        return found
    try:
        proxy = json.loads(web.plain("package.json") or "{}").get("proxy")
    except (ValueError, AttributeError):
        return None
    if isinstance(proxy, str):
        place = Place(posixpath.join(web.folder, "package.json"), 1)
        return Forwarded(place, (Address(path, "localhost", "", None, place, proxy),))
    return None


def _entry(evaluator: Evaluator, table: Thing, path: Segments) -> Forwarded | None:
    best: tuple[int, Forwarded] | None = None
    for pair in table.node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if pair.type != "pair" or key is None or value is None:
            continue
        where = table.script.place(pair)
        prefix = table.script.text(key).strip("'\"`")
        taken = segments(prefix.removeprefix("^"))
        if path[: len(taken)] == taken and (best is None or len(taken) > best[0]):
            best = len(taken), Forwarded(where, tuple(_target(evaluator, value, table.script, path, where)))
    return best[1] if best else None


def _target(
    evaluator: Evaluator, value: Node, script: Script, path: Segments, where: Place
) -> Iterator[Address | Unresolved]:
    for each in evaluator.values(value, script):
        targets: list[Value] = [each]
        if isinstance(each, Thing) and each.node.type == "object":
            changes = [one for one in evaluator.property(each, "rewrite") if isinstance(one, Thing)]
            changed = _changed(script.text(changes[0].node), path) if changes else path
            if changed is None:
                yield Unresolved("a proxy's rewrite is not followed", where)
                continue
            path = changed
            targets = list(evaluator.property(each, "target"))
        for target in targets:
            # Whatever the target's host is called: it is where the developer runs the backend.
            base = target.parts[0] if isinstance(target, Text) and isinstance(target.parts[0], str) else ""
            own = (
                segments(base.partition("://")[2].partition("/")[2]) if base and len(target_parts(target)) == 1 else ()
            )
            yield Address(
                (*own, *path), "localhost", "", None, where, f"{base or 'the backend'}/{'/'.join(map(str, path))}"
            )


def target_parts(target: Value) -> tuple[object, ...]:
    """The parts of a target that is a text."""
    return target.parts if isinstance(target, Text) else ()


def _changed(rewrite: str, path: Segments) -> Segments | None:
    found = _STRIPS.search(rewrite)
    if found is None:
        return None
    prefix = segments(found["prefix"].replace("\\/", "/"))
    return path[len(prefix) :] if path[: len(prefix)] == prefix else path


def _configurations(web: Web, name: str) -> Iterator[Script]:
    for path in web.paths:
        if path.rpartition("/")[2].startswith(name) and posixpath.dirname(path) == web.folder:
            yield from web.document(path).scripts


def _text(values: Iterator[Value]) -> str:
    for value in values:
        if isinstance(value, Text) and len(value.parts) == 1 and isinstance(value.parts[0], str):
            return value.parts[0]
    return ""
