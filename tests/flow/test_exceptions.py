from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from chatkit_validate.flow.exceptions import Thrown, fates

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.flow.conftest import Asked

CASES = {
    "nothing-catches": ("def f():\n    ask()", "builtins.ValueError", ["escapes"]),
    "caught-and-answered": (
        "def f():\n    try:\n        ask()\n    except ValueError:\n        return 1",
        "builtins.ValueError",
        ["answers"],
    ),
    "a-base-class-catches": (
        "def f():\n    try:\n        ask()\n    except LookupError:\n        return 1",
        "builtins.KeyError",
        ["answers"],
    ),
    "another-class-does-not": (
        "def f():\n    try:\n        ask()\n    except KeyError:\n        return 1",
        "builtins.ValueError",
        ["escapes"],
    ),
    "the-first-that-fits": (
        (
            "def f():\n    try:\n        ask()\n    except KeyError:\n        return 1\n"
            "    except Exception:\n        raise"
        ),
        "builtins.ValueError",
        ["escapes"],
    ),
    "swallowed": (
        "def f():\n    try:\n        ask()\n    except Exception:\n        pass\n    return 2",
        "builtins.ValueError",
        ["continues"],
    ),
    "asked-for-its-class": (
        (
            "def f():\n    try:\n        ask()\n    except Exception as e:\n        if isinstance(e, ValueError):\n"
            "            return 1\n        raise"
        ),
        "builtins.ValueError",
        ["answers"],
    ),
    "either-way": (
        "def f(c):\n    try:\n        ask()\n    except Exception:\n        if c:\n            return 1\n        raise",
        "builtins.ValueError",
        ["answers", "escapes"],
    ),
    "an-outer-try-catches-what-an-inner-one-raises": (
        (
            "def f():\n    try:\n        try:\n            ask()\n        except ValueError:\n"
            "            raise KeyError()\n"
            "    except KeyError:\n        return 1"
        ),
        "builtins.ValueError",
        ["answers"],
    ),
    "a-handler-is-not-inside-its-own-try": (
        (
            "def f():\n    try:\n        ask()\n    except ValueError:\n        raise KeyError()\n"
            "    except KeyError:\n"
            "        return 1"
        ),
        "builtins.ValueError",
        ["escapes"],
    ),
    "else-is-not-guarded": (
        "def f():\n    try:\n        pass\n    except ValueError:\n        return 1\n    else:\n        ask()",
        "builtins.ValueError",
        ["escapes"],
    ),
    "cancellation-passes-except-exception": (
        "def f():\n    try:\n        ask()\n    except Exception:\n        return 1",
        "asyncio.CancelledError",
        ["escapes"],
    ),
    "bare-except-catches-it": (
        "def f():\n    try:\n        ask()\n    except:\n        return 1",
        "asyncio.CancelledError",
        ["answers"],
    ),
    "library-hierarchies": (
        "def f():\n    try:\n        ask()\n    except ValueError:\n        return 1",
        "pydantic.ValidationError",
        ["answers"],
    ),
    "starlettes-base-of-fastapis": (
        (
            "from starlette.exceptions import HTTPException\ndef f():\n    try:\n        ask()\n"
            "    except HTTPException:\n"
            "        return 1"
        ),
        "fastapi.HTTPException",
        ["answers"],
    ),
    "a-helper-that-only-raises": (
        (
            "def fail(e):\n    raise KeyError() from e\n\ndef f():\n    try:\n        ask()\n"
            "    except ValueError as e:\n"
            "        fail(e)"
        ),
        "builtins.ValueError",
        ["escapes"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_exception_ends(case: str, ask: Callable[..., Asked]) -> None:
    text, kind, expected = CASES[case]
    asked = ask(text)
    found = fates(asked.flow, Thrown(kind, asked.call, asked.frame))
    assert sorted(fate.end.value for fate in found) == expected


def test_it_leaves_through_the_callers(ask: Callable[..., Asked]) -> None:
    asked = ask("def f():\n    ask()\n\ndef g():\n    try:\n        f()\n    except ValueError:\n        return 1\n")
    module = asked.frame.module
    outer = next(function for function in module.functions() if function.name == "g")
    frame = asked.flow.entry(outer)
    call = next(node for node in ast.walk(outer.node) if isinstance(node, ast.Call))
    (callee,) = asked.flow.values(call.func, frame)
    inner = asked.flow.enter(callee, call, frame)  # type: ignore[arg-type]
    (fate,) = fates(asked.flow, Thrown("builtins.ValueError", asked.call, inner))
    assert (fate.end.value, fate.frame.function) == ("answers", outer)
