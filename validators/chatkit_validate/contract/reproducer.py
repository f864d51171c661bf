"""A Python script that asks a store again what broke a clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract.target import Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.contract.bench import Bench
    from chatkit_validate.contract.clause import Clause
    from chatkit_validate.contract.context import Contexts
    from chatkit_validate.contract.journal import Call
    from chatkit_validate.contract.target import Target

_MOST: Final = 60
"""Calls; a script with more says nothing to a reader. The command that tries the clause again remains."""


def script(bench: Bench, clause: Clause, got: str, target: Target | None, contexts: Contexts | None) -> str:
    """The script for what `bench` has recorded; empty where there is nothing to write or nothing to write it with."""
    calls = bench.journal.calls
    if target is None or contexts is None or not calls or len(calls) > _MOST:
        return ""
    module, _, attribute = target.spec.partition(":")
    lines = [
        "import asyncio",
        *(["import uuid"] if "uuid." in contexts.expression else []),
        "",
        *(f"from chatkit.types import {', '.join(names)}" for names in [sorted(set(_types(calls)))] if names),
        f"from {module} import {attribute.partition('.')[0]}",
        *contexts.imports,
        "",
        f"# {clause.id}: {clause.expected}",
        f"# got: {_one_line(got)}",
        "async def main() -> None:",
    ]
    opening = target.form.value.format(name=attribute)
    lines.append(f"    {opening}")
    indent = " " * (8 if target.form in {Form.WITH, Form.ASYNC_WITH} else 4)
    callers = [user for user in (bench.alice, bench.bob) if any(call.user == user.name for call in calls)]
    lines += [f"{indent}{user.name} = {contexts.written(user.user_id)}" for user in callers]
    lines += [f"{indent}{line}" for call in calls for line in _call(call)]
    return "\n".join([*lines, "", "asyncio.run(main())"]) + "\n"


def _call(call: Call) -> Iterator[str]:
    arguments = ", ".join([*(_written(argument) for argument in call.arguments), call.user])
    written = f"await store.{call.method}({arguments})"
    if call.ended.startswith("raised"):
        yield "try:"
        yield f"    {written}"
        yield f"except Exception as error:  # {_one_line(call.ended)}"
        yield "    print(repr(error))"
    elif call.method.startswith("load"):
        yield f"print({written})"
    else:
        yield written


def _written(value: Any) -> str:
    if hasattr(value, "model_dump_json"):
        return f"{type(value).__name__}.model_validate_json({value.model_dump_json(exclude_unset=True)!r})"
    return repr(value)


def _types(calls: Iterable[Call]) -> Iterator[str]:
    for call in calls:
        for argument in call.arguments:
            if hasattr(argument, "model_dump_json"):
                yield type(argument).__name__


def _one_line(text: str) -> str:
    return " ".join(text.split())
