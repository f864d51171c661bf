"""The scripted model under the app under test: what makes slow answers, tool calls and failures happen on demand."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.scripted_model import Recorded, ScriptedModel

API_KEY = "sk-scripted"


class ModelStub:
    """A scripted model that listens while this is entered.

    Args:
        port: Where; 0 picks a free one.
    """

    def __init__(self, port: int = 0) -> None:
        self._model = _scripted_model()(port=port)

    @property
    def url(self) -> str:
        """What the app under test must have as `OPENAI_BASE_URL`."""
        return self._model.url

    @property
    def environment(self) -> dict[str, str]:
        """Variables that put this model under an app that lets the OpenAI client read its environment."""
        return {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": API_KEY, "OPENAI_AGENTS_DISABLE_TRACING": "1"}

    def asked(self, text: str) -> tuple[Recorded, ...]:
        """The requests that reached the model and contain `text`, oldest first."""
        return tuple(request for request in self._model.requests if text in request.text)

    @property
    def requests(self) -> tuple[Recorded, ...]:
        """All requests that reached the model, oldest first."""
        return self._model.requests

    async def wait_until(self, ready: Callable[[tuple[Recorded, ...]], bool], seconds: float) -> bool:
        """Waits until `ready(requests)` holds; answers whether it came to hold within `seconds`."""
        try:
            await asyncio.to_thread(self._model.wait_until, ready, timeout=seconds)
        except TimeoutError:
            return False
        return True

    def release(self) -> None:
        """Lets answers go on that a script holds."""
        self._model.release()

    def __enter__(self) -> Self:
        self._model.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._model.stop()


def _scripted_model() -> type[ScriptedModel]:
    package = Path(__file__).resolve().parents[1]
    # In the wheel it lies inside the package, in the repository beside the reference app.
    places = (package / "shipped", package.parents[1] / "fixtures")
    folder = next((place for place in places if (place / "services" / "scripted_model").is_dir()), None)
    if folder is None:
        raise FileNotFoundError(f"the scripted model is in neither of {', '.join(map(str, places))}")
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    from services.scripted_model import ScriptedModel

    return ScriptedModel
