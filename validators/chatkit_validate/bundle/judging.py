"""Asks CK901 to CK905 about every file of a bundle: the command `bundle`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.bundle import agents, layout, manifests, references, schema, skills, snippets
from chatkit_validate.report.report import Diagnostic, Report
from chatkit_validate.report.snippet import Snippets
from chatkit_validate.report.target import TargetReport
from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import (
    Decision,
    Fail,
    NotApplicable,
    Outcome,
    Pass,
    Subject,
    Unknown,
    Validator,
    Verdict,
    fingerprint,
)
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from chatkit_validate.rules.rule import Rule

CODES = ("CK901", "CK902", "CK903", "CK904", "CK905")


def judge(root: Path, name: str) -> Report:
    """Reads the agents, skills and manifests below `root` and decides the bundle rules.

    Args:
        root: A plugin, a marketplace's folder, a `.claude` folder or a project that has one.
        name: What to call it in the report.
    """
    bundle = layout.find(root)
    asked = _Asked(bundle)
    verdicts = tuple(asked.all())
    missing = () if schema.available() else (Diagnostic(".", 0, "missing-library", schema.MISSING, incomplete=True),)
    files = len(bundle.agents) + sum(len(skill.texts) for skill in bundle.skills) + len(bundle.manifests)
    note = f"{files} file{'' if files == 1 else 's'} inspected"
    return Report(name, 0, 0, (), missing, (note,), targets=(TargetReport("bundle", name, verdicts, ()),))


class _Asked:
    def __init__(self, bundle: layout.Bundle) -> None:
        self.bundle = bundle
        self.rules: dict[str, Rule] = {loaded.rule.code: loaded.rule for loaded in registry.load(CODES)}
        self.snippets = Snippets(bundle.root)

    def all(self) -> Iterator[Verdict]:
        bundle = self.bundle
        if not (bundle.agents or bundle.skills or bundle.manifests):
            nothing = Fail("there is no agent, no skill and no manifest here, so nothing was inspected", Place("."),
                           "Name the folder that holds agents/, skills/ or .claude-plugin/.")  # fmt: skip
            yield self.verdict("CK903", Subject("project", bundle.root.name, ".", 0), nothing)
            return
        if not schema.available():
            missing = Unknown(schema.MISSING, Place("."))
            for code in CODES:
                yield self.verdict(code, Subject("project", bundle.root.name, ".", 0), missing)
            return
        yield from self.frontmatter()
        for path in bundle.manifests:
            yield from self.each("CK903", Subject("manifest", path, path, 1), manifests.judge(path, bundle))
        for path in bundle.dangling:
            dangling = Fail(f"the link {path} leads nowhere", Place(path), "Make it lead to what is there.")
            yield self.verdict("CK903", Subject("manifest", path, path, 0), dangling)
        yield from self.texts()

    def frontmatter(self) -> Iterator[Verdict]:
        bundle = self.bundle
        for agent in bundle.agents:
            subject = Subject("agent", agent.text("name") or agent.path, agent.path, 1)
            yield from self.each("CK901", subject, agents.judge(agent, bundle))
        for skill in bundle.skills:
            subject = Subject("skill", skill.name, f"{skill.folder}/SKILL.md", 1)
            yield from self.each("CK902", subject, skills.judge(skill, bundle))
        for path in bundle.loose:
            lost = Fail(f"{path} is no skill: clients read skills/<name>/SKILL.md only", Place(path, 1),
                        f"Move it to {path.removesuffix('.md').removesuffix('.skill')}/SKILL.md.")  # fmt: skip
            yield self.verdict("CK902", Subject("skill", path, path, 1), lost)

    def texts(self) -> Iterator[Verdict]:
        declared = snippets.declares_regions(self.bundle)
        for path in self.bundle.texts():
            subject = Subject("file", path, path, 1)
            yield from self.each("CK904", subject, references.judge(path, self.bundle))
            yield from self.each("CK905", subject, snippets.judge(path, self.bundle, declared=declared))

    def each(self, code: str, subject: Subject, decisions: Iterable[Decision]) -> Iterator[Verdict]:
        for decision in decisions:
            yield self.verdict(code, subject, decision)

    def verdict(self, code: str, subject: Subject, decision: Decision) -> Verdict:
        rule = self.rules[code]
        where = decision.where or Place(subject.path, subject.line)
        level, message, reason, way_out = rule.level, "", "", ""
        match decision:
            case Pass():
                outcome, message = Outcome.PASS, decision.message
            case Fail():
                outcome, message, way_out = Outcome.FAIL, decision.message, decision.way_out
                level = decision.level or rule.level
            case Unknown():
                outcome, reason = Outcome.UNKNOWN, decision.reason
            case NotApplicable():
                outcome, reason = Outcome.NOT_APPLICABLE, decision.reason
        marked = fingerprint(code, subject, self.snippets.at(where))
        return Verdict(
            code, rule.name, level, outcome, Validator.BUNDLE, subject, message, reason, where, way_out,
            fingerprint=marked,
        )  # fmt: skip
