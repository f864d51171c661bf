"""Which folders never hold a project's own code: environments, caches, installed and copied distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_NEVER: Final = frozenset(
    {
        "__pycache__",
        "__pypackages__",
        "_vendor",
        "_vendored",
        "bower_components",
        "dist-packages",
        "node_modules",
        "site-packages",
        "third_party",
    }
)

PAGE_ENDS: Final = (".html", "package.json")
"""How the names of pages end, and of packages that page scripts are built from."""

_ENVIRONMENT_MARKS: Final = ("pyvenv.cfg", "conda-meta")

# A project's own package may be called `chatkit` or `agents` too, and may well have a `server.py` and a `store.py`.
# Only the whole set of a distribution's modules shows a copy of it.
_DISTRIBUTIONS: Final = {
    "chatkit": frozenset({"actions.py", "agents.py", "errors.py", "server.py", "store.py", "types.py", "widgets.py"}),
    "agents": frozenset({"agent.py", "guardrail.py", "lifecycle.py", "run.py", "run_context.py", "tool.py"}),
    "mcp": frozenset({"client", "server", "shared", "types.py"}),
    "fastapi": frozenset({"applications.py", "params.py", "routing.py"}),
    "starlette": frozenset({"applications.py", "middleware", "routing.py"}),
    "pydantic": frozenset({"dataclasses.py", "fields.py", "main.py"}),
    "openai": frozenset({"_client.py", "_models.py", "resources"}),
}


def is_skipped_by_name(name: str) -> bool:
    """Whether a folder called `name` is never a project's own code: hidden, a cache, or installed packages."""
    return name in _NEVER or name.startswith(".") or name.endswith((".egg-info", ".dist-info"))


def is_skipped_by_content(name: str, parent: str, entries: Collection[str]) -> bool:
    """Whether a folder is an environment, a build result or a copied distribution, judged by what is in it.

    Args:
        name: The folder's own name.
        parent: The name of the folder around it.
        entries: The names of what is directly inside.
    """
    if any(mark in entries for mark in _ENVIRONMENT_MARKS):
        return True
    if parent == "build" and (name == "lib" or name.startswith(("lib.", "bdist."))):
        return True
    modules = _DISTRIBUTIONS.get(name)
    return modules is not None and modules.issubset(entries)


def is_page(path: str) -> bool:
    """Whether a front end may begin with this file: a page, or a package that page scripts are built from."""
    return path.endswith(PAGE_ENDS)


def may_be_copy(name: str) -> bool:
    """Whether a folder called `name` has to be looked into to know if it is a copied distribution."""
    return name in _DISTRIBUTIONS


def listed_in(record: str) -> frozenset[str]:
    """The names that `pip install --target` put into a folder, given the text of a `*.dist-info/RECORD` there."""
    names = {line.partition("/")[0].partition(",")[0] for line in record.splitlines()}
    return frozenset(names - {"", ".", "..", "bin"})
