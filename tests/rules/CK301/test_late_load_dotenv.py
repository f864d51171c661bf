from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

LOAD = "from dotenv import load_dotenv\n\nload_dotenv()\n"
FIRST = "import logging\n"


def late(early: str, **files: str) -> dict[str, str]:
    """The minimal app with `early` standing above its `load_dotenv()`."""
    return app(files, ("app/main.py", FIRST, f"{early}\n{FIRST}"))


@pytest.mark.parametrize(
    "reads",
    [
        'import os\nURL = os.getenv("MCP_URL")',
        'import os as system\nURL = system.environ["MCP_URL"]',
        'from os import environ\nURL = environ.get("MCP_URL", "x")',
        'from os import getenv as env\nclass Config:\n    url = env("MCP_URL")',
        'import os\ndef read(url=os.getenv("MCP_URL")):\n    return url',
        'import os\ndef read():\n    return os.getenv("MCP_URL")\nURL = read()',
        'import os\nclass Config:\n    def __init__(self):\n        self.url = os.getenv("MCP_URL")\nCONFIG = Config()',
        'import os\nENABLED = "MCP_URL" in os.environ',
        'import os\nif os.environ.get("MCP_URL"):\n    URL = 1',
        'import os\ntry:\n    URL = [os.environ["MCP_URL"]]\nexcept KeyError:\n    URL = []',
        "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    mcp_url: str\nSETTINGS = S()",
        "from pydantic_settings import BaseSettings\nclass S(BaseSettings, env_prefix='MCP_'):\n    url: str = ''\nS()",
    ],
)
def test_a_read_in_a_module_imported_above_the_call_fails(verdicts: Verdicts, reads: str) -> None:
    (failure,) = failed(verdicts(late("from app.early import *", **{"app/early.py": reads}), "CK301"))
    assert failure.where.path == "app/main.py"
    shown = [(note.where.path, note.message) for note in failure.evidence]
    assert ("app/main.py", "imports app.early") in shown
    assert ("app/early.py", "reads `MCP_URL`") in shown


def test_the_path_is_shown_through_packages_and_relative_imports(verdicts: Verdicts) -> None:
    files = {
        "app/deep/__init__.py": "from . import one\n",
        "app/deep/one.py": "from .two import KEY\n",
        "app/deep/two.py": 'import os\nKEY = os.environ["KEY"]\n',
    }
    (failure,) = failed(verdicts(late("import app.deep", **files), "CK301"))
    paths = [note.where.path for note in failure.evidence]
    assert paths[:4] == ["app/main.py", "app/deep/__init__.py", "app/deep/one.py", "app/deep/two.py"]
    assert failure.evidence[-1].where == failure.where


@pytest.mark.parametrize(
    "harmless",
    [
        'import os\ndef url():\n    return os.getenv("MCP_URL")',
        'import os\nURL = lambda: os.getenv("MCP_URL")',
        'import os\nHOME = os.environ["HOME"]',
        'import os\nos.environ["MCP_URL"] = "x"\nURL = os.environ["MCP_URL"]',
        'import os\nos.environ.setdefault("MCP_URL", "x")\nURL = os.getenv("MCP_URL")',
        'import os\nfrom dotenv import load_dotenv\nload_dotenv()\nURL = os.getenv("MCP_URL")',
        'import os\nif __name__ == "__main__":\n    print(os.getenv("MCP_URL"))',
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.other import URL",
        'import os\nasync def f():\n    return os.getenv("MCP_URL")\nTASK = f',
        "from pydantic_settings import BaseSettings as B\nclass S(B):\n    model_config = {'env_file': '.env'}\nS()",
        "from pydantic_settings import BaseSettings as B\nclass S(B):\n    url: str\nS(_env_file='.env')",
        "from pydantic_settings import BaseSettings as B\nclass S(B):\n    url: str\nS(url='x')",
        "from pydantic_settings import BaseSettings as B\nclass S(B):\n    url: str\ndef settings():\n    return S()",
    ],
)
def test_what_runs_later_or_asks_for_nothing_passes(verdicts: Verdicts, harmless: str) -> None:
    other = {"app/early.py": harmless, "app/other.py": 'import os\nURL = os.getenv("MCP_URL")'}
    assert outcomes(verdicts(late("from app.early import *", **other), "CK301")) == {Outcome.PASS}


