from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.flow.conftest import Asked

CASES = {
    "last-assignment-holds": ("def f():\n    x = 1\n    x = 2\n    ask(x)", ["2"]),
    "branches-join": ("def f(c):\n    x = 1\n    if c:\n        x = 2\n    ask(x)", ["1", "2"]),
    "both-branches-replace": (
        "def f(c):\n    x = 1\n    if c:\n        x = 2\n    else:\n        x = 3\n    ask(x)",
        ["2", "3"],
    ),
    "a-branch-that-leaves-does-not-reach": (
        "def f(c):\n    x = 1\n    if c:\n        x = 2\n        return\n    ask(x)",
        ["1"],
    ),
    "a-handler-may-see-the-try": (
        "def f():\n    x = 1\n    try:\n        x = 2\n    except Exception:\n        ask(x)",
        ["1", "2"],
    ),
    "after-try-and-except": (
        "def f():\n    try:\n        x = 1\n    except Exception:\n        x = 2\n    ask(x)",
        ["1", "2"],
    ),
    "loops-come-round": ("def f(xs):\n    x = 1\n    for y in xs:\n        ask(x)\n        x = 2", ["1", "2"]),
    "unpacking": ("def f():\n    a, (b, c) = 1, (2, 3)\n    ask(c)", ["3"]),
    "walrus": ("def f():\n    if (x := 5) > 1:\n        ask(x)", ["5"]),
    "elements": ("def f():\n    for x in (1, 2):\n        ask(x)", ["1", "2"]),
    "calls-and-arguments": ("def g(a, b=2):\n    return b\n\ndef f():\n    ask(g(1, b=7))", ["7"]),
    "defaults": ("def g(a, b=2):\n    return b\n\ndef f():\n    ask(g(1))", ["2"]),
    "two-calls-are-told-apart": (
        "def same(a):\n    return a\n\ndef f():\n    same(1)\n    ask(same(2))",
        ["2"],
    ),
    "falling-off-the-end-is-none": ("def g(c):\n    if c:\n        return 1\n\ndef f():\n    ask(g(0))", ["1", "None"]),
    "await": ("async def g():\n    return 3\n\nasync def f():\n    ask(await g())", ["3"]),
    "or-default": ("import os\ndef f():\n    ask(os.getenv('X') or 'y')", ["'y'", "os.getenv()"]),
    "closures": ("def outer():\n    x = 1\n    def f():\n        ask(x)\n    return f", ["1"]),
    "globals-set-elsewhere": (
        "x = None\n\ndef start():\n    global x\n    x = 4\n\ndef f():\n    ask(x)",
        ["4", "None"],
    ),
    "attributes-set-by-the-constructor": (
        "class A:\n    def __init__(self, v):\n        self.v = v\n\ndef f():\n    ask(A(9).v)",
        ["9"],
    ),
    "properties": ("class A:\n    @property\n    def v(self):\n        return 8\n\ndef f():\n    ask(A().v)", ["8"]),
    "dataclass-fields": (
        (
            "from dataclasses import dataclass\n@dataclass\nclass A:\n    v: int\n    w: int = 2\n\n"
            "def f():\n    ask(A(v=6).v)"
        ),
        ["6"],
    ),
    "inherited-methods": (
        (
            "class A:\n    def m(self):\n        return self.n()\n\nclass B(A):\n    def n(self):\n        return 5\n\n"
            "def f():\n    ask(B().m())"
        ),
        ["5"],
    ),
    "dictionaries": ("def f():\n    d = {'a': 1, **{'b': 2}}\n    ask(d['b'])", ["2"]),
    "dictionary-get": ("def f():\n    d = {'a': 1}\n    ask(d.get('a', 3))", ["1", "3"]),
    "annotated-parameters": ("class A: ...\n\ndef f(a: 'A | None'):\n    ask(a)", ["some A"]),
    "library-objects": (
        "from fastapi import Request\n\ndef f(r: Request):\n    ask(r.headers.get('x'))",
        ["starlette.requests.Request().headers.get()"],
    ),
    "context-managers": (
        (
            "from contextlib import contextmanager\n@contextmanager\ndef opened():\n    yield 7\n\n"
            "def f():\n    with opened() as x:\n        ask(x)"
        ),
        ["7"],
    ),
    "dependencies": (
        "from fastapi import Depends\ndef give():\n    return 11\n\ndef f(x=Depends(give)):\n    ask(x)",
        ["11"],
    ),
    "annotated-dependencies": (
        (
            "from typing import Annotated\nfrom fastapi import Depends\ndef give():\n    yield 12\n\n"
            "Given = Annotated[int, Depends(give)]\n\ndef f(x: Given):\n    ask(x)"
        ),
        ["12"],
    ),
    "application-state": (
        (
            "from fastapi import FastAPI, Request\napp = FastAPI()\n\ndef start(app):\n    app.state.thing = 13\n\n"
            "def f(request: Request):\n    ask(getattr(request.app.state, 'thing', None))"
        ),
        ["13", "None"],
    ),
    "threads": (
        "import asyncio\ndef g():\n    return 14\n\nasync def f():\n    ask(await asyncio.to_thread(g))",
        ["14"],
    ),
    "unknown-names-are-opaque": ("def f():\n    ask(nowhere)", ["opaque"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_value_comes_from(case: str, ask: Callable[..., Asked]) -> None:
    text, expected = CASES[case]
    assert ask(text).values() == expected


def test_values_come_from_other_modules(ask: Callable[..., Asked]) -> None:
    main = "from facade import make\n\ndef f():\n    ask(make().name)"
    impl = (
        "class Thing:\n    def __init__(self, name):\n        self.name = name\n\ndef make():\n    return Thing('t')\n"
    )
    assert ask(main, facade="from impl import make", impl=impl).values() == ["'t'"]


@pytest.mark.parametrize(
    "text",
    [
        "def g(n):\n    return g(n - 1)\n\ndef f():\n    ask(g(1))",
        "def a(n):\n    return b(n)\n\ndef b(n):\n    return a(n) if n else 1\n\ndef f():\n    ask(a(2))",
        "x = x\n\ndef f():\n    ask(x)",
        "class A:\n    def __init__(self):\n        self.v = self.v\n\ndef f():\n    ask(A().v)",
        "class A:\n    def __call__(self):\n        return self()\n\ndef f():\n    ask(A()())",
    ],
    ids=["itself", "each-other", "name", "attribute", "call"],
)
def test_recursion_ends(text: str, ask: Callable[..., Asked]) -> None:
    assert isinstance(ask(text).values(), list)


def test_a_long_chain_ends_in_opaque_and_not_in_a_crash(ask: Callable[..., Asked]) -> None:
    lines = "\n".join(f"    x{n + 1} = x{n}" for n in range(3000))
    assert ask(f"def f():\n    x0 = 1\n{lines}\n    ask(x3000)").values() == ["opaque"]


def test_calls_that_branch_at_every_level_end(ask: Callable[..., Asked]) -> None:
    levels = "\n".join(
        f"def g{n}(v):\n    return g{n + 1}(v) or g{n + 1}(v + 1) or g{n + 1}(v + 2)\n" for n in range(40)
    )
    found = ask(f"{levels}\ndef g40(v):\n    return v\n\ndef f():\n    ask(g0(1))").values()
    assert found
