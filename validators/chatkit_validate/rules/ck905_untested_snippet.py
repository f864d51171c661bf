"""CK905: shown Python parses, breaks no rule, and where tested regions are declared, is the text of one."""

from __future__ import annotations

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK905",
    name="untested-snippet",
    level=Level.ERROR,
    by=(Validator.BUNDLE,),
    skill="chatkit-integration",
    subject="file",
    what="Every Python block of an agent or a skill parses and violates no rule. In a bundle that declares "
    "tested regions, every block is the text of such a region. A counter-example is a region of a failing"
    " app and fails the rule it names.",
    why="A coding agent copies what a skill shows. Most public ChatKit skills show calls that do not exist "
    "and protocols that no client speaks; code that is not run is wrong sooner or later.",
    instead="Announce the region on the line before the block, `<!-- region: app/main.py#lifespan -->`, and let "
    "scripts/snippets.py write the block.",
    acceptable="",
    sources=("Public ChatKit skills, read in November 2026: invented event types, imports that do not exist",),
    shown=Shown(
        path="skills/greeting/SKILL.md",
        good='    return f"Hello, {name}"',
        bad='    return "Hello, " + name',
    ),
)
