"""CK903: manifests, hooks and settings are what the client accepts, and what they name is there."""

from __future__ import annotations

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK903",
    name="invalid-plugin-manifest",
    level=Level.ERROR,
    by=(Validator.BUNDLE,),
    skill="chatkit-integration",
    subject="manifest",
    what="plugin.json, marketplace.json, hooks.json, settings.json, .mcp.json and .lsp.json are valid, and the"
    " files, folders and commands they name exist. A folder without any agent, skill or manifest fails "
    "too: nothing was inspected.",
    why="A hook under an event that does not exist never runs; one whose script is missing fails where nobody"
    " sees it; a plugin whose source folder is misspelt installs nothing.",
    instead="Use the events and keys that the client knows, paths that start with `./`, and one version for "
    "plugin and marketplace.",
    acceptable="",
    sources=(
        "SchemaStore: claude-code-plugin-manifest.json",
        "Claude Code 2.1.329: list of hook events",
    ),
    shown=Shown(
        path="hooks/hooks.json",
        good='"PostToolUse"',
        bad='"AfterToolUse"',
    ),
)
