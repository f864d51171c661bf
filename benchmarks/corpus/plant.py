"""Puts violations into public apps by program, and counts how many of them the validator finds.

    python benchmarks/corpus/plant.py CHECKOUTS [--rules CK104,CK107] [--apps 4]

For rules of which the corpus has fewer than five faults. Each violation is put, alone, into the endpoint of several
apps of different shape (copies, removed afterwards); the untouched apps are the negatives.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import reports
from file_plantings import FILE_PLANTINGS
from plantings import PLANTINGS
from settings_plantings import SETTINGS_PLANTINGS
from sites import Site, sites
from widget_plantings import WIDGET_PLANTINGS

_IN_FILES = {
    rule: FILE_PLANTINGS.get(rule, {}) | SETTINGS_PLANTINGS.get(rule, {}) | WIDGET_PLANTINGS.get(rule, {})
    for rule in (*FILE_PLANTINGS, *SETTINGS_PLANTINGS, *WIDGET_PLANTINGS)
}
_KEPT = (".py", ".toml", ".txt", ".cfg", ".ini", ".env", ".example", ".json")
_FRONT = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".html")


@dataclass(frozen=True, slots=True)
class Planted:
    """One violation in one app, and what the validator says of that endpoint."""

    rule: str
    name: str
    site: Site
    verdict: str
    says: str


@dataclass(frozen=True, slots=True)
class App:
    """An untouched app: an endpoint, and what the validator says of the checkout."""

    site: Site
    report: reports.Reported

    def verdicts(self, rule: str) -> list[str]:
        """Those of `rule`."""
        return [judgement.verdict for judgement in self.report.judgements if judgement.rule == rule]


def main() -> int:
    """Answers 0; 2 where no checkout has an endpoint of the common shape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--rules", default=",".join((*PLANTINGS, *_IN_FILES)))
    parser.add_argument("--apps", type=int, default=4, help="how many apps each violation is put into")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        apps = _apps(options.checkouts, Path(scratch))
        for rule in options.rules.split(","):
            sound = [app for app in apps if _is_sound(app, rule)]
            false = sum(app.verdicts(rule).count("fail") for app in apps)
            planted: list[Planted] = []
            for name in (*PLANTINGS.get(rule, ()), *_IN_FILES.get(rule, ())):
                tried = (_plant(rule, name, app, options.checkouts, Path(scratch)) for app in sound)
                planted += islice((each for each in tried if each is not None), options.apps)
            _print(rule, planted)
            print(f"  failures in the {len(apps)} untouched apps: {false}")
    return 0 if apps else 2


def _is_sound(app: App, rule: str) -> bool:
    """Whether a violation put there is the only one, and is one."""
    verdicts = app.verdicts(rule)
    # A read above load_dotenv() does no harm where another load_dotenv() has run before.
    if rule == "CK603":
        # Where nothing demands a token, a widget that sends none does no wrong.
        return set(verdicts) == {"pass"}
    return "fail" not in verdicts and (rule != "CK301" or set(verdicts) == {"not-applicable"})


def _apps(checkouts: Path, scratch: Path) -> list[App]:
    """One endpoint of each owner's apps, so that shapes differ."""
    names = sorted(path.name for path in checkouts.iterdir() if "@" in path.name)
    reports.make(checkouts, names, scratch / "untouched")
    by_owner: dict[str, App] = {}
    for name, report in reports.read(scratch / "untouched").items():
        for site in sites(checkouts, name, report):
            by_owner.setdefault(name.partition("__")[0], App(site, report))
    return list(by_owner.values())


def _plant(rule: str, name: str, app: App, checkouts: Path, scratch: Path) -> Planted | None:
    site = app.site
    written = _written(rule, name, site, checkouts / site.checkout)
    if written is None:
        return None
    copy = scratch / "copy" / site.checkout
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(checkouts / site.checkout, copy, ignore=_others, symlinks=True)
    for path, text in written.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(text, "utf-8")
    reports.make(scratch / "copy", [site.checkout], scratch / "planted")
    report = reports.read(scratch / "planted")[site.checkout]
    said = [judgement for judgement in report.judgements if judgement.rule == rule]
    said.sort(key=lambda judgement: (judgement.verdict != "fail", judgement.path not in written))
    return Planted(rule, name, site, said[0].verdict if said else "nothing", said[0].says if said else report.broken)


def _written(rule: str, name: str, site: Site, checkout: Path) -> dict[str, str] | None:
    """The files that the planting writes; Python must still parse."""
    if name in _IN_FILES.get(rule, {}):
        written = _IN_FILES[rule][name](checkout, site)
    else:
        text = PLANTINGS[rule][name](site)
        written = None if text is None else {site.path: text}
    for path, text in (written or {}).items():
        if path.endswith(".py"):
            ast.parse(text)
    return written


def _others(folder: str, names: list[str]) -> set[str]:
    return {
        name
        for name in names
        if name in ("node_modules", ".git")
        or (not name.endswith((*_KEPT, *_FRONT)) and (Path(folder) / name).is_file())
    }


def _print(rule: str, planted: list[Planted]) -> None:
    found = sum(each.verdict == "fail" for each in planted)
    kinds, apps = len({each.name for each in planted}), len({each.site for each in planted})
    print(f"\n{rule}: {found} of {len(planted)} found; {kinds} violations, {apps} apps")
    for each in planted:
        if each.verdict != "fail":
            print(f"  missed: {each.name} in {each.site.checkout} {each.site.path}: {each.verdict}: {each.says}")


if __name__ == "__main__":
    raise SystemExit(main())
