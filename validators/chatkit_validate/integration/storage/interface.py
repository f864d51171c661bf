"""What the library demands of a store: the methods of `chatkit.store.Store`, from its source or from a table."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.integration import subjects
from chatkit_validate.record import dataclass
from chatkit_validate.source.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatkit_validate.integration.model import Integration

# chatkit/store.py, the same in every release from 1.0.0 to 1.6.5.
_PARAMETERS = {
    "load_thread": ("thread_id", "context"),
    "save_thread": ("thread", "context"),
    "load_thread_items": ("thread_id", "after", "limit", "order", "context"),
    "save_attachment": ("attachment", "context"),
    "load_attachment": ("attachment_id", "context"),
    "delete_attachment": ("attachment_id", "context"),
    "load_threads": ("limit", "after", "order", "context"),
    "add_thread_item": ("thread_id", "item", "context"),
    "save_item": ("thread_id", "item", "context"),
    "load_item": ("thread_id", "item_id", "context"),
    "delete_thread": ("thread_id", "context"),
    "delete_thread_item": ("thread_id", "item_id", "context"),
}
_OTHERS = frozenset({"generate_thread_id", "generate_item_id"})
_ENVIRONMENTS = (".venv", "venv", "env")


@dataclass(frozen=True, slots=True)
class Interface:
    """The abstract class that a store implements.

    Attributes:
        methods: Its abstract methods with their parameters, `self` left out.
        others: Its other methods, which a store may override.
        source: Where this was read: the installed file, or the releases that the table holds.
    """

    methods: Mapping[str, tuple[str, ...]]
    others: frozenset[str]
    source: str


_TABLE = Interface(_PARAMETERS, _OTHERS, "openai-chatkit 1.0.0 to 1.6.5")


def interface(integration: Integration, _root: str) -> Interface:
    """The Store of the library that is installed in the application's environment; the known one where none is."""
    texts = Texts(integration.flow.project.root)
    for path in _installed(texts, subjects.folders(integration)):
        text = texts.read(path)
        if isinstance(text, str) and (found := _parsed(text, path)) is not None:
            return found
    return _TABLE


def _installed(texts: Texts, folders: tuple[str, ...]) -> Iterator[str]:
    """The paths where environments beside or above the application's folders have `chatkit/store.py`."""
    for folder in dict.fromkeys(_above(folders)):
        for environment in _ENVIRONMENTS:
            home = f"{folder}/{environment}" if folder else environment
            for name in texts.names(f"{home}/lib"):
                yield f"{home}/lib/{name}/site-packages/chatkit/store.py"
            yield f"{home}/Lib/site-packages/chatkit/store.py"


def _above(folders: tuple[str, ...]) -> Iterator[str]:
    for folder in folders:
        current = "" if folder == "." else folder
        while current:
            yield current
            current = current.rpartition("/")[0]
        yield ""


def _parsed(text: str, path: str) -> Interface | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Store":
            functions = [item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
            abstract = {item.name: _names(item) for item in functions if _is_abstract(item)}
            others = frozenset(item.name for item in functions if item.name not in abstract)
            return Interface(abstract, others, path) if abstract else None
    return None


def _is_abstract(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(item, ast.Name) and item.id == "abstractmethod" for item in node.decorator_list)


def _names(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    return tuple(item.arg for item in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))[1:]
