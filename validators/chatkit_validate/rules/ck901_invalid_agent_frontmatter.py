"""CK901: what the client reads of an agent file is what its author meant."""

from __future__ import annotations

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK901",
    name="invalid-agent-frontmatter",
    level=Level.ERROR,
    by=(Validator.BUNDLE,),
    skill="chatkit-integration",
    subject="agent",
    what="An agent file starts with YAML frontmatter whose keys the client knows, whose values it accepts, and"
    " whose tools and skills exist.",
    why="The client drops what it does not understand without a word: a misspelt key, a tool or a skill that "
    "does not exist. `claude plugin validate --strict` passes all of these. A project's agent without a "
    "name is not loaded at all.",
    instead="Write `name` (lower-case letters, digits, hyphens) and a quoted `description`; name only tools and "
    "skills that exist; leave `hooks`, `mcpServers` and `permissionMode` out of a plugin's agents.",
    acceptable="",
    sources=("Claude Code 2.1.329: agent files, observed",),
    shown=Shown(
        path="agents/greeter.md",
        good="skills:\n  - greeting\n",
        bad="skills:\n  - greetings\n",
    ),
)
