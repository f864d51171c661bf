"""The validator's own test: a small bundle that passes, and every known way of breaking it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chatkit_validate.bundle.judging import CODES, judge
from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Outcome

MINIMAL: Final = Path(__file__).parent / "minimal"
"""The bundle that the rules' shown pairs edit."""

_AGENT: Final = "agents/greeter.md"
_SKILL: Final = "skills/greeting/SKILL.md"
_HOOKS: Final = "hooks/hooks.json"
_PLUGIN: Final = ".claude-plugin/plugin.json"


@dataclass(frozen=True, slots=True)
class Defect:
    """One way of breaking the minimal bundle: in `path`, `good` becomes `bad`, and `code` fails."""

    code: str
    path: str
    good: str
    bad: str


DEFECTS: Final = (
    Defect("CK901", _AGENT, "---\nname: greeter", "name: greeter"),
    Defect("CK901", _AGENT, "name: greeter\n", ""),
    Defect("CK901", _AGENT, "name: greeter", "name: Greeter"),
    Defect("CK901", _AGENT, "model: inherit", "model: gpt-9"),
    Defect("CK901", _AGENT, "model: inherit", "modle: inherit"),
    Defect("CK901", _AGENT, "model: inherit", "maxTurns: abc"),
    Defect("CK901", _AGENT, "model: inherit", "color: mauve"),
    Defect("CK901", _AGENT, "model: inherit", "isolation: container"),
    Defect("CK901", _AGENT, "model: inherit", "permissionMode: acceptEdits"),
    Defect("CK901", _AGENT, "tools: Read", "allowed-tools: Read"),
    Defect("CK901", _AGENT, "tools: Read", "tools: Raed"),
    Defect("CK901", _AGENT, '"Use this agent to write greetings."', "Use this agent in C #1 style."),
    Defect("CK901", _AGENT, "name: greeter", "\tname: greeter"),
    Defect("CK901", _AGENT, "You write greetings, as the skill `greeting` says.\n", ""),
    Defect("CK902", _SKILL, "license: MIT", "licence: MIT"),
    Defect("CK902", _SKILL, "license: MIT", "allowed-tools: Read"),
    Defect("CK902", _SKILL, "license: MIT", "context: frok"),
    Defect("CK902", _SKILL, "license: MIT", "metadata:\n  version: 1"),
    Defect("CK902", _SKILL, "How to greet.", "How to greet <name>."),
    Defect("CK902", _SKILL, "How to greet.", "How to greet. " + "Again. " * 150),
    Defect("CK903", _HOOKS, '"command": "cat"', '"command": "${CLAUDE_PLUGIN_ROOT}/hooks/none.sh"'),
    Defect("CK903", _HOOKS, '"Write|Edit"', '"(Write"'),
    Defect("CK903", _HOOKS, '"type": "command", ', ""),
    Defect("CK903", _PLUGIN, '"description"', '"agents": "agents/", "description"'),
    Defect("CK903", _PLUGIN, '"description"', '"keyword": ["a"], "description"'),
    Defect("CK903", _PLUGIN, '"1.0.0",', '"1.0.0"'),
    Defect("CK904", _AGENT, "the skill `greeting`", "the skill `greetings`"),
    Defect("CK904", _SKILL, "(CK901)", "(CK999)"),
    Defect("CK904", _SKILL, "`chatkit-validate check`", "`chatkit-validate inspect`"),
    Defect("CK904", _SKILL, "`chatkit-validate check`", "`chatkit-validate check --quickly`"),
    Defect("CK904", _SKILL, "`chatkit-validate check`", "\n```sh\nchatkit-validate check \\\n  --quickly\n```\n"),
    Defect("CK904", _SKILL, "(references/manners.md)", "(references/manners.md#tact)"),
    Defect("CK905", _SKILL, "def greet(name: str) -> str:\n", "def greet(name: str) -> str\n"),
    Defect("CK905", _SKILL, "<!-- region: app/greeting.py#greet -->\n", ""),
    Defect("CK905", _SKILL, "#greet -->", "#meet -->"),
)


def shown() -> tuple[Defect, ...]:
    """The rules' own shown pairs."""
    pairs = ((loaded.rule.code, loaded.rule.shown) for loaded in registry.load(CODES))
    return tuple(Defect(code, pair.path, pair.good, pair.bad) for code, pair in pairs if pair is not None)


def failing(defect: Defect | None = None) -> list[str]:
    """The codes that fail on the minimal bundle with `defect` in it, in order.

    Raises:
        LookupError: The defect's good text does not stand in its file exactly once.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "bundle"
        shutil.copytree(MINIMAL, root)
        if defect is not None:
            file = root / defect.path
            text = file.read_text("utf-8")
            if text.count(defect.good) != 1:
                raise LookupError(f"{defect.path} holds {defect.good!r} {text.count(defect.good)} times")
            file.write_text(text.replace(defect.good, defect.bad), "utf-8")
        return [verdict.code for verdict in judge(root, "minimal").verdicts() if verdict.verdict is Outcome.FAIL]


def run() -> tuple[list[str], bool]:
    """What to tell the user, a line each, and whether the validator found every defect and nothing else."""
    lines = []
    wrong = failing()
    if wrong:
        lines.append(f"the intact bundle fails {', '.join(wrong)}")
    with tempfile.TemporaryDirectory() as folder:
        if not any(verdict.failed for verdict in judge(Path(folder), "empty").verdicts()):
            lines.append("an empty folder passes, though nothing was inspected")
    defects = (*shown(), *DEFECTS)
    missed = [defect for defect in defects if defect.code not in failing(defect)]
    lines += [f"{defect.code} is not found: {defect.path}: {defect.bad.strip()!r}" for defect in missed]
    return [*lines, f"{len(defects) - len(missed)} of {len(defects)} defects found"], not lines
