"""Carries out `chatkit-validate install`."""

from __future__ import annotations

import json
import os
import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatkit_validate import __version__
from chatkit_validate.configuration import UsageError
from chatkit_validate.install import carried, plan, settings
from chatkit_validate.install.plan import Action, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SIGNS: Final = {Action.REMOVE: "-", Action.KEEP: "!", Action.CONFLICT: "!"}
_COUNTED: Final = {Action.ADD: "+", Action.UPDATE: "~", Action.NOTHING: "="}
"""Of these, hundreds are usual; the folder and their number say enough."""
_ASIDE: Final = ".before-chatkit-validate"


class Target:
    """A folder to install into.

    Args:
        folder: The `.claude` or `.agents` folder.
        launcher: The shell word that starts the hooks' launcher; empty where no settings are touched.
        skills_only: Whether only the skills go there.
    """

    def __init__(self, folder: Path, launcher: str, *, skills_only: bool = False) -> None:
        self.folder = folder
        self.launcher = launcher
        self.skills_only = skills_only

    @property
    def settings(self) -> Path:
        """The settings that the hooks are merged into."""
        return self.folder / "settings.json"

    def files(self) -> tuple[carried.CarriedFile, ...]:
        """What goes there."""
        return carried.skill_files() if self.skills_only else carried.claude_files()


def targets(project: str | None, *, user: bool, agents: bool) -> list[Target]:
    """Where to install to.

    Args:
        project: The project's folder; None for the current one.
        user: Whether to install for all projects of this user instead.
        agents: Whether the skills go to `.agents/skills` too.

    Raises:
        UsageError: There is no such folder.
    """
    if user:
        home = Path.home()
        configured = os.environ.get("CLAUDE_CONFIG_DIR")
        folder = Path(configured) if configured else home / ".claude"
        launcher = shlex.quote(str(folder / carried.HOOK)) if configured else f'"$HOME"/.claude/{carried.HOOK}'
    else:
        home = Path(project or ".")
        if not home.is_dir():
            raise UsageError(f"there is no folder {home}")
        folder, launcher = home / ".claude", f'"${{CLAUDE_PROJECT_DIR}}"/.claude/{carried.HOOK}'
    found = [Target(folder, launcher)]
    if agents:
        found.append(Target(home / ".agents", "", skills_only=True))
    return found


def install(target: Target, *, dry_run: bool, force: bool) -> Iterator[str]:
    """Installs into `target`; what was done, a line each.

    Raises:
        UsageError: Something of the user's stands in the way; nothing was changed.
    """
    try:
        files = target.files()
    except carried.IncompletePackageError as error:
        raise UsageError(str(error)) from error
    _refuse_links(target, files)
    steps = plan.installation(target.folder, files, plan.read_record(target.folder))
    conflicts = [step.path for step in steps if step.action is Action.CONFLICT]
    if conflicts and not force:
        listed = "\n".join(f"  {target.folder / path}" for path in conflicts[:10])
        raise UsageError(
            f"{len(conflicts)} files are not as chatkit-validate left them, or are not its own:\n{listed}\n"
            f"Move them, or use --force: it keeps them beside the new ones as *{_ASIDE}."
        )
    wanted = _merged(target)
    yield from _lines(target, steps)
    if wanted is not None:
        yield f"~ {target.settings} (hooks)"
    if dry_run:
        return
    for step in steps:
        _carry_out(target.folder, step)
    if wanted is not None:
        _write(target.settings, wanted.encode())
    _remove_empty(target.folder, [step.path for step in steps if step.action is Action.REMOVE])
    record = {file.path: plan.digest(file.content) for file in files}
    text = json.dumps({"version": __version__, "files": record}, indent=2, sort_keys=True) + "\n"
    _write(target.folder / plan.RECORD, text.encode())


def uninstall(target: Target, *, dry_run: bool) -> Iterator[str]:
    """Takes away what was installed into `target`; what was done, a line each. What was changed since stays.

    Raises:
        UsageError: The settings cannot be read.
    """
    recorded = plan.read_record(target.folder)
    if not recorded:
        if not target.skills_only:
            yield f"Nothing is installed in {target.folder}."
        return
    steps = plan.removal(target.folder, recorded)
    old = _text(target.settings) if target.launcher else None
    new = _cleared(target, old)
    yield from _lines(target, steps)
    if old != new:
        yield f"~ {target.settings} (hooks)" if new else f"- {target.settings}"
    if dry_run:
        return
    for step in steps:
        _carry_out(target.folder, step)
    if old != new:
        _write(target.settings, new.encode()) if new else target.settings.unlink()
    (target.folder / plan.RECORD).unlink(missing_ok=True)
    _remove_empty(target.folder, recorded)


def _lines(target: Target, steps: Iterable[Step]) -> Iterator[str]:
    counts: Counter[tuple[str, str]] = Counter()
    for step in steps:
        if step.action in _COUNTED:
            part = "/".join(step.path.split("/")[: 2 if "/" in step.path else 1])
            counts[_COUNTED[step.action], part] += 1
            continue
        note = " (changed since it was installed, so it stays)" if step.action is Action.KEEP else ""
        note = f" (yours is kept as *{_ASIDE})" if step.action is Action.CONFLICT else note
        yield f"{_SIGNS[step.action]} {target.folder / step.path}{note}"
    for (sign, part), number in counts.items():
        yield f"{sign} {target.folder / part}{'' if number == 1 else f' ({number} files)'}"


def _refuse_links(target: Target, files: Iterable[carried.CarriedFile]) -> None:
    """Refuses to write through links: what they lead to may be anybody's, this checkout's own files too."""
    for part in sorted({file.path.split("/")[0] for file in files}):
        if (target.folder / part).is_symlink():
            raise UsageError(f"{target.folder / part} is a link; remove it first, or leave things as they are")


def _merged(target: Target) -> str | None:
    """The settings to write; None where they are right already."""
    if not target.launcher:
        return None
    old = _text(target.settings)
    try:
        new = settings.merged(old, target.launcher, name=str(target.settings))
    except settings.SettingsError as error:
        raise UsageError(str(error)) from error
    return None if old is not None and json.loads(old or "{}") == json.loads(new) else new


def _cleared(target: Target, old: str | None) -> str | None:
    if old is None:
        return None
    try:
        new = settings.cleared(old, name=str(target.settings))
    except settings.SettingsError as error:
        raise UsageError(str(error)) from error
    return old if new is not None and json.loads(old) == json.loads(new) else new


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _carry_out(folder: Path, step: Step) -> None:
    target = folder / step.path
    if step.action is Action.REMOVE:
        target.unlink()
    elif step.action is not Action.NOTHING and step.file is not None:
        if step.action is Action.CONFLICT:
            target.replace(target.with_name(target.name + _ASIDE))
        _write(target, step.file.content, executable=step.file.executable)


def _write(path: Path, content: bytes, *, executable: bool = False) -> None:
    """Writes all of it or nothing: the client may read the folder at any moment."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_bytes(content)
        draft.chmod(0o755 if executable else 0o644)
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error


def _remove_empty(folder: Path, paths: Iterable[str]) -> None:
    parents = {folder / path for path in paths}
    folders = {above for path in parents for above in path.parents if above.is_relative_to(folder)}
    for one in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        cache = one / "__pycache__"
        for file in cache.glob("*.py[co]") if cache.is_dir() else ():
            file.unlink()
        for empty in (cache, one):
            if empty.is_dir() and not any(empty.iterdir()):
                empty.rmdir()
