from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

PREFIX = ("app/settings.py", 'extra="ignore")', 'extra="ignore", env_prefix="TASKFLOW_")')
FIELD = ("app/settings.py", "    taskflow_chatkit_database_url", "    chatkit_database_url")


@pytest.mark.parametrize(
    ("example", "edits"),
    [
        ("CHATKIT_DATABASE_URL=\n", []),
        ("APP_TASKFLOW_CHATKIT_DATABASE_URL=\n", []),
        ("CHATKIT_DATABASE_URL=\n", [PREFIX, FIELD]),
        ("OPEN_API_KEY=\n", []),
        ("# export CHATKIT_DATABASE_URL=postgresql://db/chat\n", []),
    ],
)
def test_an_example_that_calls_it_otherwise_fails(
    verdicts: Verdicts, example: str, edits: list[tuple[str, str, str]]
) -> None:
    (failure,) = failed(verdicts(app({".env.example": example}, *edits), "CK310"))
    assert failure.where.path == ".env.example"
    assert failure.level is Level.WARNING


@pytest.mark.parametrize(
    ("example", "edits"),
    [
        ("TASKFLOW_CHATKIT_DATABASE_URL=\nOPENAI_API_KEY=\n", []),
        ("TASKFLOW_CHATKIT_DATABASE_URL=\nVITE_URL=\nPORT=\n", [PREFIX, FIELD]),
        ("", []),
    ],
)
def test_one_name_passes(verdicts: Verdicts, example: str, edits: list[tuple[str, str, str]]) -> None:
    files = {".env.example": example} if example else {}
    assert outcomes(verdicts(app(files, *edits), "CK310")) == {Outcome.PASS}


def test_code_that_reads_it_without_the_prefix_of_the_settings_fails(verdicts: Verdicts) -> None:
    tree = app(None, PREFIX, FIELD)
    tree["app/main.py"] = 'import os\nON = bool(os.getenv("CHATKIT_DATABASE_URL"))\n' + tree["app/main.py"]
    assert outcomes(verdicts(tree, "CK310")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "read",
    [
        'ON = "CHATKIT_ROWS_URL" in os.environ',
        'ON = "CHATKIT_ROWS_URL" not in os.environ',
        'NAME = "CHATKIT_ROWS_URL"\nROWS = os.environ.get(NAME)',
        'NAME = "CHATKIT_ROWS_URL"\nROWS = os.environ[NAME]',
    ],
)
def test_a_name_asked_for_in_another_way_is_a_read(verdicts: Verdicts, read: str) -> None:
    tree = app({".env.example": "TASKS_CHATKIT_ROWS_URL=\n"})
    tree["app/main.py"] = f"import os\n{read}\n" + tree["app/main.py"]
    assert outcomes(verdicts(tree, "CK310")) == {Outcome.FAIL}


GROUPS = """
from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Model(BaseModel):
    openai_api_key: str | None = None
    name: str = Field("small", alias="provider_model_name")


class Chat(Model):
    database_url: str | None = None
    model: "Model | None" = None


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_nested_delimiter="__")

    chat: Chat = Field(default_factory=Chat)
    taskflow_chatkit_database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
"""


@pytest.mark.parametrize("name", ["CHAT__OPENAI_API_KEY", "CHAT__MODEL__OPENAI_API_KEY"])
def test_a_group_of_settings_is_read_under_the_group_s_name(verdicts: Verdicts, name: str) -> None:
    tree = app({".env.example": f"{name}=\n", "app/groups.py": GROUPS})
    tree["app/main.py"] = "from app.groups import Settings as Groups\n" + tree["app/main.py"]
    assert outcomes(verdicts(tree, "CK310")) == {Outcome.PASS}


def test_the_group_s_name_stands_before_an_alias_too(verdicts: Verdicts) -> None:
    tree = app({".env.example": "PROVIDER_MODEL_NAME=\n", "app/groups.py": GROUPS})
    tree["app/main.py"] = "from app.groups import Settings as Groups\n" + tree["app/main.py"]
    said = " ".join(failure.message for failure in failed(verdicts(tree, "CK310")))
    assert "`CHAT__PROVIDER_MODEL_NAME`" in said
    assert "`CHAT__MODEL__PROVIDER_MODEL_NAME`" in said


def test_without_a_delimiter_a_group_has_no_variables(verdicts: Verdicts) -> None:
    groups = GROUPS.replace(', env_nested_delimiter="__"', "")
    tree = app({".env.example": "CHAT__OPENAI_API_KEY=\n", "app/groups.py": groups})
    tree["app/main.py"] = "from app.groups import Settings as Groups\n" + tree["app/main.py"]
    assert outcomes(verdicts(tree, "CK310")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "own",
    [
        "class Own(BaseSettings):\n    DATABASE_URL: str = ''\n    database_url_of_tests: str = ''\n",
        'import os\nURL = os.environ["DATABASE_URL"]\n',
    ],
)
def test_the_apps_own_database_beside_that_of_the_chat_passes(verdicts: Verdicts, own: str) -> None:
    tree = app(
        None,
        ("app/settings.py", 'extra="ignore")', 'extra="ignore", env_prefix="TASKFLOW_CHATKIT_")'),
        ("app/settings.py", "    taskflow_chatkit_database_url", "    database_url"),
    )
    tree["app/core.py"] = f"from pydantic_settings import BaseSettings\n\n\n{own}"
    tree["app/main.py"] = "import app.core\n" + tree["app/main.py"]
    assert outcomes(verdicts(tree, "CK310")) == {Outcome.PASS}
