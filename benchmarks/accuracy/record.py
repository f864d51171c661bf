"""Keeping the figures that a command measured, with its day and how it was called."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent / "figures"


def record(target: Path, figures: Mapping[str, Any]) -> None:
    """Writes `figures` to `target` as JSON, with the date and the command that measured them."""
    name = Path(sys.argv[0]).parent.name if Path(sys.argv[0]).name == "__main__.py" else ""
    # Folders of this machine are named by what they are.
    words = [
        word if "/" not in word or not Path(word).is_absolute() else Path(word).name.upper() for word in sys.argv[1:]
    ]
    told = [word for word in words if word != "--json" and not word.lower().endswith(".json")]
    data = {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "command": " ".join(
            [f"python -m {name}" if name else f"python benchmarks/corpus/{Path(sys.argv[0]).name}", *told]
        ),
        **figures,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(data, indent=2) + "\n", "utf-8")
