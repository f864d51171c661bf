"""How a command ends: its report in the formats that were asked for, and the exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from chatkit_validate.configuration import UsageError, parse_level
from chatkit_validate.record import replace
from chatkit_validate.report.exit_code import ExitCode, exit_code

if TYPE_CHECKING:
    import argparse

    from chatkit_validate.configuration import Configuration
    from chatkit_validate.report.report import Report


def tell(
    report: Report, root: Path, configuration: Configuration, options: argparse.Namespace, *, rows: bool = False
) -> ExitCode:
    """Writes `report` as `options` want it and answers the exit code.

    Args:
        report: What was found.
        root: The folder that its paths are relative to.
        configuration: What counts as failure; `--level` and `--strict` come before it.
        options: The command line: format, output, also, all, color, and where the command has them transcripts.
        rows: Whether the table of `all`, rules by validators, belongs to it (text and JSON).

    Raises:
        UsageError: A file cannot be written, or `--also` names no format.
    """
    also = [_split(text) for text in options.also]
    write(_rendered(report, root, options.format, options, rows=rows), options.output)
    for name, file in also:
        write(_rendered(report, root, name, options, rows=rows), file)
    return exit_code(report, configured(configuration, options))


def configured(configuration: Configuration, options: argparse.Namespace) -> Configuration:
    """`configuration` with what `--level` and `--strict` say.

    Raises:
        UsageError: There is no such level.
    """
    if options.level:
        configuration = replace(configuration, level=parse_level(options.level, source="--level"))
    return replace(configuration, strict=True) if options.strict else configuration


def _split(text: str) -> tuple[str, str]:
    from chatkit_validate.report.formats import FORMATS

    name, _, file = text.partition("=")
    if name not in FORMATS or not file:
        raise UsageError(f"--also: FORMAT=FILE is wanted, the format one of {', '.join(FORMATS)}; not {text!r}")
    return name, file


def _rendered(report: Report, root: Path, name: str, options: argparse.Namespace, *, rows: bool) -> str:
    if name == "json" and rows:
        from chatkit_validate import every
        from chatkit_validate.report import json_report

        return json_report.render(report, every.as_data(report))
    if name != "text":
        from chatkit_validate.report.formats import render

        return render(report, name, root)
    from chatkit_validate.report import text
    from chatkit_validate.report.snippet import Snippets
    from chatkit_validate.report.style import style_for

    style = style_for(sys.stdout, root, when="never" if options.output or options.format != name else options.color)
    shown = getattr(options, "transcripts", False)
    rendered = text.render(report, Snippets(root), style=style, table=options.all, transcripts=shown)
    if rows:
        from chatkit_validate import every

        rendered += f"\n{every.table(report, style)}"
    return rendered


def write(text: str, output: str | None) -> None:
    """Writes `text` to the file `output`, or to standard output.

    Raises:
        UsageError: The file cannot be written.
    """
    if output is not None:
        try:
            Path(output).write_text(text, "utf-8")
        except OSError as error:
            raise UsageError(f"{output} cannot be written: {error.strerror}") from error
        return
    write_bytes(text.encode("utf-8", "backslashreplace"))


def write_bytes(data: bytes) -> None:
    """Writes `data` to standard output."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
