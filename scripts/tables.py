"""The tables of docs/ that are made from data: what finds each known failure, and how right the validator is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import environment

sys.path.insert(0, str(environment.ROOT / "benchmarks"))

from agreement.explained import explained

if TYPE_CHECKING:
    from collections.abc import Mapping

MODES = Path(__file__).with_name("failure_modes.jsonl")
FIGURES = environment.ROOT / "benchmarks" / "accuracy" / "figures"
_REPORTED = ("by measuring, or in a document", "in one public thread")


def failure_modes(made: str) -> str:
    """Each known way for an integration to fail, and the rule that finds it or why none does.

    Args:
        made: The line that says where the text comes from.
    """
    rows = [json.loads(line) for line in MODES.read_text("utf-8").splitlines()]
    several = [row["failure"] for row in rows if row["reports"] > 1 and not row["rules"]]
    lines = [
        made,
        "# What goes wrong with ChatKit in FastAPI apps, and what finds it",
        "",
        f"{len(rows)} ways in which integrations were seen to fail, where, and the rule that finds each:",
        "by reading, over HTTP or over the store ([rules](rules.md) says how each decides).",
        "",
        f"{sum(row['reports'] > 1 for row in rows)} are reported by more than one public thread; without a rule:",
        "",
        *(f"- {failure}" for failure in several),
        "",
        "| | failure | reported | found by | remarks |",
        "|---|---|---|---|---|",
    ]
    for number, row in enumerate(rows, start=1):
        rules = ", ".join(f"[{code}](rules/{code}.md)" for code in row["rules"]) or "no rule"
        reported = _REPORTED[row["reports"]] if row["reports"] < 2 else f"in {row['reports']} public threads"
        lines.append(f"| {number} | {row['failure']} | {reported} | {rules} | {row['why']} |")
    return "\n".join(lines) + "\n"


def accuracy(made: str) -> str:
    """The figures that the benchmarks recorded.

    Args:
        made: The line that says where the text comes from.
    """
    parts = [made + "\n# How right the validator is", _INTRODUCTION]
    for name, (title, told) in _SECTIONS.items():
        file = FIGURES / f"{name}.json"
        parts.append(f"## {title}\n\n{told}")
        if file.is_file():
            parts.append(_section(json.loads(file.read_text("utf-8"))))
        else:
            parts.append("Not recorded yet.")
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = (
    "Every figure here was written by the command beside it. What each benchmark does and how to run it stands in its "
    "README below `benchmarks/`; `CHECKOUTS` is a folder of public repositories, which are not part of this one."
)
_LISTS = ("survivors", "changed")
_SECTIONS = {
    "corpus": (
        "On public repositories",
        """Verdicts of `check` against what readers decided without it. *Found*: faults that it fails; *false*: places
without fault that it fails; *unjudged*: failures of which readers said nothing.""",
    ),
    "mutation": (
        "On mutants",
        """Right apps with one violation put in, as it stands and rewritten: its rule has to fail, and no other to
change but those that are declared with their reason.""",
    ),
    "metamorphic": ("On rewritten apps", "Apps rewritten without a change of what they do: no verdict may change."),
    "agreement": (
        "Read and run",
        """Mutants that were read by `check` and run under `probe` and `store`: for a rule that both decide, both must
say the same.""",
    ),
    "fuzz": ("On spoilt trees", "No crash, no hang, the same answer whatever the order of files and hashes."),
}


def _section(figures: Mapping[str, Any]) -> str:
    totals = ", ".join(f"{name}: {figure}" for name, figure in figures["totals"].items())
    parts = [f"`{figures['command']}`, {figures['date']}: {totals}."]
    rules: Mapping[str, Mapping[str, int]] = figures.get("rules", {})
    if rules:
        columns = list(next(iter(rules.values())))
        rows = [f"| {rule} | {' | '.join(str(counted[name]) for name in columns)} |" for rule, counted in rules.items()]
        parts.append("\n".join([f"| rule | {' | '.join(columns)} |", f"|---{'|---' * len(columns)}|", *rows]))
    opposite = figures.get("opposite", ())
    if opposite:
        told = [(each, explained(each["mutant"], each["rule"])) for each in opposite]
        open_ = [f"- {each['mutant']}: {each['rule']}: {each['said']}" for each, why in told if not why]
        known = [f"- {each['mutant']}: {each['rule']}: {why}" for each, why in told if why]
        parts.append(f"Opposite and not explained, {len(open_)}:\n\n" + "\n".join(open_))
        parts.append(f"Opposite and explained, {len(known)}:\n\n" + "\n".join(known))
    listed = {name: "\n".join(f"- {told}" for told in figures.get(name, ())) for name in _LISTS}
    parts += [f"{name.capitalize()}:\n\n{told}" for name, told in listed.items() if told]
    return "\n\n".join(parts)
