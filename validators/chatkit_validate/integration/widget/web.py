"""One front end: its files, how its imports resolve, and the variables that its environment files state."""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING, Final

from chatkit_validate.integration.widget import language
from chatkit_validate.integration.widget.script import Document, Script, is_written, parse
from chatkit_validate.record import dataclass, field
from chatkit_validate.source import Place, Problem, load
from chatkit_validate.source.ignore import ignored
from chatkit_validate.source.ignore import parse as parse_patterns
from chatkit_validate.source.skip import is_skipped_by_content, is_skipped_by_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from chatkit_validate.source.ignore import IgnoreFile

_TRIED: Final = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".vue", ".svelte", "/index.ts", "/index.tsx", "/index.js")
_ALIASES: Final = frozenset({"@", "~", "@site", "$lib", "#", "src", "app"})
_ENVIRONMENT: Final = re.compile(r"(?:.*[.-])?env(?:[.-].*)?", re.IGNORECASE)
_LINE: Final = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)")
_PLACEHOLDER: Final = re.compile(r"<|your|example\.com|xxx", re.IGNORECASE)


_BUILT: Final = frozenset(
    {"dist", "build", "out", "coverage", "storybook-static", "__tests__", "__mocks__", "e2e", "tests"}
)
_TEST: Final = re.compile(r".*\.(?:test|spec|stories|d)\.\w+")
_SERVED: Final = frozenset({"templates", "static", "public", "html", "www"})
_MANY: Final = 6000


@dataclass(frozen=True, slots=True, eq=False)
class Web:
    """A front end.

    Attributes:
        tree: The checked tree.
        folder: Where it begins, relative to the tree; empty for the tree itself.
        paths: Its files that can be parsed, sorted.
        texts: Text to take instead of what stands at a path; None for a file to be thought away.
    """

    tree: Path
    folder: str
    paths: tuple[str, ...]
    texts: Mapping[str, str | None] = field(default_factory=dict)
    _data: dict[str, bytes] = field(default_factory=dict)
    _documents: dict[str, Document] = field(default_factory=dict)
    _variables: dict[str, list[tuple[str, Place]]] = field(default_factory=dict)
    _aliases: list[tuple[str, str]] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def data(self, path: str) -> bytes:
        """The bytes of a file; none where it cannot be read or nobody wrote it."""
        if path not in self._data:
            text = self.texts.get(path)
            read = load(self.tree, path) if text is None else text.encode("utf-8", "surrogatepass")
            written = not isinstance(read, Problem) and is_written(read)
            self._data[path] = read if written and not isinstance(read, Problem) else b""
        return self._data[path]

    def document(self, path: str) -> Document:
        """The parsed file."""
        if path not in self._documents:
            self._documents[path] = parse(path, self.data(path))
        return self._documents[path]

    def holding(self, *words: bytes) -> Iterator[str]:
        """The files that contain one of these words, in lower case."""
        for path in self.paths:
            data = self.data(path).lower()
            if any(word in data for word in words):
                yield path

    def resolve(self, script: Script, specifier: str) -> Script | None:
        """The script that `import ... from "specifier"` means; None for an installed package."""
        path = self.located(script.path, specifier)
        scripts = self.document(path).scripts if path else ()
        return scripts[0] if scripts else None

    def located(self, importer: str, specifier: str) -> str:
        """The file that `specifier` means in the file `importer`; empty for an installed package."""
        for base in self._bases(importer, specifier):
            for ending in _TRIED:
                path = base + ending
                if language.language_of(path) and path in self._files():
                    return path
        return ""

    def _bases(self, importer: str, specifier: str) -> Iterator[str]:
        if specifier.startswith("."):
            base = posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier))
            # TypeScript is imported by the name that it gets when it is built.
            yield from (base, base.removesuffix(".js"))
            return
        if specifier.startswith("/"):
            yield posixpath.join(self.folder, specifier[1:])
            return
        for alias, target in self._configured():
            if specifier.startswith(alias):
                yield posixpath.normpath(posixpath.join(self.folder, target, specifier[len(alias) :]))
        first, _, rest = specifier.partition("/")
        inside = [rest, specifier] if first in _ALIASES else [specifier]
        for name in filter(None, inside):
            for root in ("", "src", "src/lib", "app"):
                yield posixpath.normpath(posixpath.join(self.folder, root, name))

    def _files(self) -> set[str]:
        if not self._known:
            self._known.update(self.paths)
        return self._known

    def _configured(self) -> list[tuple[str, str]]:
        """The `paths` of tsconfig.json that end with a star: prefix -> folder."""
        if not self._aliases:
            self._aliases.append(("@@none/", ""))
            for name in ("tsconfig.json", "tsconfig.app.json", "jsconfig.json"):
                text = self.plain(name)
                self._aliases.extend(re.findall(r'"([^"\s]*/)\*"\s*:\s*\[\s*"\.?/?([^"\s]*?)/?\*"', text))
        return self._aliases

    def plain(self, name: str) -> str:
        """The text of a file of the front end's folder; empty where there is none."""
        path = posixpath.join(self.folder, name)
        if path in self.texts:
            return self.texts[path] or ""
        read = load(self.tree, path)
        return "" if isinstance(read, Problem) else read.decode("utf-8", "replace")

    def variable(self, name: str) -> list[tuple[str, Place]]:
        """The values that environment files of the folder state for a variable; placeholders are none."""
        if not self._variables:
            self._variables[""] = []
            for file in sorted(self.names()):
                if not _ENVIRONMENT.fullmatch(file) or file.endswith((".d.ts", ".ts", ".js")):
                    continue
                for number, line in enumerate(self.plain(file).splitlines(), start=1):
                    found = _LINE.match(line)
                    value = found[2].partition(" #")[0].strip().strip("\"'") if found else ""
                    if found and value and not _PLACEHOLDER.search(value):
                        place = Place(posixpath.join(self.folder, file), number)
                        self._variables.setdefault(found[1], []).append((value, place))
        return self._variables.get(name, [])

    def read(self) -> dict[str, str]:
        """The files that were parsed, with their texts."""
        return {path: self.data(path).decode("utf-8", "replace") for path in self._documents}

    def names(self) -> tuple[str, ...]:
        """The names of what stands directly in the folder."""
        from chatkit_validate.source.texts import Texts

        return Texts(self.tree).names(self.folder)


