"""The virtual environment that the other scripts run in, made from nothing but python3 and pip."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)


def python(requirements: str) -> Path:
    """The interpreter of an environment that holds what `requirements/<requirements>.txt` pins.

    Made in `.venv/<requirements>` on the first call and again whenever the pins change. uv does the work; it is
    installed into `.tools` by pip, because a system Python may lack venv and may refuse to be installed into.
    """
    if sys.version_info < OLDEST:
        sys.exit(f"python3 is {sys.version.split()[0]}; {'.'.join(map(str, OLDEST))} or newer is needed")
    pins = ROOT / "requirements" / f"{requirements}.txt"
    folder = ROOT / ".venv" / requirements
    interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "pins.sha256"
    wanted = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return interpreter
    command = uv()
    print(f"setting up {folder.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
    _run([*command, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
    _run([*command, "pip", "install", "--quiet", "--require-hashes", "--python", str(interpreter), "-r", str(pins)])
    stamp.write_text(wanted)
    return interpreter


def variables() -> dict[str, str]:
    """The process's environment variables, with this checkout's package importable."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "validators")}


def uv() -> list[str]:
    """The command that runs the pinned uv, installed on the first call."""
    target = ROOT / ".tools" / "uv"
    if not target.is_dir():
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        pins = str(ROOT / "requirements" / "uv.txt")
        _run([*pip, "install", "--require-hashes", "--target", str(target), "-r", pins])
    return [str(target / "bin" / ("uv.exe" if os.name == "nt" else "uv"))]


def _run(command: list[str]) -> None:
    code = subprocess.run(command, check=False).returncode
    if code:
        sys.exit(f"failed with {code}: {' '.join(command)}")
