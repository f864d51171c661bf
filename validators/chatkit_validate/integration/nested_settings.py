"""Settings in groups: models within a settings class, whose variables are written with a delimiter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.flow import hints
from chatkit_validate.integration.evidence import Found
from chatkit_validate.integration.settings import Setting, SettingsClass, declared, setting
from chatkit_validate.names import Class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow

# Models that hold themselves end somewhere; nobody writes a variable of more parts.
_DEEP = 4


def nested(flow: Flow, settings: SettingsClass, delimiter: str) -> tuple[Setting, ...]:
    """The fields of the models that `settings` holds, with the variables that `env_nested_delimiter` gives them."""
    prefix = settings.env_prefix.value if isinstance(settings.env_prefix, Found) else ""
    return tuple(_within(flow, settings.cls, prefix, delimiter, _DEEP))


def _within(flow: Flow, cls: Class, prefix: str, delimiter: str, deep: int) -> Iterator[Setting]:
    for name, (statement, base) in declared(flow, cls).items():
        # An alias of a group takes the place of prefix and name.
        for variable in setting(statement, name, prefix, base).variables:
            for model in hints.read(flow.project, statement.annotation, base.module.scope).types:
                if not isinstance(model, Class):
                    continue
                before = f"{variable}{delimiter}"
                for inner, (held, owner) in declared(flow, model).items():
                    yield _in_group(setting(held, inner, before, owner), before)
                if deep > 1:
                    yield from _within(flow, model, before, delimiter, deep - 1)


def _in_group(field: Setting, before: str) -> Setting:
    # The group's name stands before an alias of its field, too.
    named = tuple(name if name.startswith(before.upper()) else f"{before}{name}".upper() for name in field.variables)
    return Setting(field.name, named, field.required, field.default, field.where)
