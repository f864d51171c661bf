"""The commands and options of this package, as texts may name them."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CALL: Final = re.compile(r"chatkit-validate[ \t]+(?!`)([^\n`|;&)]*)")
_CODE: Final = re.compile(r"`[^`\n]+`|^(?P<fence> *(?:`{3,}|~{3,}))[^\n]*\n.*?^(?P=fence)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commands:
    """Command -> the options it takes; the empty command holds those that stand before any."""

    options: Mapping[str, frozenset[str]]

    @classmethod
    @cache
    def of_this_package(cls) -> Commands:
        """As the command line itself has them."""
        from chatkit_validate.cli import parser

        whole = parser()
        subparsers = next(a for a in whole._actions if isinstance(a, argparse._SubParsersAction))  # noqa: SLF001 - argparse has no public list
        options = {name: frozenset(one._option_string_actions) for name, one in subparsers.choices.items()}  # noqa: SLF001 - same
        return cls({"": frozenset(whole._option_string_actions), **options})  # noqa: SLF001 - same

    def faults(self, text: str) -> Iterator[tuple[int, str]]:
        """What calls in the code of `text` name and is not there, each with its offset."""
        for code in _CODE.finditer(text):
            for call in _CALL.finditer(code[0].replace("\\\n", "  ")):
                offset = code.start() + call.start()
                for fault in self._of_call(call[1].partition(" #")[0].split()):
                    yield offset, fault

    def _of_call(self, words: list[str]) -> Iterator[str]:
        command = ""
        if words and not words[0].startswith("-"):
            command = words[0]
        if command.upper() == command and command.isalpha():
            return  # a placeholder such as COMMAND
        if command not in self.options:
            yield f"there is no command `chatkit-validate {command}`"
            return
        for word in words:
            option = word.partition("=")[0].rstrip(".,:]")
            if option.startswith("--") and len(option) > 2 and option not in self.options[command]:
                yield f"`chatkit-validate {command}` has no option {option}"
