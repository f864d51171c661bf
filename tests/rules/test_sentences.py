from __future__ import annotations

import pytest

from chatkit_validate.rules.verdict import sentence


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nothing reads a token", "Nothing reads a token"),
        ("`load_dotenv()` runs late", "`load_dotenv()` runs late"),
        ("_latest() gives None", "`_latest()` gives None"),
        ("Store.load_thread raises nothing", "`Store.load_thread` raises nothing"),
        ("app/pyproject.toml requires it", "`app/pyproject.toml` requires it"),
        ("Settings reads `.env`", "Settings reads `.env`"),
        ("", ""),
    ],
)
def test_every_message_begins_like_a_sentence(text: str, told: str) -> None:
    assert sentence(text) == told
