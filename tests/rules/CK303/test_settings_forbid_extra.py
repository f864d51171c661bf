from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

HEAD = "from pydantic_settings import BaseSettings, SettingsConfigDict\n"
FIELDS = (
    '    taskflow_chatkit_database_url: str | None = None\n    mcp_server_url: str = "http://localhost:8001/mcp"\n'
    '    jwt_public_key: str\n    jwt_audience: str = "chat"\n\n\nsettings = Settings()\n'
)


def settings(configuration: str, head: str = HEAD) -> dict[str, str]:
    return app({"app/settings.py": f"{head}\n\nclass Settings(BaseSettings):\n    {configuration}\n{FIELDS}"})


@pytest.mark.parametrize(
    "configuration",
    [
        'model_config = SettingsConfigDict(env_file=".env")',
        'model_config = SettingsConfigDict(env_file=(".env", ".env.local"), env_prefix="X_")',
        'model_config = {"env_file": ".env"}',
        'model_config = SettingsConfigDict(env_file=".env", extra="forbid")',
        'model_config = dict(env_file=".env")',
        'class Config:\n        env_file = ".env"',
        'class Config:\n        env_file = ".env"\n        extra = "forbid"',
        'model_config = SettingsConfigDict(env_file=__file__ + "/../.env")',
    ],
)
def test_a_file_without_ignore_fails(verdicts: Verdicts, configuration: str) -> None:
    (failure,) = failed(verdicts(settings(configuration), "CK303"))
    assert failure.subject.name == "Settings"


@pytest.mark.parametrize(
    "configuration",
    [
        'model_config = SettingsConfigDict(env_file=".env", extra="ignore")',
        'model_config = SettingsConfigDict(env_file=".env", extra="allow")',
        'model_config = SettingsConfigDict(**{"env_file": ".env", "extra": "ignore"})',
        'class Config:\n        env_file = ".env"\n        extra = "ignore"',
        'model_config = {"env_file": ".env"} | {"extra": "ignore"}',
    ],
)
def test_ignore_passes(verdicts: Verdicts, configuration: str) -> None:
    assert outcomes(verdicts(settings(configuration), "CK303")) == {Outcome.PASS}


@pytest.mark.parametrize(
    "configuration",
    ['model_config = SettingsConfigDict(env_prefix="X_")', "model_config = SettingsConfigDict(env_file=None)", "pass"],
)
def test_without_a_file_it_does_not_apply(verdicts: Verdicts, configuration: str) -> None:
    assert outcomes(verdicts(settings(configuration), "CK303")) == {Outcome.NOT_APPLICABLE}


def test_the_file_may_be_named_where_the_object_is_made(verdicts: Verdicts) -> None:
    tree = settings("pass")
    tree["app/settings.py"] = tree["app/settings.py"].replace("Settings()", 'Settings(_env_file=".env")')
    assert outcomes(verdicts(tree, "CK303")) == {Outcome.FAIL}


def test_a_base_class_of_another_module_may_say_it(verdicts: Verdicts) -> None:
    tree = settings('model_config = SettingsConfigDict(env_file=".env")', "from app.base import *\n")
    tree["app/base.py"] = f'{HEAD}\n\nclass Own(BaseSettings):\n    model_config = SettingsConfigDict(extra="ignore")\n'
    tree["app/settings.py"] = tree["app/settings.py"].replace("(BaseSettings)", "(Own)")
    assert outcomes(verdicts(tree, "CK303")) == {Outcome.PASS, Outcome.NOT_APPLICABLE}


def test_keywords_of_the_class_count(verdicts: Verdicts) -> None:
    tree = settings("pass")
    tree["app/settings.py"] = tree["app/settings.py"].replace("(BaseSettings)", '(BaseSettings, env_file=".env")')
    assert outcomes(verdicts(tree, "CK303")) == {Outcome.FAIL}


def test_a_computed_configuration_is_unknown(verdicts: Verdicts) -> None:
    head = f"{HEAD}import json\n"
    tree = settings('model_config = json.loads(open("x").read())', head)
    assert outcomes(verdicts(tree, "CK303")) == {Outcome.UNKNOWN}


def test_a_class_that_the_application_does_not_import_is_no_subject(verdicts: Verdicts) -> None:
    other = f'{HEAD}\n\nclass Other(BaseSettings):\n    model_config = SettingsConfigDict(env_file=".env")\n'
    names = {verdict.subject.name for verdict in verdicts(app({"scripts/other.py": other}), "CK303")}
    assert names == {"Settings"}


def test_a_project_class_called_base_settings_is_another(verdicts: Verdicts) -> None:
    own = "class BaseSettings:\n    pass\n\n\ndef SettingsConfigDict(**kw):\n    return kw\n"
    tree = settings('model_config = SettingsConfigDict(env_file=".env")', "from app.base import *\n")
    tree["app/base.py"] = own
    assert not verdicts(tree, "CK303")