def test_a_call_in_the_lifespan_comes_after_every_import(verdicts: Verdicts) -> None:
    edits = [
        ("app/main.py", "\nload_dotenv()\n", 'import os\nURL = os.getenv("MCP_URL")\n'),
        ("app/main.py", "    if settings.taskflow", "    load_dotenv()\n    if settings.taskflow"),
    ]
    (failure,) = failed(verdicts(app(None, *edits), "CK301"))
    assert any("lifespan" in note.message for note in failure.evidence)


def test_a_call_that_only_a_script_makes_does_not_count(verdicts: Verdicts) -> None:
    script = 'def run():\n    load_dotenv()\n\n\nif __name__ == "__main__":\n    run()\n'
    tree = app(None, ("app/main.py", "\nload_dotenv()\n", f"\n{script}"))
    assert outcomes(verdicts(tree, "CK301")) == {Outcome.NOT_APPLICABLE}


def test_without_dotenv_it_does_not_apply(verdicts: Verdicts) -> None:
    tree = app(None, ("app/main.py", LOAD, 'import os\nURL = os.getenv("X")\n'))
    assert outcomes(verdicts(tree, "CK301")) == {Outcome.NOT_APPLICABLE}


def test_the_call_in_the_package_comes_first(verdicts: Verdicts) -> None:
    tree = late('import os\nURL = os.getenv("X")', **{"app/__init__.py": LOAD})
    assert outcomes(verdicts(tree, "CK301")) == {Outcome.PASS}


def test_a_factory_is_judged_in_the_module_that_calls_it(verdicts: Verdicts) -> None:
    tree = app(None, ("app/main.py", "app = FastAPI(lifespan=lifespan)", "def create_app():\n    return FastAPI()"))
    body = tree["app/main.py"].replace("app.add_middleware", "create_app().add_middleware")
    tree["app/main.py"] = body.replace("app = create_app()", "")
    tree["app/factory.py"] = (
        "from fastapi import FastAPI\nfrom app.routes import router\n\n\ndef create_app():\n    app = FastAPI()\n"
        "    app.include_router(router)\n    return app\n"
    )
    tree["app/routes.py"] = (
        tree.pop("app/main.py").replace("@app.post", "@router.post").replace("app = FastAPI(lifespan=lifespan)", "")
    )
    start = tree["app/routes.py"].index("def create_app")
    end = tree["app/routes.py"].index("async def refuse_unknown_ids")
    tree["app/routes.py"] = (
        tree["app/routes.py"][:start]
        + "from fastapi import APIRouter\nrouter = APIRouter()\n\n\n"
        + tree["app/routes.py"][end:]
    ).replace("from dotenv import load_dotenv\n\nload_dotenv()\n", 'import os\nURL = os.getenv("X")\n')
    tree["app/main.py"] = (
        "from app.factory import create_app\nfrom dotenv import load_dotenv\nload_dotenv()\n\napp = create_app()\n"
    )
    (failure,) = failed(verdicts(tree, "CK301"))
    assert failure.subject.path == "app/main.py"


def test_a_circle_of_imports_ends(verdicts: Verdicts) -> None:
    files = {"app/early.py": "import app.later\n", "app/later.py": "import app.early\nimport os\nX = os.getenv('X')\n"}
    assert outcomes(verdicts(late("import app.early", **files), "CK301")) == {Outcome.FAIL}


def test_imports_too_deep_to_follow_are_unknown(verdicts: Verdicts) -> None:
    files = {f"app/m{n}.py": f"import app.m{n + 1}\n" for n in range(80)}
    files["app/m80.py"] = LOAD
    tree = app(files, ("app/main.py", LOAD, "import app.m0\n"))
    assert outcomes(verdicts(tree, "CK301")) == {Outcome.UNKNOWN}
