"""Values that are made from themselves, and expressions as deep as generated code has them, end every analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import minimal_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.report.report import Report

_AGENT = 'agent = Agent(name="assistant", instructions=INSTRUCTIONS, mcp_servers=[tasks])'
_DEEP = 150  # Deeper expressions are not analysed at all, and the report says so.
_LONG = 700


def responding(before: str, agent: str = _AGENT) -> dict[str, str]:
    """The minimal app with statements put before its agent, and another agent."""
    tree = minimal_app()
    lines = "".join(f"            {line}\n" for line in before.splitlines())
    assert tree["app/server.py"].count(f"            {_AGENT}\n") == 1
    tree["app/server.py"] = tree["app/server.py"].replace(f"            {_AGENT}\n", f"{lines}            {agent}\n")
    return tree


def handling(
    before: str, headers: str = "headers", test: str = "isinstance(result, StreamingResult)"
) -> dict[str, str]:
    """The minimal app with statements before it answers, and headers taken from `headers`."""
    tree = minimal_app()
    main = tree["app/main.py"]
    lines = "".join(f"    {line}\n" for line in before.splitlines())
    main = main.replace("    if isinstance(result, StreamingResult):\n", f"{lines}    if {test}:\n")
    tree["app/main.py"] = main.replace('{"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}', headers)
    return tree


_SELF = {
    "a dictionary spread into itself": handling(
        'headers = {"Cache-Control": "no-cache"}\n'
        "for name in settings.more:\n    headers = {**headers, name: headers['Cache-Control']}",
    ),
    "dictionaries spread into each other": handling(
        "headers = {}\nother = {}\nfor name in settings.more:\n"
        "    headers = {**other}\n    other = {**headers}\n    print(other['token'], headers.get('token'))"
    ),
    "a merge with itself": handling(
        "headers = {}\nfor name in settings.more:\n    headers = headers | {name: headers['a']}"
    ),
    "a text added to itself": responding(
        "text = INSTRUCTIONS\nfor word in page.data:\n    text = text + '.'", _AGENT.replace("INSTRUCTIONS", "text")
    ),
    "a list added to itself": responding(
        "held = []\nfor one in page.data:\n    held = held + [one, *held]", _AGENT.replace("mcp", "tools=held, mcp")
    ),
    "a list extended by itself": responding(
        "held = []\nheld.extend(held)\nheld += held", _AGENT.replace("mcp", "tools=held, mcp")
    ),
    "a test made from itself": handling(
        "streams = isinstance(result, StreamingResult)\n"
        "for one in settings.more:\n    streams = streams or not streams",
        '{"Cache-Control": "no-cache"}',
        "streams",
    ),
}
_CHAINS = {
    "a text of many terms": responding(
        "text = " + " + ".join(f'"{word}"' for word in range(_DEEP)), _AGENT.replace("INSTRUCTIONS", "text")
    ),
    "a dictionary of many merges": handling("headers = " + " | ".join(f'{{"X-{word}": "1"}}' for word in range(_DEEP))),
    "many branches": handling(
        "kind = 0\nif kind == 0:\n    kind = 1\n"
        + "".join(f"elif kind == {word}:\n    kind = {word + 1}\n" for word in range(1, 90)),
        '{"Cache-Control": "no-cache"}',
    ),
    "a chain of methods": handling("held = settings" + ".more()" * _DEEP, '{"X": held}'),
    "a chain of names": handling(
        "held0 = settings.more\n" + "".join(f"held{word + 1} = held{word} + 'x'\n" for word in range(_LONG)),
        f'{{"X": held{_LONG}}}',
    ),
}


@pytest.mark.parametrize("tree", [*_SELF.values(), *_CHAINS.values()], ids=[*_SELF, *_CHAINS])
def test_every_rule_ends(report: Callable[..., Report], tree: dict[str, str]) -> None:
    found = report(tree)
    assert not found.crashed, found.diagnostics
    assert found.integrations
    assert not found.diagnostics
