"""CK904: what a text names exists: files, skills, agents, rules, commands and their options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from chatkit_validate.bundle.commands import Commands
from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chatkit_validate.bundle.layout import Bundle

_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH: Final = re.compile(r"`((?:\$\{CLAUDE_SKILL_DIR\}/|(?:references|assets|scripts)/)[\w./{}-]*)[^`]*`")
_CODE_BLOCK: Final = re.compile(r"^(?P<fence> *(?:`{3,}|~{3,})).*?^(?P=fence)|`[^`\n]+`", re.DOTALL | re.MULTILINE)
# What stands for the skill's own folder, and what shows that a path is only a pattern for one.
_VARIABLE: Final = re.compile(r"^(?:\$\{CLAUDE_SKILL_DIR\}|\{baseDir\})/")
_OPEN: Final = re.compile(r"[{}<>$*]|^\.\.\.$|^\d+$")
_SKILL: Final = re.compile(r"\bskills?[:,]? `([a-z0-9]+(?:-[a-z0-9]+)*(?:\.skill\.md)?)`|`([a-z0-9-]+)` skill\b")
_OLD_FORM: Final = re.compile(r"`([\w-]+\.skill\.md)`")
_AGENT: Final = re.compile(r"""subagent_type\s*=\s*["']([\w:-]+)["']""")
_CODE: Final = re.compile(r"\bCK\d{3}\b")
_HEADING: Final = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


def judge(path: str, bundle: Bundle) -> Iterator[Decision]:
    """Everything that the text at `path` names and that does not exist, or one pass."""
    try:
        text = (bundle.root / path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield Fail(f"{path} cannot be read: {error}", Place(path), "Save it as UTF-8, readable.")
        return
    judged = _Text(path, text, bundle)
    faults = [*judged.files(), *judged.names(), *judged.codes(), *judged.commands()]
    yield from faults
    if not faults:
        yield Pass("everything it names exists", Place(path, 1))


class _Text:
    def __init__(self, path: str, text: str, bundle: Bundle) -> None:
        self._path = path
        self._text = text
        self._bundle = bundle
        parts = path.split("/")
        self._is_agent = parts[0] == "agents"
        self._skill = "/".join(parts[:2]) if parts[0] == "skills" else ""

    def _at(self, offset: int) -> Place:
        return Place(self._path, self._text.count("\n", 0, offset) + 1)

    def files(self) -> Iterator[Fail]:
        """Links and paths to files of the bundle."""
        prose = _CODE_BLOCK.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), self._text)
        for found in _LINK.finditer(prose):
            target, _, anchor = found[1].partition("#")
            file = self._target(target)
            if file is None:
                continue
            if not file.exists():
                yield Fail(f"it links to {target}, which does not exist", self._at(found.start()), "Mend the link.")
            elif anchor and file.suffix == ".md" and anchor not in _anchors(file.read_text("utf-8")):
                message = f"it links to #{anchor}, which no heading of {file.name} makes"
                yield Fail(message, self._at(found.start()), "Mend the link.")
        for found in _PATH.finditer(self._text):
            named = _VARIABLE.sub("", found[1])
            places = (self._bundle.root / self._skill / named, self._bundle.root / named)
            if self._skill and not _OPEN.search(named) and not any(place.exists() for place in places):
                message = f"it names {named}, which is not in {self._skill}"
                yield Fail(message, self._at(found.start()), "Name what is there.")

    def _target(self, target: str) -> Path | None:
        """The file that a link leads to; None where it leaves the bundle or is only a pattern for one."""
        if _VARIABLE.match(target):
            base, target = self._bundle.root / self._skill, _VARIABLE.sub("", target)
        else:
            base = self._bundle.root / self._path.rpartition("/")[0]
        if re.match(r"[a-z][a-z0-9+.-]*:|/", target) or _OPEN.search(target):
            return None
        return base / target if target else self._bundle.root / self._path

    def names(self) -> Iterator[Fail]:
        """Skills and agents."""
        seen = {found.start(1): found[1] for found in _OLD_FORM.finditer(self._text)}
        for found in _SKILL.finditer(self._text):
            seen[found.start(1 if found[1] else 2)] = found[1] or found[2]
        for offset, name in sorted(seen.items()):
            if self._bundle.skill(name) is None:
                known = ", ".join(one.name for one in self._bundle.skills) or "none"
                # Another plugin may bring it; nothing here says so.
                message, level = f"there is no skill `{name}`", None if self._is_agent else Level.WARNING
                yield Fail(message, self._at(offset), f"Name one of: {known}.", level=level)
        agents = {agent.text("name") for agent in self._bundle.agents}
        for found in _AGENT.finditer(self._text):
            if agents and found[1].rpartition(":")[2] not in agents:
                yield Fail(
                    f"there is no agent `{found[1]}`", self._at(found.start()), f"Name one of: {', '.join(agents)}."
                )

    def codes(self) -> Iterator[Fail]:
        """Rule codes; each unknown one once."""
        known = set(registry.codes())
        for found in _CODE.finditer(self._text):
            if found[0] not in known:
                known.add(found[0])
                yield Fail(
                    f"there is no rule {found[0]}", self._at(found.start()), "`chatkit-validate rules` lists them."
                )

    def commands(self) -> Iterator[Fail]:
        """Calls of `chatkit-validate`."""
        for offset, fault in Commands.of_this_package().faults(self._text):
            yield Fail(fault, self._at(offset), "`chatkit-validate --help` lists what there is.")


def _anchors(text: str) -> set[str]:
    """The anchors that headings get where Markdown is shown as pages."""
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in _HEADING.findall(text))
    return {heading.strip().replace(" ", "-") for heading in plain}
