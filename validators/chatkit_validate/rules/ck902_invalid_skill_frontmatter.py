"""CK902: a skill is loaded by every client of the Agent Skills format, and nothing in it is cut off or ignored."""

from __future__ import annotations

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK902",
    name="invalid-skill-frontmatter",
    level=Level.ERROR,
    by=(Validator.BUNDLE,),
    skill="chatkit-integration",
    subject="skill",
    what="A skill is a folder with a SKILL.md whose frontmatter follows the Agent Skills format: `name` is the"
    " folder's name, `description` says when to use it in at most 1024 characters, and there are only "
    "keys that clients know.",
    why="A skill whose name differs from its folder, or with an unknown key, loads in one client and is "
    "refused by another. `allowed-tools` and `hooks` make every call by the model ask for permission, "
    "which fails where nobody can answer. Text after an unquoted ` #` is lost.",
    instead="Keep to `name`, `description`, `license`, `compatibility` and `metadata`; quote the description; "
    "keep SKILL.md under 500 lines and put depth into references/.",
    acceptable="Keys that only Claude Code knows are reported as advice: keep them in a skill that no other client "
    "is to load.",
    sources=(
        "agentskills.io specification",
        "Claude Code 2.1.329: skills, observed",
    ),
    shown=Shown(
        path="skills/greeting/SKILL.md",
        good="name: greeting\n",
        bad="name: greetings\n",
    ),
)
