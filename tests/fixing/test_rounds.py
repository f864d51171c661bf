"""How fixes meet: in what order, what they leave out, where imports go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.promises import fixed

from chatkit_validate import fixing
from chatkit_validate.configuration import Configuration
from chatkit_validate.rules.edit import Edit
from tests.conftest import minimal_app, write_tree

if TYPE_CHECKING:
    from pathlib import Path


def changed(tmp_path: Path, *pairs: tuple[str, str], path: str = "app/main.py", select: str = "CK") -> str:
    """The text of `path` after the minimal app, changed by `pairs`, was fixed."""
    files = minimal_app()
    for old, new in pairs:
        assert old in files[path], old
        files[path] = files[path].replace(old, new)
    fixed(write_tree(tmp_path, files), select)
    return (tmp_path / path).read_text("utf-8")


HANDLERS = """    try:
        await refuse_unknown_ids(server, body, caller)
        result = await server.process(body, caller)
    except ValidationError:
        raise HTTPException(422, "Not a ChatKit request") from None
    except NotFoundError:
        raise HTTPException(404, "No such thread or item") from None
"""
CALL = "    result = await server.process(\n        body, caller\n    )  # answers\n"
IMPORT = "from pydantic import TypeAdapter, ValidationError  # noqa: E402 - as above\n"


def test_a_bare_call_gets_one_try_for_both(tmp_path: Path) -> None:
    after = changed(tmp_path, (HANDLERS, CALL), select="CK1")
    assert (
        """    try:
        result = await server.process(
            body, caller
        )  # answers
    except"""
        in after
    )
    assert after.count("try:\n        result") == 1
    assert 'raise HTTPException(422, "Not a ChatKit request") from None' in after
    assert 'raise HTTPException(404, "No such thread or item") from None' in after


def test_a_missing_import_joins_the_one_of_its_module(tmp_path: Path) -> None:
    without = IMPORT.replace("TypeAdapter, ValidationError", "TypeAdapter")
    after = changed(tmp_path, (IMPORT, without), (HANDLERS, CALL), select="CK1")
    assert IMPORT in after


def test_a_new_import_stands_below_load_dotenv_and_is_marked_as_its_neighbours_are(tmp_path: Path) -> None:
    after = changed(
        tmp_path,
        ("from chatkit.store import NotFoundError  # noqa: E402 - as above\n", ""),
        (HANDLERS, CALL),
        select="CK1",
    )
    lines = after.splitlines()
    added = lines.index("from chatkit.store import NotFoundError  # noqa: E402 - as above")
    assert lines.index("load_dotenv()") < added
    assert "chatkit" in lines[added - 1]


def test_a_name_that_means_something_else_is_left_alone(tmp_path: Path) -> None:
    after = changed(
        tmp_path,
        (IMPORT, "from pydantic import TypeAdapter  # noqa: E402 - as above\n"),
        ("logger = logging", "class ValidationError(Exception):\n    pass\n\n\nlogger = logging"),
        (HANDLERS, CALL),
        select="CK103",
    )
    assert "from pydantic import TypeAdapter, ValidationError as PydanticValidationError" in after
    assert "except PydanticValidationError:" in after


def test_a_handler_that_does_more_than_answer_makes_it_unsafe(tmp_path: Path) -> None:
    files = minimal_app()
    more = '    except Exception:\n        await undo()\n        raise HTTPException(500, "Failed") from None\n'
    files["app/main.py"] = files["app/main.py"].replace(
        HANDLERS, HANDLERS.partition("    except NotFoundError")[0] + more
    )
    done = fixing.fix(write_tree(tmp_path, files), Configuration(select=("CK110",)), unsafe=False)
    assert (done.applied, done.left) == ((), 1)


def test_equal_edits_are_one_and_others_wait() -> None:
    edits = [Edit("a", 3, 3, "x"), Edit("a", 3, 3, "y"), Edit("a", 5, 6, ""), Edit("a", 0, 1, "B")]
    assert fixing.apply("abcdefg", edits) == "Bbcxydeg"
    assert fixing.apply("abcdefg", edits[::-1]) == "Bbcxydeg"


@pytest.mark.parametrize(
    ("call", "after"),
    [
        (
            "StreamingResponse(result)",
            'StreamingResponse(result, media_type="text/event-stream")',
        ),
        (
            "StreamingResponse((result), )",
            'StreamingResponse((result), media_type="text/event-stream", )',
        ),
        (
            "StreamingResponse(\n            result\n        )",
            'StreamingResponse(\n            result,\n            media_type="text/event-stream",\n        )',
        ),
        (
            "StreamingResponse(\n            (result)  # it\n        )",
            'StreamingResponse(\n            (result),  # it\n            media_type="text/event-stream",\n        )',
        ),
        (
            "StreamingResponse(\n            content=result,  # (it)\n            # end\n        )",
            (
                'StreamingResponse(\n            content=result,  # (it)\n            media_type="text/event-stream",\n'
                "            # end\n        )"
            ),
        ),
        (
            'StreamingResponse(result, 200, None, "text/plain")',
            'StreamingResponse(result, 200, None, "text/event-stream")',
        ),
        (
            "StreamingResponse(**{}, content=result)",
            'StreamingResponse(**{}, content=result, media_type="text/event-stream")',
        ),
    ],
)
def test_an_argument_is_laid_out_as_the_others_are(call: str, after: str, tmp_path: Path) -> None:
    files = minimal_app()
    text = files["app/main.py"]
    start = text.index("StreamingResponse(\n")
    end = text.index("        )\n", start) + len("        )")
    files["app/main.py"] = text[:start] + call + text[end:]
    fixed(write_tree(tmp_path, files), "CK104")
    assert (tmp_path / "app" / "main.py").read_text("utf-8") == text[:start] + after + text[end:]
