from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.endpoints import endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

GLOBAL = "_server: ChatServer | None = None\n"
GETTER = """
_server: ChatServer | None = None

def get_server() -> ChatServer:
    if _server is None:
        raise {error}
    return _server
"""
STATE = 'server = getattr(request.app.state, "chatkit_server", None)\n'


@pytest.mark.parametrize(
    "tree",
    [
        endpoint(server=STATE + "if server is None:\n    raise HTTPException(status_code=500)"),
        endpoint(server=STATE + "if not server:\n    return Response(status_code=500)"),
        endpoint(server=STATE + "assert server is not None"),
        endpoint(server=STATE),
        endpoint(server="server = request.app.state.chatkit_server"),
        endpoint(server="server = get_server()", above=GETTER.format(error="RuntimeError('no server')")),
        endpoint(server="server = get_server()", above=GETTER.format(error="HTTPException(500)")),
        endpoint(server="server = _server", above=GLOBAL),
        endpoint(server=STATE + "if server is None:\n    from starlette import status\n"
                 "    raise HTTPException(status.HTTP_500_INTERNAL_SERVER_ERROR)"),
    ],
    ids=["raise", "return", "assert", "unguarded", "attribute", "getter", "getter-500", "global", "status-name"],
)  # fmt: skip
def test_a_missing_server_is_answered_otherwise(tree: dict[str, str], verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(tree, "CK102")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "tree",
    [
        endpoint(server=STATE + "if server is None:\n    raise HTTPException(status_code=503)"),
        endpoint(server=STATE + "if not server:\n    return Response(status_code=503)"),
        endpoint(server="server = get_server()", above=GETTER.format(error="HTTPException(503)")),
        endpoint(server="server = the_server", above="the_server = ChatServer(PostgresStore(None))"),
        endpoint(
            server="server = get_server()",
            above="""
            _server = None

            def get_server():
                global _server
                if _server is None:
                    _server = ChatServer(PostgresStore(None))
                return _server
            """,
        ),
        endpoint(server="server = ChatServer(PostgresStore(None))"),
    ],
    ids=["raise", "return", "getter", "built-at-import", "built-on-first-use", "built-for-each-request"],
)
def test_a_server_that_is_there_or_503(tree: dict[str, str], verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(tree, "CK102")) == {Outcome.PASS}


def test_a_getter_dependency_with_503(verdicts: Callable[..., list[Verdict]]) -> None:
    tree = endpoint(server="server = given", above=GETTER.format(error="HTTPException(503)"))
    main = tree["app/main.py"]
    tree["app/main.py"] = main.replace(
        "async def chatkit(request: Request,",
        "async def chatkit(request: Request, given: Annotated[ChatServer, Depends(get_server)],",
    )
    assert outcomes(verdicts(tree, "CK102")) == {Outcome.PASS}


def test_set_in_the_lifespan_whatever_the_configuration(verdicts: Callable[..., list[Verdict]]) -> None:
    tree = endpoint(server="server = request.app.state.chatkit_server")
    early = "    if settings.taskflow_chatkit_database_url is None:\n        yield\n        return\n"
    assert early in tree["app/main.py"]
    tree["app/main.py"] = tree["app/main.py"].replace(early, "")
    assert outcomes(verdicts(tree, "CK102")) == {Outcome.PASS}
