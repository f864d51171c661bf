"""Finding the store under test, and opening it."""

from __future__ import annotations

import importlib
import inspect
import sys
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatkit_validate.contract.user import described

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class TargetError(Exception):
    """The store could not be found or opened; the text says what and why.

    Attributes:
        missing: Abstract methods that the store lacks, where that is why.
    """

    def __init__(self, told: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(told)
        self.missing = missing


class Form(StrEnum):
    """How a factory gives its store; the value is the statement that takes it."""

    INSTANCE = "store = {name}"
    CALL = "store = {name}()"
    AWAIT = "store = await {name}()"
    WITH = "with {name}() as store:"
    ASYNC_WITH = "async with {name}() as store:"


@dataclass(slots=True)
class Target:
    """A factory of stores.

    Attributes:
        spec: `module:attribute`, as named.
        value: What the name stands for.
        form: How it gives its store; known once it has been opened.
    """

    spec: str
    value: Any
    form: Form = Form.CALL


def load(spec: str, path: str) -> Target:
    """Imports what `spec` names, with `path` first on `sys.path`.

    Raises:
        TargetError: It is no `module:attribute`, or cannot be imported.
    """
    return Target(spec, named(spec, path))


def named(spec: str, path: str) -> Any:
    """The object that `module:attribute` names, with `path` first on `sys.path`.

    Raises:
        TargetError: It is no `module:attribute`, or cannot be imported.
    """
    module_name, _, attribute = spec.partition(":")
    if not module_name or not attribute:
        raise TargetError(f"{spec!r} is no module:attribute, e.g. app.store:make_store")
    folder = str(Path(path).resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        value: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if (error.name or "") and not module_name.startswith(str(error.name)):
            raise TargetError(f"{module_name} needs {error.name}, which is not installed here") from error
        raise TargetError(f"there is no module {error.name} in {path} or installed; see --path") from error
    except BaseException as error:  # a target may call sys.exit when it is imported
        if isinstance(error, KeyboardInterrupt):
            raise
        raise TargetError(f"{module_name} cannot be imported: {described(error)}") from error
    for name in attribute.split("."):
        if not hasattr(value, name):
            raise TargetError(f"{module_name} has no {attribute}")
        value = getattr(value, name)
    return value


@asynccontextmanager
async def opened(target: Target) -> AsyncIterator[Any]:
    """The store that `target` gives, until the block ends.

    The name may stand for a store, a class, a function or coroutine function that returns a store, or one that gives
    a context manager or yields (sync or async).

    Raises:
        TargetError: It gives no store.
    """
    given = await _given(target)
    if isinstance(given, AbstractAsyncContextManager):
        target.form = Form.ASYNC_WITH
        async with _named_errors(target, given) as store:
            yield _store(target, store)
    elif isinstance(given, AbstractContextManager):
        target.form = Form.WITH
        with given as store:
            yield _store(target, store)
    else:
        yield _store(target, given)


async def _given(target: Target) -> Any:
    if hasattr(target.value, "load_thread") and not inspect.isclass(target.value):
        target.form = Form.INSTANCE
        return target.value
    if not callable(target.value):
        raise TargetError(f"{target.spec} is a {type(target.value).__name__}: neither a store nor a factory of one")
    target.form = Form.CALL
    make = target.value
    if inspect.isasyncgenfunction(make):
        make = asynccontextmanager(make)
    try:
        answer = make()
        if inspect.isawaitable(answer):
            target.form = Form.AWAIT
            answer = await answer
    except Exception as error:
        raise TargetError(f"{target.spec} failed: {described(error)}", _abstract(target.value, error)) from error
    return answer


@asynccontextmanager
async def _named_errors(target: Target, given: AbstractAsyncContextManager[Any]) -> AsyncIterator[Any]:
    try:
        store = await given.__aenter__()
    except Exception as error:
        raise TargetError(f"{target.spec} failed: {described(error)}", _abstract(target.value, error)) from error
    try:
        yield store
    except BaseException as error:
        if not await given.__aexit__(type(error), error, error.__traceback__):
            raise
    else:
        await given.__aexit__(None, None, None)


def _store(target: Target, store: Any) -> Any:
    if not any(hasattr(store, name) for name in ("load_thread", "save_thread", "load_thread_items")):
        raise TargetError(f"{target.spec} gave a {type(store).__name__}, which has none of a store's methods")
    return store


def _abstract(value: Any, error: Exception) -> tuple[str, ...]:
    """The methods an abstract class lacks, where `error` is Python's refusal to instantiate it."""
    text = str(error)
    if not (isinstance(error, TypeError) and "abstract" in text):
        return ()
    named = getattr(value, "__abstractmethods__", None) if inspect.isclass(value) else None
    if named:
        return tuple(sorted(named))
    return tuple(word.strip("', ") for word in text.partition("method")[2].removeprefix("s").split())
