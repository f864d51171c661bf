"""CK904: what a text names exists: files, skills, agents, rules, commands and their options."""

from __future__ import annotations

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK904",
    name="broken-skill-reference",
    level=Level.ERROR,
    by=(Validator.BUNDLE,),
    skill="chatkit-integration",
    subject="file",
    what="Every link, file, skill, agent, rule code and `chatkit-validate` command that an agent's or a "
    "skill's text names exists.",
    why="An agent that is told to read a file that is not there, or to run a command that does not exist, "
    "loses turns and then improvises.",
    instead="Name what is there. Rename in the text whatever is renamed in the tree.",
    acceptable="",
    sources=(),
    shown=Shown(
        path="skills/greeting/SKILL.md",
        good="references/manners.md",
        bad="references/manner.md",
    ),
)
