"""The validator's JSON reports on checkouts: made, kept, read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

VALIDATORS = Path(__file__).resolve().parents[2] / "validators"

PATIENCE = 120
"""Seconds for one checkout."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the validator says of one subject: its verdicts on it under one rule, folded into one.

    Attributes:
        checkout: Folder name.
        root: The integration's folder; empty for the checkout itself.
        rule: Its code.
        kind: The subject's.
        path: The subject's.
        line: The subject's.
        name: The subject's.
        verdict: fail if any fails, else unknown if any is, else pass if any passes, else not-applicable.
        places: Where the verdicts of that outcome stand, and their evidence.
        says: Their messages or reasons.
    """

    checkout: str
    root: str
    rule: str
    kind: str
    path: str
    line: int
    name: str
    verdict: str
    places: tuple[tuple[str, int], ...]
    says: str


@dataclass(frozen=True, slots=True)
class Reported:
    """One checkout's report.

    Attributes:
        checkout: Folder name.
        endpoints: Path and line of each.
        integrations: How many there are.
        complete: Whether everything relevant could be analysed.
        judgements: One for each rule and subject.
        broken: What was printed in place of a report; empty where there is one.
    """

    checkout: str
    endpoints: tuple[tuple[str, int], ...]
    integrations: int
    complete: bool
    judgements: tuple[Judgement, ...]
    broken: str = ""


def make(corpus: Path, checkouts: Iterable[str], kept: Path, validators: Path = VALIDATORS) -> None:
    """Runs `check` on each checkout of `corpus` and keeps the reports in the folder `kept`, one file each."""
    kept.mkdir(parents=True, exist_ok=True)
    for checkout in checkouts:
        environment = {**os.environ, "PYTHONPATH": str(validators)}
        command = [sys.executable, "-m", "chatkit_validate", "check", "--format", "json", str(corpus / checkout)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, env=environment, timeout=PATIENCE, check=False
            )
            text = done.stdout if done.stdout.startswith("{") else json.dumps({"broken": done.stderr or "no output"})
        except subprocess.TimeoutExpired:
            text = json.dumps({"broken": f"no answer within {PATIENCE} s"})
        (kept / f"{checkout}.json").write_text(text, "utf-8")


def read(kept: Path) -> dict[str, Reported]:
    """The reports in `kept`, by checkout."""
    return {
        file.name.removesuffix(".json"): _reported(file.name.removesuffix(".json"), json.loads(file.read_text("utf-8")))
        for file in sorted(kept.glob("*.json"))
    }


@contextmanager
def revision(name: str) -> Iterator[Path]:
    """The `validators` folder of another revision of this repository, for as long as the context lasts."""
    repository = VALIDATORS.parent
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "-C", repository, "archive", "--format=tar", name, "validators"], check=True, capture_output=True
        )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        yield Path(folder) / "validators"


def _reported(checkout: str, data: dict[str, Any]) -> Reported:
    if "broken" in data:
        return Reported(checkout, (), 0, complete=False, judgements=(), broken=data["broken"])
    integrations = data["integrations"]
    return Reported(
        checkout,
        tuple((item["path"], item["line"]) for each in integrations for item in each["endpoints"]),
        len(integrations),
        data["complete"],
        tuple(judgement for each in integrations for judgement in _judgements(checkout, each)),
    )


_GRAVEST_FIRST = ("fail", "unknown", "pass", "not-applicable")


def _judgements(checkout: str, integration: dict[str, Any]) -> Iterator[Judgement]:
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for number, verdict in enumerate(integration["verdicts"]):
        subject = verdict["subject"]
        # A file is the subject of each place in it, so each of its verdicts is one for itself.
        alone = number if subject["kind"] == "file" else -1
        key = (verdict["code"], subject["kind"], subject["path"], subject["line"], subject["name"], alone)
        groups.setdefault(key, []).append(verdict)
    for (code, kind, path, line, name, _), verdicts in groups.items():
        outcome = min((verdict["verdict"] for verdict in verdicts), key=_GRAVEST_FIRST.index)
        deciding = [verdict for verdict in verdicts if verdict["verdict"] == outcome]
        places = [(verdict["path"], verdict["line"]) for verdict in deciding]
        places += [(note["path"], note["line"]) for verdict in deciding for note in verdict["evidence"]]
        says = " | ".join(dict.fromkeys(verdict["message"] or verdict["reason"] for verdict in deciding))
        root = integration["root"].strip("./")
        yield Judgement(checkout, root, code, kind, path, line, name, outcome, tuple(places), says)
