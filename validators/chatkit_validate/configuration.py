"""What a run is asked to do: command line and `[tool.chatkit-validate]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatkit_validate.record import dataclass, field, names, replace
from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Level
from chatkit_validate.source import Problem, ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TABLE = "chatkit-validate"
_LARGEST = 1_000_000  # bytes; a pyproject.toml beyond this is no one's configuration


class UsageError(Exception):
    """The command line or the configuration asks for something that does not exist; the text names it."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Which rules run, on what, and what counts as failure.

    Attributes:
        select: Codes or code prefixes to run; empty for all.
        ignore: Codes or code prefixes not to run, each with the reason given for it (may be empty).
        level: The lowest level that counts as failure; advice never counts.
        strict: Whether unknown verdicts and unused suppressions count as failure too.
        exclude: Patterns of paths that are not read, in the syntax of `.gitignore`, relative to the checked tree.
        probe: The table `probe`, read by that command.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[tuple[str, str], ...] = ()
    level: Level = Level.WARNING
    strict: bool = False
    exclude: tuple[str, ...] = ()
    probe: dict[str, Any] = field(default_factory=dict)

    def codes(self) -> tuple[str, ...]:
        """The codes of the rules to run, in order."""
        ignored = tuple(code for code, _ in self.ignore)
        return tuple(
            code
            for code in registry.codes()
            if (not self.select or code.startswith(self.select)) and not code.startswith(ignored or ("\0",))
        )

    def counts(self, level: Level) -> bool:
        """Whether a failure at `level` fails the run."""
        return level is Level.ERROR or (level is Level.WARNING and self.level is Level.WARNING)


def check_codes(codes: Iterable[str], *, source: str) -> tuple[str, ...]:
    """The codes in upper case.

    Args:
        codes: Codes (`CK105`) or prefixes (`CK1`).
        source: What named them, for the message.

    Raises:
        UsageError: One of them is the beginning of no rule's code.
    """
    known = registry.codes()
    answer = []
    for code in codes:
        upper = code.strip().upper()
        if not upper or not any(rule.startswith(upper) for rule in known):
            raise UsageError(f"{source}: there is no rule {code!r}{_suggestion(upper, known)}")
        answer.append(upper)
    return tuple(answer)


def load(root: Path) -> tuple[Configuration, tuple[Problem, ...]]:
    """The configuration that governs `root`: the nearest pyproject.toml at or above it that has our table.

    Returns:
        The configuration (defaults where there is none), and a problem for each pyproject.toml that could not be read.

    Raises:
        UsageError: The table has an unknown key, an unknown code or a value of the wrong type.
    """
    problems = []
    for folder in (root, *root.resolve().parents):
        try:
            table = _table(folder / "pyproject.toml")
        except (ValueError, RecursionError, OSError) as error:
            if folder == root:  # a foreign file further up is none of this run's business
                reason = f"{folder.name or '.'}/pyproject.toml is not valid TOML ({error}); its settings are not used"
                problems.append(Problem("pyproject.toml", 0, ProblemKind.CONFIGURATION, reason))
            table = None
        if table is not None:
            return _parse(table), tuple(problems)
        if (folder / ".git").exists():
            break
    return Configuration(), tuple(problems)


def _table(path: Path) -> dict[str, Any] | None:
    if not path.is_file() or path.stat().st_size > _LARGEST:
        return None
    data = path.read_bytes()
    if TABLE.encode() not in data:  # most files have none of our settings: spare them the TOML parser
        return None
    import tomllib

    table = tomllib.loads(data.decode("utf-8")).get("tool", {}).get(TABLE)
    if table is not None and not isinstance(table, dict):
        raise UsageError(f"[tool.{TABLE}] in {path.name} is no table")
    return table


def _parse(table: dict[str, Any]) -> Configuration:
    known = names(Configuration)
    for key in table:
        if key not in known:
            raise UsageError(f"[tool.{TABLE}]: there is no setting {key!r}{_suggestion(key, known)}")
    configuration = Configuration()
    if "select" in table:
        codes = check_codes(_strings(table, "select"), source=f"[tool.{TABLE}] select")
        configuration = replace(configuration, select=codes)
    if "ignore" in table:
        configuration = replace(configuration, ignore=_ignored(table["ignore"]))
    if "level" in table:
        configuration = replace(configuration, level=parse_level(table["level"], source=f"[tool.{TABLE}] level"))
    if "strict" in table:
        if not isinstance(table["strict"], bool):
            raise UsageError(f"[tool.{TABLE}] strict: true or false is wanted, not {table['strict']!r}")
        configuration = replace(configuration, strict=table["strict"])
    if "exclude" in table:
        configuration = replace(configuration, exclude=_strings(table, "exclude"))
    if "probe" in table:
        configuration = replace(configuration, probe=_subtable(table, "probe"))
    return configuration


def parse_level(text: object, *, source: str) -> Level:
    """The level that `text` names.

    Raises:
        UsageError: It names none that can fail a run.
    """
    if text in {Level.ERROR, Level.WARNING}:
        return Level(str(text))
    raise UsageError(f"{source}: error or warning is wanted, not {text!r}")


def _ignored(value: object) -> tuple[tuple[str, str], ...]:
    source = f"[tool.{TABLE}] ignore"
    if isinstance(value, dict):
        reasons = {str(code): str(reason) for code, reason in value.items()}
    elif isinstance(value, list) and all(isinstance(code, str) for code in value):
        reasons = dict.fromkeys(value, "")
    else:
        raise UsageError(f'{source}: a list of codes or a table of code = "reason" is wanted, not {value!r}')
    return tuple(zip(check_codes(reasons, source=source), reasons.values(), strict=True))


def _strings(table: dict[str, Any], key: str) -> tuple[str, ...]:
    value = table[key]
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise UsageError(f"[tool.{TABLE}] {key}: a list of strings is wanted, not {value!r}")
    return tuple(value)


def _subtable(table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table[key]
    if not isinstance(value, dict):
        raise UsageError(f"[tool.{TABLE}] {key}: a table is wanted, not {value!r}")
    return value


def _suggestion(word: str, known: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(known)}"
