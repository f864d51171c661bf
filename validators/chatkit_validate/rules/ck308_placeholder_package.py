"""CK308: the dependency is openai-chatkit; `chatkit` on PyPI is an empty placeholder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration.requirement import RequirementFile

RULE = Rule(
    code="CK308",
    name="placeholder-package",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="requirement",
    what="The application depends on `openai-chatkit`, whose import name is `chatkit`, and not on the distribution "
    "called `chatkit`.",
    why="`chatkit` on PyPI is an empty package that reserves the name: `from chatkit.server import ChatKitServer` "
    "fails with `ModuleNotFoundError`. Installed beside `openai-chatkit`, both own `chatkit/__init__.py`, and "
    "removing the placeholder later deletes that file from under the real package.",
    instead="Declare `openai-chatkit>=1.6.5,<1.7` and remove `chatkit`. In an environment that had both, "
    "uninstall both and install `openai-chatkit` again.",
    acceptable="`chatkit` taken from a folder, a repository or a workspace is another package and passes. A private "
    'index that serves its own `chatkit` is fine too: say so with `ignore = ["CK308"]` and a comment beside it in '
    "`[tool.chatkit-validate]`.",
    sources=("PyPI: chatkit 0.0.1 (\u201cReserved package name\u201d)", "PyPI: openai-chatkit 1.6.5"),
    shown=Shown(path="pyproject.toml", good='"openai-chatkit>=1.6.5,<1.7"', bad='"chatkit>=0.0.1"'),
)


# What people require instead, and what stands under that name on PyPI.
_WRONG = {"chatkit": "an empty placeholder on PyPI", "chatkit-server": "a name that PyPI does not know"}


def decide(file: RequirementFile, _integration: object) -> Decision:
    """Judges one file that declares requirements."""
    real = file.of("openai-chatkit")
    for name, stands_for in _WRONG.items():
        wrong = [one for one in file.of(name) if not one.source]
        if wrong:
            return Fail(
                f"{file.name} requires `{name}`, {stands_for}",
                wrong[0].where,
                "Remove it." if real else "Write `openai-chatkit>=1.6.5,<1.7` instead.",
                tuple(Note(one.where, "the real package is declared here too") for one in real),
            )
    if real:
        return Pass("`openai-chatkit` is required, not the placeholder", real[0].where)
    if other := file.of("chatkit"):
        return Pass(f"`chatkit` comes from {other[0].source}, not from PyPI", other[0].where)
    return NotApplicable(f"{file.name} requires neither `openai-chatkit` nor `chatkit`", file.where)
