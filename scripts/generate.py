"""Writes what is made from the rule files: pages, table, the report's JSON Schema. With --check only compares."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import environment
import tables

sys.path.insert(0, str(environment.ROOT / "validators"))

from chatkit_validate.report import json_report
from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Level, Outcome, Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.rules.registry import LoadedRule
    from chatkit_validate.rules.rule import Rule

MADE = "<!-- made by scripts/generate.py from the rule's file: change that instead -->\n"
SCHEMA = "validators/chatkit_validate/report/report.schema.json"


def main() -> int:
    """Writes, or with --check names, every made file that differs; answers 1 if --check named one."""
    made = dict(files())
    folder = environment.ROOT / "docs" / "rules"
    stale = {str(path.relative_to(environment.ROOT)) for path in folder.glob("*.md")} - made.keys()
    different = [path for path, text in made.items() if _read(path) != text]
    if "--check" in sys.argv:
        for path in (*different, *stale):
            print(f"{path} is not what scripts/generate.py makes: run it")
        return int(bool(different or stale))
    for path in different:
        target = environment.ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(made[path], "utf-8")
    for path in stale:
        (environment.ROOT / path).unlink()
    return 0


def files() -> Iterator[tuple[str, str]]:
    """Path and text of every made file."""
    loaded = registry.load()
    for one in loaded:
        yield f"docs/rules/{one.rule.code}.md", page(one.rule)
    yield "docs/rules.md", table(loaded)
    yield "docs/failure-modes.md", tables.failure_modes(_made_from("scripts/failure_modes.jsonl"))
    yield "docs/accuracy.md", tables.accuracy(_made_from("benchmarks/accuracy/figures"))
    yield SCHEMA, json.dumps(schema([one.rule for one in loaded]), indent=2) + "\n"


def _made_from(data: str) -> str:
    return f"<!-- made by scripts/generate.py from {data}: change that instead -->\n"


def page(rule: Rule) -> str:
    """A rule's page."""
    parts = [
        f"{MADE}\n# {rule.code} {rule.name}",
        f"Level {rule.level.value} · decided by {_by(rule)} · subject: {rule.subject} · skill: `{rule.skill}`",
        rule.what,
        f"## Why\n\n{rule.why}",
        f"## Instead\n\n{rule.instead}",
    ]
    if Validator.STATIC in rule.by:
        parts.append(f"## Fix\n\n{_fix(rule)}")
    if rule.shown:
        parts.append(
            f"## Fails\n\n`{rule.shown.path}`:\n\n```{_language(rule.shown.path)}\n{rule.shown.bad.strip()}\n```"
        )
        parts.append(f"## Passes\n\n```{_language(rule.shown.path)}\n{rule.shown.good.strip()}\n```")
    acceptable = rule.acceptable or "Never, that we know of."
    parts.append(f"## When it is acceptable\n\n{acceptable}")
    if Validator.STATIC in rule.by:
        parts.append(f"Say so where it stands, with the reason: `# chatkit: ignore[{rule.code}] the reason`.")
    if rule.sources:
        parts.append("## Sources\n\n" + "\n".join(f"- {source}" for source in rule.sources))
    return "\n\n".join(parts) + "\n"


def _fix(rule: Rule) -> str:
    safety, _, told = rule.fix.partition(": ")
    return f"Fix: {safety}. {told[0].upper()}{told[1:]}" if told else "Fix: none."


def _language(path: str) -> str:
    return {"py": "python", "md": "markdown"}.get(path.rpartition(".")[2], path.rpartition(".")[2])


def table(loaded: tuple[LoadedRule, ...]) -> str:
    """The table of all rules."""
    rows = "\n".join(
        f"| [{rule.code}](rules/{rule.code}.md) | {rule.name} | {rule.level.value} | "
        f"{_by(rule)} | {rule.subject} | {rule.skill} | {rule.fix.partition(':')[0]} |"
        for rule in (one.rule for one in loaded)
    )
    head = "| code | name | level | decided by | subject | skill | fix |\n|---|---|---|---|---|---|---|"
    return f"{MADE}\n# Rules\n\n{head}\n{rows}\n"


