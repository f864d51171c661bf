"""Fixes of what runs in a turn, in the shapes that people write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.promises import fixed

from tests.conftest import minimal_app, write_tree

if TYPE_CHECKING:
    from pathlib import Path

GUARDED = """            try:
                async for event in stream_agent_response(agent_context, result):
                    yield event
            finally:
                if not result.is_complete:
                    result.cancel()
"""
OVERRIDE = """
    async def handle_stream_cancelled(self, thread, pending_items, context):
        with anyio.CancelScope(shield=True):
            await super().handle_stream_cancelled(thread, pending_items, context)
"""


def mended(folder: Path, code: str, *pairs: tuple[str, str]) -> str:
    files = minimal_app()
    for old, new in pairs:
        assert old in files["app/server.py"]
        files["app/server.py"] = files["app/server.py"].replace(old, new)
    done = fixed(write_tree(folder, files), code)
    assert [one.code for one in done.applied] == [code]
    return (folder / "app" / "server.py").read_text("utf-8")


def test_strings_of_several_lines_in_the_loop_stay_what_they_are(tmp_path: Path) -> None:
    loop = '''            async for event in stream_agent_response(agent_context, result):
                # seen
                print("""one
two""")

                yield event  # on
'''
    after = mended(tmp_path, "CK510", (GUARDED, loop))
    assert (
        '''            try:
                async for event in stream_agent_response(agent_context, result):
                    # seen
                    print("""one
two""")

                    yield event  # on
            finally:
                if not result.is_complete:
                    result.cancel()
'''
        in after
    )


def test_a_method_that_is_not_overridden_is(tmp_path: Path) -> None:
    after = mended(tmp_path, "CK511", (OVERRIDE, ""))
    assert after.endswith(OVERRIDE)


def test_the_import_is_added_with_the_shield(tmp_path: Path) -> None:
    after = mended(tmp_path, "CK511", (OVERRIDE, ""), ("import anyio\n", ""))
    assert "from anyio import CancelScope\n" in after
    assert after.endswith(OVERRIDE.replace("anyio.", ""))


def test_a_docstring_stays_first(tmp_path: Path) -> None:
    before = OVERRIDE.replace("        with anyio.CancelScope(shield=True):\n    ", '        """Saves it."""\n')
    after = mended(tmp_path, "CK511", (OVERRIDE, before))
    assert '        """Saves it."""\n        with anyio.CancelScope(shield=True):\n            await super()' in after
