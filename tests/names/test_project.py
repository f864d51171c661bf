from __future__ import annotations

import ast
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from chatkit_validate import source
from chatkit_validate.names import Class, External, Function, Hierarchy, Module, Project, Variable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatkit_validate.names import Definition


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    def make(files: dict[str, str]) -> Project:
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(dedent(text), "utf-8")
        return Project(tuple(sorted(files)), lambda path: source.read(tmp_path, path))

    return make


def meaning(project: Project, path: str, expression: str) -> list[str]:
    """What `expression` means at the end of the module at `path`, as words."""
    module = project.module(path)
    assert module is not None
    return [said(item) for item in project.resolve(ast.parse(expression, mode="eval").body, module.scope)]


def said(item: Definition) -> str:
    match item:
        case Class() | Function():
            return f"{item.module.path}:{item.qualname}"
        case External(name=name):
            return name
        case Module():
            return item.path
        case Variable():
            return f"variable {item.name}"
        case _:
            return "namespace"


@pytest.mark.parametrize(
    ("text", "expression", "expected"),
    [
        ("from chatkit.server import ChatKitServer as Base", "Base", ["chatkit.server.ChatKitServer"]),
        ("import chatkit.server", "chatkit.server.ChatKitServer", ["chatkit.server.ChatKitServer"]),
        ("import chatkit.server as s", "s.ChatKitServer", ["chatkit.server.ChatKitServer"]),
        (
            "from fastapi.responses import StreamingResponse",
            "StreamingResponse",
            ["starlette.responses.StreamingResponse"],
        ),
        ("from fastapi import Request", "Request", ["starlette.requests.Request"]),
        ("from .shop import Basket", "Basket", ["app/shop.py:Basket"]),
        ("from . import shop", "shop.Basket", ["app/shop.py:Basket"]),
        ("from app import shop", "shop.Basket", ["app/shop.py:Basket"]),
        ("from app.shop import Basket\nAlias = Basket\nOther = Alias", "Other", ["app/shop.py:Basket"]),
        ("from app.shop import *", "Basket", ["app/shop.py:Basket"]),
        ("from app.facade import Basket", "Basket", ["app/shop.py:Basket"]),
        ("from app.facade import Till", "Till", ["app/shop.py:Basket"]),
        ("from app.shop import Basket", "'Basket'", ["app/shop.py:Basket"]),
        ("from app.shop import Basket", "Basket['int']", ["app/shop.py:Basket"]),
        ("from app.shop import Basket", "Basket.Line", ["app/shop.py:Basket.Line"]),
        (
            "try:\n    from chatkit.server import X\nexcept ImportError:\n    X = None",
            "X",
            ["chatkit.server.X", "variable X"],
        ),
        (
            "if True:\n    from app.shop import Basket\nelse:\n    class Basket: ...",
            "Basket",
            ["app/shop.py:Basket", "app/main.py:Basket"],
        ),
        ("", "len", ["builtins.len"]),
        ("", "nothing", []),
        ("from app.shop import nothing", "nothing", ["app.shop.nothing"]),
        ("from .shop import nothing", "nothing", []),
    ],
)
def test_a_name_means(text: str, expression: str, expected: list[str], project: Callable[..., Project]) -> None:
    files = {
        "app/__init__.py": "",
        "app/main.py": text,
        "app/shop.py": "class Basket:\n    class Line: ...\n",
        "app/facade/__init__.py": "from .inner import Basket\nfrom .inner import Basket as Till\n",
        "app/facade/inner.py": "from ..shop import Basket\n",
    }
    assert meaning(project(files), "app/main.py", expression) == expected


def test_the_local_package_wins_over_the_distribution(project: Callable[..., Project]) -> None:
    files = {"chatkit/__init__.py": "", "chatkit/server.py": "class ChatKitServer: ...", "main.py": ""}
    made = project(files | {"main.py": "from chatkit.server import ChatKitServer"})
    assert meaning(made, "main.py", "ChatKitServer") == ["chatkit/server.py:ChatKitServer"]


def test_a_local_package_without_the_member_does_not(project: Callable[..., Project]) -> None:
    files = {
        "app/__init__.py": "",
        "app/chatkit/__init__.py": "",
        "app/chatkit/server.py": "from chatkit.server import ChatKitServer",
    }
    assert meaning(project(files), "app/chatkit/server.py", "ChatKitServer") == ["chatkit.server.ChatKitServer"]


def test_several_roots_keep_to_themselves(project: Callable[..., Project]) -> None:
    files = {
        f"{phase}/app/{name}": text
        for phase in ("one", "two")
        for name, text in {
            "__init__.py": "",
            "main.py": "from app.shop import Basket",
            "shop.py": "class Basket: ...",
        }.items()
    }
    made = project(files)
    assert meaning(made, "one/app/main.py", "Basket") == ["one/app/shop.py:Basket"]
    assert meaning(made, "two/app/main.py", "Basket") == ["two/app/shop.py:Basket"]


def test_a_sibling_package_of_the_repository_is_found(project: Callable[..., Project]) -> None:
    files = {
        "libs/kit/src/kit/__init__.py": "from kit.base import Base",
        "libs/kit/src/kit/base.py": "class Base: ...",
        "apps/web/main.py": "from kit import Base",
    }
    assert meaning(project(files), "apps/web/main.py", "Base") == ["libs/kit/src/kit/base.py:Base"]


def test_imports_that_go_in_circles_end(project: Callable[..., Project]) -> None:
    files = {"a.py": "from b import X", "b.py": "from c import X", "c.py": "from a import X"}
    assert meaning(project(files), "a.py", "X") == ["a.X"], "no module defines it: it is nobody's"


def test_a_hierarchy_through_modules_generics_and_mixins(project: Callable[..., Project]) -> None:
    files = {
        "base.py": """
            from typing import Generic, TypeVar
            from chatkit.server import ChatKitServer
            T = TypeVar("T")
            class Loud:
                def respond(self): ...
            class Base(ChatKitServer["Context"], Generic[T]): ...
            """,
        "main.py": """
            from base import Base as Parent, Loud
            class Server(Loud, Parent[dict]):
                def action(self): ...
            """,
    }
    made = project(files)
    hierarchy = Hierarchy(made)
    module = made.module("main.py")
    assert module is not None
    (server,) = module.scope.classes
    respond = hierarchy.method(server, "respond")
    assert hierarchy.is_a(server, "chatkit.server.ChatKitServer")
    assert respond is not None
    assert respond.qualname == "Loud.respond"
    assert hierarchy.complete(server)


def test_an_unresolved_base_is_no_proof_of_absence(project: Callable[..., Project]) -> None:
    made = project({"main.py": "class Server(make_base()): ..."})
    module = made.module("main.py")
    assert module is not None
    assert Hierarchy(made).is_a(module.scope.classes[0], "chatkit.server.ChatKitServer") is None


def test_a_class_that_derives_from_itself_ends(project: Callable[..., Project]) -> None:
    made = project({"main.py": "class A(B): ...\nclass B(A): ...\n"})
    module = made.module("main.py")
    assert module is not None
    assert not Hierarchy(made).is_a(module.scope.classes[0], "chatkit.server.ChatKitServer")