def _by(rule: Rule) -> str:
    return ", ".join(by.value for by in rule.by)


def schema(rules: list[Rule]) -> dict[str, Any]:
    """The JSON Schema of `--format json`."""
    integration = _object(
        {
            "root": _TEXT,
            "endpoints": _array(_object({"path": _TEXT, "line": _COUNT, "route": _TEXT})),
            "verdicts": _VERDICTS,
            "suppressed": _array(
                _object({"verdict": {"$ref": "#/$defs/verdict"}, "reason": _TEXT, "path": _TEXT, "line": _COUNT})
            ),
            "baselined": _VERDICTS,
        }
    )
    diagnostic = {"kind": _TEXT, "path": _TEXT, "line": _COUNT, "message": _TEXT, "incomplete": {"type": "boolean"}}
    counted = (
        "files",
        "analysed",
        "integrations",
        "targets",
        *(o.value for o in Outcome),
        *(e.value for e in Level),
        "suppressed",
        "baselined",
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Report of chatkit-validate",
        **_object(
            {
                "schema_version": {"const": json_report.SCHEMA_VERSION},
                "tool": _object({"name": {"const": "chatkit-validate"}, "version": _TEXT}),
                "complete": {"type": "boolean"},
                "integrations": _array(integration),
                "targets": _array(_target(rules)),
                "diagnostics": _array(_object(diagnostic)),
                "notes": _array(_TEXT),
                "summary": _object(dict.fromkeys(counted, _COUNT)),
                "table": _array(_row()),
            },
            optional=("table",),
        ),
        "$defs": {"verdict": _verdict(rules), "note": _object({**_PLACE, "message": _TEXT})},
    }


def _target(rules: list[Rule]) -> dict[str, Any]:
    check = {
        "id": _TEXT,
        "code": {"enum": [rule.code for rule in rules]},
        "subject": _TEXT,
        "verdict": {"enum": [outcome.value for outcome in Outcome]},
        **dict.fromkeys(("expected", "got", "way_out"), _TEXT),
        **dict.fromkeys(("transcript", "reproducer"), _array(_TEXT)),
    }
    return _object(
        {
            "kind": {"enum": ["endpoint", "store", "bundle"]},
            "name": _TEXT,
            "verdicts": _VERDICTS,
            "checks": _array(_object(check)),
            "notes": _array(_TEXT),
        }
    )


def _row() -> dict[str, Any]:
    answer = {"enum": [*(outcome.value for outcome in Outcome), None]}
    return _object({"code": _TEXT, "name": _TEXT, "check": answer, "probe": answer, "store": answer})


def _verdict(rules: list[Rule]) -> dict[str, Any]:
    edit = _object({"path": _TEXT, "start": _COUNT, "end": _COUNT, "text": _TEXT})
    return _object(
        {
            "code": {"enum": [rule.code for rule in rules]},
            "name": {"enum": [rule.name for rule in rules]},
            "level": {"enum": [level.value for level in Level]},
            "verdict": {"enum": [outcome.value for outcome in Outcome]},
            "by": {"enum": [by.value for by in Validator]},
            "subject": _object({"kind": _TEXT, "name": _TEXT, "path": _TEXT, "line": _COUNT}),
            "message": _TEXT,
            "reason": _TEXT,
            **_PLACE,
            "evidence": _array({"$ref": "#/$defs/note"}),
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "way_out": _TEXT,
            "fix": _object({"safety": {"enum": ["safe", "unsafe"]}, "edits": _array(edit)}),
        },
        optional=("way_out", "fix"),
    )


_TEXT: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_VERDICTS: dict[str, Any] = {"type": "array", "items": {"$ref": "#/$defs/verdict"}}
_PLACE = {"path": _TEXT, "line": _COUNT, "column": _COUNT, "end_line": _COUNT, "end_column": _COUNT}


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
        "properties": properties,
    }


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _read(path: str) -> str | None:
    file = environment.ROOT / path
    return file.read_text("utf-8") if file.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
