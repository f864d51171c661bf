"""Violations that the corpus has too few of, each as a program that puts one into an endpoint (see `sites.Site`).

A planting answers the handler's file with the violation in it, or none where the endpoint has no place for it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sites import Site

    Planting = Callable[[Site], str | None]


def _stream(site: Site, media: str | None, *, before: str = "", head: str = "") -> str:
    """The streaming response with another media type (source text), or none at all."""
    kept = [site.source(argument) for argument in site.stream.args[:1]]
    kept += [f"{word.arg}={site.source(word.value)}" for word in site.stream.keywords if word.arg != "media_type"]
    call = f"{ast.unparse(site.stream.func)}({', '.join([*kept, *([f'media_type={media}'] if media else [])])})"
    edits: list[tuple[ast.expr | ast.stmt, str]] = [(site.stream, call)]
    if before:
        first = site.branch.body[0]
        return _above(site, first, before, *edits)
    return site.edited(*edits, head=head)


def _above(site: Site, statement: ast.stmt, line: str, *edits: tuple[ast.expr | ast.stmt, str]) -> str:
    """One more line above a statement."""
    (start, _), indent = site.span(statement), site.indent(statement)
    shifted = site.edited(*edits)
    # The statement starts where it did: all edits are at or behind it.
    return shifted[:start] + line + "\n" + indent + shifted[start:]


def _plain(site: Site, answer: str, head: str = "") -> str:
    return site.edited((site.plain, f"return {answer.format(result=site.result)}"), head=head)


def _test(site: Site, test: str, head: str = "") -> str:
    return site.edited((site.branch.test, test.format(result=site.result)), head=head)


def _guarded(site: Site, handler: str, raising: str, head: str = "") -> str:
    """The whole handler in one `try`, with a refusal inside that its `except` swallows."""
    docstring = ast.get_docstring(site.handler) is not None
    body = site.handler.body[1:] if docstring else site.handler.body
    start, end = site.span(body[0])[0], site.span(body[-1])[1]
    indent = "\n" + site.indent(body[0])
    guarded = raising.format(request=site.request).replace("\n", f"{indent}    ")
    inside = site.text[start:end].replace("\n", "\n    ")
    handled = handler.replace("\n", indent)
    block = f"try:{indent}    {guarded}{indent}    {inside}{indent}{handled}"
    imports = "from fastapi import HTTPException\nfrom fastapi.responses import JSONResponse\n"
    return f"{site.text[: site.top]}{imports}{head}{site.text[site.top : start]}{block}{site.text[end:]}"


def _routed(site: Site, method: str, more: str = "") -> str | None:
    """The handler under another decorator than `post`."""
    routes = [node for node in site.handler.decorator_list if isinstance(node, ast.Call)]
    posts = [node for node in routes if isinstance(node.func, ast.Attribute) and node.func.attr == "post"]
    if len(posts) != 1:
        return None
    source = site.source(posts[0])
    return site.edited(
        (posts[0], source.replace(".post(", f".{method}(", 1).removesuffix(")").rstrip(", \n") + f"{more})")
    )


def _given(site: Site, body: str, head: str = "") -> str | None:
    """Something else than the request's body given to `process()`."""
    if not site.call.args:
        return None
    return site.edited((site.call.args[0], body.format(request=site.request)), head=head)


def _framed(site: Site, frames: str) -> str | None:
    """The stream passed through a generator that writes events of its own."""
    if not site.stream.args:
        return None
    function = f"async def _frames(events):\n    async for event in events:\n{frames}\n\n"
    return site.edited((site.stream.args[0], f"_frames({site.source(site.stream.args[0])})"), head=function)


def _read_early(read: str) -> Planting:
    """A read of the environment above `load_dotenv()`."""
    head = f"import os\n\n{read}\n\nfrom dotenv import load_dotenv\n\nload_dotenv()\n"
    return lambda site: site.edited(head=head)


def _opened(call: str, head: str = "") -> Planting:
    """A pool or connection of asyncpg in the endpoint's file."""
    opened = f"import os\n\nimport asyncpg\n\n{head}\n\nasync def _open():\n    return await {call}\n\n\n"
    return lambda site: site.edited(head=opened)


_REFUSE = 'if not {request}.headers.get("authorization"):\n    raise HTTPException(status_code=401, detail="no token")'
_CALLED = "def _refuse(headers):\n    if not headers.get('authorization'):\n        raise HTTPException(401)\n\n"
_FAILED = 'return JSONResponse({"error": "failed"}, status_code=500)'

