"""JSON Schemas of what the client reads, and their violations as sentences."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

_FOLDER: Final = Path(__file__).parent / "schemas"
_ORDER: Final = ("required", "additionalProperties", "type", "propertyNames")

MISSING: Final = "jsonschema and pyyaml are not installed: pip install 'chatkit-validate[bundle]'"


@dataclass(frozen=True, slots=True)
class Violation:
    """What does not fit a schema.

    Attributes:
        key: The outermost key it is about; empty for the whole.
        message: What is wrong, naming the thing.
        way_out: What to do.
    """

    key: str
    message: str
    way_out: str


def available() -> bool:
    """Whether the libraries that this validator needs are installed."""
    try:
        import jsonschema  # noqa: F401 - asked for only
        import yaml  # noqa: F401 - same
    except ImportError:
        return False
    return True


def violations(data: Mapping[str, Any], name: str) -> Iterator[Violation]:
    """What of `data` does not fit the schema `name` (`agent`, `skill`, `plugin`, `marketplace`, `hooks`)."""
    errors = list(_validator(name).iter_errors(data))
    for error in sorted(errors, key=lambda e: ([str(part) for part in e.absolute_path], str(e.validator))):
        yield _said(error)


def _said(error: ValidationError) -> Violation:
    path = [str(part) for part in error.absolute_path]
    key = path[0] if path else ""
    where = f"`{'.'.join(path)}`"
    match error.validator:
        case "required":
            missing = str(error.message).split("'")[1]
            inside = f" in {where}" if path else ""
            return Violation(key or missing, f"`{missing}` is missing{inside}", f"Add `{missing}`.")
        case "additionalProperties":
            return _unknown(error, key)
        case "propertyNames" | "enum" if "propertyNames" in error.absolute_schema_path:
            name = str(error.instance)
            events: Any = error.validator_value
            return Violation(key, f"`{name}` is no event", _meant(name, list(events)))
        case "enum":
            values: Any = error.validator_value
            allowed = ", ".join(f"`{value}`" for value in values)
            return Violation(key, f"{where} is {error.instance!r}", f"Use one of {allowed}.")
        case "maxLength":
            length = len(str(error.instance))
            return Violation(key, f"{where} has {length} characters", f"Cut it to {error.validator_value}.")
        case _:
            wanted = _wanted(error)
            shown = str(error.instance)
            shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
            return Violation(key, f"{where} is {shown!r}, not {wanted}", f"Make it {wanted}.")


def _wanted(error: ValidationError) -> str:
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    if described := schema.get("description"):
        return str(described)
    if error.validator == "type":
        kinds = {"string": "a text", "boolean": "true or false", "integer": "a whole number", "array": "a list"}
        return kinds.get(str(error.validator_value), f"of type {error.validator_value}")
    return f"what the schema asks for ({error.validator} {error.validator_value!r})"


def _unknown(error: ValidationError, key: str) -> Violation:
    known = list(error.schema.get("properties", {})) if isinstance(error.schema, dict) else []
    instance: Any = error.instance
    names = [name for name in instance if name not in known]
    said = ", ".join(f"`{name}`" for name in names)
    verb = "is no key" if len(names) == 1 else "are no keys"
    return Violation(key or names[0], f"{said} {verb} the client knows; it ignores such a key", _meant(names[0], known))


def _meant(name: str, known: list[str]) -> str:
    folded = {option.lower().replace("_", "").replace("-", ""): option for option in known}
    near = get_close_matches(name.lower().replace("_", "").replace("-", ""), folded, 1, 0.7)
    return f"Did you mean `{folded[near[0]]}`?" if near else f"Remove it; known are {', '.join(sorted(known))}."


@cache
def _validator(name: str) -> Validator:
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    loaded = {path.name: json.loads(path.read_text("utf-8")) for path in _FOLDER.glob("*.json")}
    registry: Registry[Any] = Registry().with_resources(
        (file, Resource.from_contents(schema)) for file, schema in loaded.items()
    )
    return Draft202012Validator(loaded[f"{name}.json"], registry=registry)


def properties(name: str) -> frozenset[str]:
    """The keys that the schema `name` knows."""
    return frozenset(json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))["properties"])
