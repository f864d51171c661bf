"""The minimal app with its handler, its server or its dependency written differently."""

from __future__ import annotations

from textwrap import dedent, indent

from tests.conftest import minimal_app

_DECORATOR = '@app.post("/chatkit")\n'
_PROCESS = """    body = await request.body()
    try:
        await refuse_unknown_ids(server, body, caller)
        result = await server.process(body, caller)
    except ValidationError:
        raise HTTPException(422, "Not a ChatKit request") from None
    except NotFoundError:
        raise HTTPException(404, "No such thread or item") from None
"""
_SERVER = """    server = getattr(request.app.state, "chatkit_server", None)
    if server is None:
        raise HTTPException(503, "Chat is not available")
"""
_ANSWER = """    if isinstance(result, StreamingResult):
        return StreamingResponse(
            result,
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )
    return Response(content=result.json, media_type="application/json")
"""


def endpoint(
    *, server: str | None = None, process: str | None = None, answer: str | None = None, above: str = "", **files: str
) -> dict[str, str]:
    """The minimal app with parts of its handler replaced.

    Args:
        server: How the handler gets `server`.
        process: How it gets `result` from `server`, `request` and `caller`.
        answer: How it answers `result`.
        above: Module-level code before the handler.
        files: Further files by name without folder and ending, put into `app/`.
    """
    tree = minimal_app()
    main = tree["app/main.py"]
    for old, new in ((_SERVER, server), (_PROCESS, process), (_ANSWER, answer)):
        assert main.count(old) == 1, f"the minimal app has changed: {old!r}"
        if new is not None:
            main = main.replace(old, indent(dedent(new).strip("\n") + "\n", "    "))
    tree["app/main.py"] = main.replace(_DECORATOR, f"{dedent(above)}\n\n{_DECORATOR}")
    return tree | {f"app/{name}.py": dedent(text) for name, text in files.items()}


def edited(path: str, old: str, new: str) -> dict[str, str]:
    """The minimal app with one edit of one file."""
    tree = minimal_app()
    assert tree[path].count(old) == 1, f"the minimal app has changed: {old!r}"
    return tree | {path: tree[path].replace(old, new)}