PLANTINGS: dict[str, dict[str, Planting]] = {
    "CK101": {
        "GET": lambda site: _routed(site, "get"),
        "PUT": lambda site: _routed(site, "put"),
        "GET among api_route's methods": lambda site: _routed(site, "api_route", ', methods=["GET"]'),
        "a constant body": lambda site: _given(site, 'b"{{}}"'),
        "the parsed body": lambda site: _given(site, "await {request}.json()"),
        "the query": lambda site: _given(site, "str({request}.query_params).encode()"),
        "one field of the body": lambda site: _given(site, '(await {request}.json())["message"]'),
    },
    "CK104": {
        "another literal": lambda site: _stream(site, '"application/json"'),
        "plain text": lambda site: _stream(site, "'text/plain; charset=utf-8'"),
        "none": lambda site: _stream(site, None),
        "a local variable": lambda site: _stream(site, "kind", before='kind = "application/x-ndjson"'),
        "a module constant": lambda site: _stream(site, "KIND", head='KIND = "text/html"\n'),
        "two parts": lambda site: _stream(site, '"text/" + "plain"'),
        "an f-string": lambda site: _stream(site, 'f"application/{kind}"', before='kind = "octet-stream"'),
    },
    "CK106": {
        "a text of the object": lambda site: _plain(
            site, 'Response(content=str({result}), media_type="application/json")'
        ),
        "bytes given to JSONResponse": lambda site: _plain(
            site, "JSONResponse({result}.json)", "from fastapi.responses import JSONResponse\n"
        ),
        "called": lambda site: _plain(site, 'Response(content={result}.json(), media_type="application/json")'),
        "wrapped": lambda site: _plain(site, '{{"data": {result}.json.decode()}}'),
        "the object itself": lambda site: _plain(site, "{result}"),
        "a method it has not": lambda site: _plain(
            site, 'Response({result}.model_dump_json(), media_type="application/json")'
        ),
    },
    "CK107": {
        "an attribute it has not": lambda site: _test(site, 'hasattr({result}, "stream")'),
        "an asynchronous generator": lambda site: _test(site, "inspect.isasyncgen({result})", "import inspect\n"),
        "an iterator": lambda site: _test(
            site, "isinstance({result}, AsyncIterator)", "from collections.abc import AsyncIterator\n"
        ),
        "__anext__": lambda site: _test(site, 'hasattr({result}, "__anext__")'),
        "a generator type": lambda site: _test(
            site, "isinstance({result}, AsyncGenerator)", "from typing import AsyncGenerator\n"
        ),
        "a flag": lambda site: _test(site, 'getattr({result}, "is_streaming", False)'),
    },
    "CK108": {
        "answered as 500": lambda site: _guarded(site, f"except Exception:\n    {_FAILED}", _REFUSE),
        "raised again as 500": lambda site: _guarded(
            site, "except Exception as error:\n    raise HTTPException(status_code=500) from error", _REFUSE
        ),
        "bare": lambda site: _guarded(site, f"except:\n    {_FAILED}", _REFUSE),
        "among others": lambda site: _guarded(site, f"except (ValueError, Exception):\n    {_FAILED}", _REFUSE),
        "raised in a helper": lambda site: _guarded(
            site, f"except Exception:\n    {_FAILED}", "_refuse({request}.headers)", _CALLED
        ),
        "base exception": lambda site: _guarded(site, f"except BaseException:\n    {_FAILED}", _REFUSE),
    },
    "CK115": {
        "event lines": lambda site: _framed(site, '        yield b"event: message\\n" + event'),
        "framed again": lambda site: _framed(site, '        yield f"data: {event.decode()}\\n\\n"'),
        "an end mark": lambda site: _framed(site, '        yield event\n    yield "data: [DONE]\\n\\n"'),
        "another shape": lambda site: _framed(
            site, """        yield 'data: {"type": "text_delta", "text": "%s"}\\n\\n' % event.decode()"""
        ),
        "numbered": lambda site: _framed(site, '        yield "id: {}\\n".format(hash(event)).encode() + event'),
    },
    "CK301": {
        "getenv": _read_early('KEY = os.getenv("OPENAI_API_KEY")'),
        "environ": _read_early('KEY = os.environ["OPENAI_API_KEY"] if "OPENAI_API_KEY" in os.environ else ""'),
        "get with default": _read_early('KEY = os.environ.get("OPENAI_API_KEY", "none")'),
        "another name": _read_early('from os import environ as settings\n\nKEY = settings.get("OPENAI_API_KEY")'),
        "a class attribute": _read_early('class Keys:\n    openai = os.getenv("OPENAI_API_KEY", "")'),
        "a default of an argument": _read_early('def key(value=os.getenv("OPENAI_API_KEY")):\n    return value'),
        "a call at import": _read_early('def key():\n    return os.environ.get("OPENAI_API_KEY")\n\n\nKEY = key()'),
    },
    "CK307": {
        "literal": _opened('asyncpg.create_pool("postgresql+asyncpg://chat@db/chat")'),
        "keyword": _opened('asyncpg.connect(dsn="postgres+asyncpg://chat@db/chat")'),
        "default": _opened('asyncpg.create_pool(os.getenv("CHAT_DSN", "postgresql+asyncpg://db/chat"))'),
        "f-string": _opened("asyncpg.create_pool(f\"postgresql+asyncpg://{os.environ['HOST']}/chat\")"),
        "constant": _opened("asyncpg.create_pool(CHAT_DSN)", 'CHAT_DSN = "postgresql+asyncpg://db/chat"\n'),
    },
    "CK112": {
        "not awaited": lambda site: site.edited((site.awaited, site.source(site.call))),
        "a task": lambda site: site.edited(
            (site.awaited, f"asyncio.create_task({site.source(site.call)})"), head="import asyncio\n"
        ),
        "ensure_future": lambda site: site.edited(
            (site.awaited, f"ensure_future({site.source(site.call)})"), head="from asyncio import ensure_future\n"
        ),
        "in brackets": lambda site: site.edited((site.awaited, f"({site.source(site.call)})")),
        "in a conditional expression": lambda site: site.edited(
            (site.awaited, f"{site.source(site.call)} if {site.request} else None")
        ),
    },
}
