"""The app under test in a process of its own, on a free loopback port."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chatkit_validate.live.app_log import AppLog

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Mapping
    from typing import IO

_CHILD = Path(__file__).with_name("serving_child.py")
_START_SECONDS = 60.0
_STOP_SECONDS = 8.0
_MOST_LOG = 4  # lines of the app's log in an error message


class AppStartError(Exception):
    """The app could not be served; the text says why and ends with its log."""


@dataclass(frozen=True, slots=True)
class Served:
    """Where an app answers.

    Attributes:
        url: The endpoint.
        cold: The same endpoint of the app without its lifespan; None where it could not be had.
        log: What the app prints and logs.
        folder: Where its code is.
    """

    url: str
    cold: str | None
    log: AppLog = field(repr=False, compare=False)
    folder: Path


@dataclass(frozen=True, slots=True)
class AppServer:
    """How to serve an app.

    Attributes:
        app: `module:attribute`.
        folder: Where it is imported from; its working directory.
        python: The interpreter that has the app's packages.
        path: The route of the ChatKit endpoint.
        factory: Whether the attribute makes the app when called.
        environment: Variables beside those of this process.
    """

    app: str
    folder: Path
    python: str
    path: str = "/chatkit"
    factory: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Served]:
        """Serves the app; yields where. The process is gone afterwards.

        Raises:
            AppStartError: It cannot be imported, or did not start.
        """
        reader, writer = os.pipe()
        with tempfile.TemporaryFile() as log:
            process = await self._start(writer, log)
            os.close(writer)
            try:
                said = AppLog(log)
                ports = await _announced(reader, self.app, said)
                cold = self._url(ports["cold"]) if "cold" in ports else None
                yield Served(self._url(ports["port"]), cold, said, self.folder)
            finally:
                os.close(reader)
                await _stop(process)

    def _url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}{self.path}"

    async def _start(self, pipe: int, log: IO[bytes]) -> Process:
        command = [self.python, str(_CHILD), self.app, "--pipe", str(pipe)]
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                *(["--factory"] if self.factory else []),
                cwd=self.folder,
                # Unbuffered: what the app prints is looked at while it runs.
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
                stdin=PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(pipe,),
                start_new_session=True,  # Ctrl-C is for the probe, which then stops the app itself
            )
        except OSError as error:
            os.close(pipe)
            raise AppStartError(f"{self.python} cannot be run in {self.folder}: {error.strerror}") from error


async def _announced(reader: int, app: str, log: AppLog) -> dict[str, int]:
    loop = asyncio.get_running_loop()
    with suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS):
            stream = asyncio.StreamReader()
            await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(os.dup(reader), "rb"))
            line = await stream.readline()
            news = json.loads(line) if line else {"error": f"{app} ended before it served anything"}
            if "port" in news:
                return {name: int(port) for name, port in news.items()}
            raise AppStartError(f"{news['error']}{_tail(log)}")
    raise AppStartError(f"{app} did not start within {_START_SECONDS:g} s{_tail(log)}")


def _tail(log: AppLog) -> str:
    return "".join(f"\n  {line}" for line in log.last(_MOST_LOG))


async def _stop(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
