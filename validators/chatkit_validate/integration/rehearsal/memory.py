"""Keeping what a machine holds, and putting it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.values import Default, Generated, Made, Object, Value

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.machine import Machine


class Memory:
    """What an object, modules' globals and classes' attributes held at one moment; tables are empty then."""

    def __init__(self, machine: Machine, root: Object) -> None:
        self._held = _Copy().of((root, machine.globals, machine.remembered))

    def restore(self, machine: Machine) -> Object:
        """Puts it back, and answers the object."""
        root, machine.globals, machine.remembered = _Copy().of(self._held)
        machine.renew()
        found: Object = root
        return found


class _Copy:
    """A deep copy of collections and objects; what is shared stays shared, libraries' things stay themselves."""

    def __init__(self) -> None:
        self._made: dict[int, Value] = {}

    def of(self, value: Value) -> Value:
        if not isinstance(value, list | dict | set | tuple | Object | Made):
            return value
        known = self._made.get(id(value))
        return known if known is not None else self._copied(value)

    def _copied(self, value: Value) -> Value:
        made: Value
        match value:
            case dict():
                made = Default(value.factory) if isinstance(value, Default) else {}
                self._made[id(value)] = made
                for key, item in value.items():
                    made[key] = self.of(item)
            case list():
                made = Generated() if isinstance(value, Generated) else []
                self._made[id(value)] = made
                made.extend(self.of(item) for item in value)
            case set():
                made = set(value)
                self._made[id(value)] = made
            case Object(cls=cls, fields=fields):
                made = Object(cls)
                self._made[id(value)] = made
                made.fields = self.of(fields)
            case Made(name=name, fields=fields):
                made = Made(name, {})
                self._made[id(value)] = made
                made.fields = self.of(fields)
            case _:
                made = tuple(self.of(item) for item in value)
        return made
