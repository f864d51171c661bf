"""The formats a report can be written in; each is loaded when it is asked for."""

from __future__ import annotations

TYPE_CHECKING = False  # every command imports this first
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

    from chatkit_validate.report.report import Report

FOR_PROGRAMS: Final = ("json", "sarif", "github", "junit")
"""What programs read: SARIF 2.1.0, workflow commands of GitHub Actions, JUnit's XML, and our own JSON."""
FORMATS: Final = ("text", *FOR_PROGRAMS)


def render(report: Report, name: str, root: Path) -> str:
    """`report` as text in the format `name`, one of `FOR_PROGRAMS`.

    Args:
        report: What was found.
        name: The format.
        root: The folder that the report's paths are relative to. SARIF, annotations and JUnit name files from the
            repository's top instead, as the sites that show them do.
    """
    from importlib import import_module

    module = import_module(f"{__package__}.{name}_report")
    if name == "json":
        return str(module.render(report))
    return str(module.render(report, prefix=prefix(root)))


def prefix(root: Path) -> str:
    """What to put before a path relative to `root` so that it is relative to the repository that holds `root`.

    Ends with a slash, or is empty: at the repository's top, and outside of any.
    """
    folder = root.resolve()
    for top in (folder, *folder.parents):
        if (top / ".git").exists():
            below = folder.relative_to(top).as_posix()
            return "" if below == "." else f"{below}/"
    return ""