def webs(
    tree: Path,
    seeds: Iterable[str],
    pages: Iterable[str],
    texts: Mapping[str, str | None],
    exclude: Sequence[str],
) -> Iterator[Web]:
    """The front ends that `seeds` (pages and packages) belong to, in order of their folders.

    Args:
        tree: The checked tree.
        seeds: Pages and packages that name ChatKit.
        pages: All pages and packages of the tree.
        texts: Texts to take instead of what stands in files; None for files to be thought away.
        exclude: Patterns of paths to leave out, in the syntax of `.gitignore`.
    """
    left_out = (parse_patterns("\n".join(exclude), ""),) if exclude else ()
    packages = {posixpath.dirname(page) for page in pages if posixpath.basename(page) == "package.json"}
    folders = sorted({_folder(seed, packages) for seed in seeds})
    for folder in folders:
        inner = tuple(f"{other}/" for other in folders if other != folder and _is_below(other, folder))
        paths = (
            path
            for path in _files(tree, folder, left_out)
            if not path.startswith(inner) and texts.get(path, "") is not None
        )
        yield Web(tree, folder, tuple(sorted(paths)), texts)


def _folder(seed: str, packages: Collection[str]) -> str:
    """Where the front end of a page or package begins: at the nearest package, else at the page's folder."""
    here = folder = posixpath.dirname(seed)
    while True:
        if folder in packages:
            return folder
        if not folder:
            break
        folder = posixpath.dirname(folder)
    return posixpath.dirname(here) if posixpath.basename(here) in _SERVED else here


def _is_below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _files(tree: Path, folder: str, left_out: tuple[IgnoreFile, ...]) -> Iterator[str]:
    found = 0
    for here, below, names in os.walk(tree / folder):
        base = os.path.relpath(here, tree).replace(os.sep, "/").removeprefix(".").lstrip("/")
        if is_skipped_by_content(
            posixpath.basename(base), posixpath.basename(posixpath.dirname(base)), (*below, *names)
        ):
            below[:] = []
            continue
        below[:] = sorted(
            name
            for name in below
            if name not in _BUILT
            and not is_skipped_by_name(name)
            and not ignored(left_out, posixpath.join(base, name), name, folder=True)
        )
        for name in names:
            own = not _TEST.fullmatch(name) and not ignored(left_out, posixpath.join(base, name), name, folder=False)
            if own and name.lower().endswith(language.ENDINGS):
                found += 1
                if found > _MANY:
                    return
                yield posixpath.join(base, name)
