"""The ways in which each rule is violated, tried in every app that has the place.

To add one: a line with the text that stands there and what takes its place. `ALSO` names, for each rule, the rules
whose verdicts its violation changes by its nature, and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutation.mutant import Way

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEDIA = 'media_type="text/event-stream"'
_JSON = 'Response(content=result.json, media_type="application/json")'
_TEST = "isinstance(result, StreamingResult)"
_INVALID = "        raise invalid_request(error) from None\n"
_PROCESS = "await server.process(body, "
_LOG = "    body = await "
_CORS = "allow_origins=settings.allowed_origins"
_VERIFIED = 'options={"require": ["exp", "aud", "iss", "sub"]}'
_SECRET = f"sk-{'Q7mZ' * 10}"  # looks like one, and is none

WAYS: Mapping[str, tuple[Way, ...]] = {
    "CK101": (
        Way("GET", '.post("/chatkit")', '.get("/chatkit")'),
        Way("PUT", '.post("/chatkit")', '.put("/chatkit")'),
        Way("a constant body", _PROCESS, 'await server.process(b"{}", '),
        Way("the query", _PROCESS, "await server.process(str(request.query_params).encode(), "),
    ),
    "CK102": (
        Way("500", 'HTTPException(503, "chat is not available")', 'HTTPException(500, "chat is not available")'),
        Way("404", 'HTTPException(503, "Chat is not available")', 'HTTPException(404, "Chat is not available")'),
        Way("500 in a dependency", 'HTTPException(503, "chat', 'HTTPException(500, "chat', path="app/state.py"),
        Way("another error in a dependency", "raise HTTPException(503, ", "raise LookupError(", path="app/state.py"),
        Way("an assertion", '    if server is None:\n        raise HTTPException(503, "Chat is not available")\n', "    assert server\n"),
    ),
    "CK103": (
        Way("no handler", f"    except ValidationError as error:\n{_INVALID}", "    finally:\n        pass\n"),
        Way("500", "HTTPException(422, [", "HTTPException(500, [", path="app/chatkit_request.py"),
        Way("500", "HTTPException(422, [", "HTTPException(500, [", path="src/chatkit_server/requests.py"),
        Way("500", "HTTPException(422, ", "HTTPException(500, "),
    ),
    "CK104": (
        Way("JSON", _MEDIA, 'media_type="application/json"'),
        Way("plain text", _MEDIA, 'media_type="text/plain"'),
        Way("lines of JSON", _MEDIA, 'media_type="application/x-ndjson"'),
        Way("two parts", _MEDIA, 'media_type="text/" + "html"'),
        Way("none", f", {_MEDIA}, headers", ", headers"),
    ),
    "CK105": (
        Way("no headers", f"{_MEDIA}, headers=SSE_HEADERS", _MEDIA),
        Way("kept by caches", '"no-cache, no-transform"', '"max-age=60"'),
        Way("no word to nginx", '    "X-Accel-Buffering": "no",\n', ""),
        Way("buffering asked for", '"X-Accel-Buffering": "no"', '"X-Accel-Buffering": "yes"'),
        Way("only the cache", '"Cache-Control": "no-cache", "X-Accel-Buffering": "no"', '"Cache-Control": "no-cache"'),
    ),
    "CK106": (
        Way("encoded twice", _JSON, "JSONResponse(result.json)", head="from fastapi.responses import JSONResponse"),
        Way("the object as text", _JSON, 'Response(content=str(result), media_type="application/json")'),
        Way("the object itself", f"return {_JSON}", "return result"),
        Way("called", _JSON, 'Response(content=result.json(), media_type="application/json")'),
        Way("a method it has not", _JSON, 'Response(result.model_dump_json(), media_type="application/json")'),
        Way("as plain text", _JSON, 'Response(content=result.json, media_type="text/plain")'),
    ),
    "CK107": (
        Way("an attribute it has not", _TEST, 'hasattr(result, "stream")'),
        Way("an iterator", _TEST, 'hasattr(result, "__anext__")'),
        Way("a flag", _TEST, 'getattr(result, "is_streaming", False)'),
        Way("an asynchronous generator", _TEST, "inspect.isasyncgen(result)", head="import inspect"),
        Way("a dictionary", _TEST, "isinstance(result, dict)"),
    ),
    "CK108": (
        Way("answered as 500", _INVALID, f"{_INVALID}    except Exception:\n        return Response(status_code=500)\n"),
        Way("bare", _INVALID, f"{_INVALID}    except:\n        return Response(status_code=500)\n"),
        Way("among others", _INVALID, f"{_INVALID}    except (OSError, Exception):\n        return Response(status_code=500)\n"),
    ),
    "CK109": (
        Way(
            "the text of any error",
            _INVALID,
            _INVALID + "    except Exception as error:\n        return Response(str(error), status_code=500)\n",
        ),
        Way(
            "its representation",
            _INVALID,
            _INVALID + '    except Exception as error:\n        return Response(f"failed: {error!r}", status_code=500)\n',
        ),
        Way(
            "the traceback",
            _INVALID,
            _INVALID + "    except Exception:\n        return Response(traceback.format_exc(), status_code=500)\n",
            head="import traceback",
        ),
    ),
    "CK110": (
        Way("no handler", "    app.add_exception_handler(NotFoundError, not_found)\n", ""),
        Way("no handler", "    app.add_exception_handler(NotFoundError, not_found)\n", "", path="main.py"),
        Way("500", 'attachment"}, status_code=404)', 'attachment"}, status_code=500)'),
        Way("500", 'attachment"}, status_code=404)', 'attachment"}, status_code=500)', path="main.py"),
        Way("200", 'attachment"}, status_code=404)', 'attachment"})', path="main.py"),
        Way("400 becomes 500", 'HTTPException(404, "No such thread or item")', 'HTTPException(500, "No such thread or item")'),
    ),
    "CK111": (
        Way("an empty object", _INVALID, f'{_INVALID}    except Exception:\n        return Response(content=b"{{}}", media_type="application/json")\n'),
        Way("an empty answer", _INVALID, f"{_INVALID}    except Exception:\n        return Response()\n"),
    ),
    "CK112": (Way("not awaited", "result = await server.process(", "result = server.process("),),
    "CK113": (
        Way("run to its end", "result = Runner.run_streamed(", "result = await Runner.run(", path="app/services/chatkit_server.py"),
        Way("run to its end", "result = Runner.run_streamed(", "result = await Runner.run(", path="src/chatkit_server/server.py"),
    ),
    "CK114": (
        Way("not looked up", "        await refuse_early(chatkit_request, server.postgres, context)\n", ""),
        Way("not looked up", "        await refuse_early(parse_request(body), server.postgres, context)\n", ""),
        Way("not looked up", "        await refuse_unknown_ids(server, body, caller)\n", ""),
    ),
    "CK115": (
        Way("an end mark", "StreamingResponse(result, ", "StreamingResponse(_framed(result), ", head='async def _framed(events):\n    async for event in events:\n        yield event\n    yield "data: [DONE]\\n\\n"\n\n\n'),
        Way("event lines", "StreamingResponse(result, ", "StreamingResponse(_framed(result), ", head='async def _framed(events):\n    async for event in events:\n        yield b"event: message\\n" + event\n\n\n'),
    ),
    "CK201": (
        Way("a constant", "user_id=caller.user_id", 'user_id="demo"'),
        Way("a constant", "ChatContext(user_id=user_id", 'ChatContext(user_id="demo"'),
        Way("an empty text", "ChatContext(user_id=user_id", 'ChatContext(user_id=""'),
        Way("a constant", 'user_id=claims["sub"]', 'user_id="demo"', path="app/auth.py"),
    ),
    "CK203": (
        Way("a header", 'user_id=claims["sub"]', 'user_id=request.headers["X-User-ID"]', path="app/auth.py"),
        Way("the query", 'user_id=claims["sub"]', 'user_id=request.query_params["user"]', path="app/auth.py"),
        Way("a header", "ChatContext(user_id=user_id", 'ChatContext(user_id=request.headers.get("X-User-ID", user_id)'),
        Way("the query", "ChatContext(user_id=user_id", 'ChatContext(user_id=request.query_params["user"]'),
        Way("a cookie", "ChatContext(user_id=user_id", 'ChatContext(user_id=request.cookies["user"]'),
    ),
    "CK204": (
        Way("signature not verified", _VERIFIED, 'options={"verify_signature": False}', path="app/auth.py"),
        Way("signature not verified", _VERIFIED, 'options={"verify_signature": False}', path="src/auth.py"),
        Way("signature not verified", 'options={"require": ["exp", "sub"]}', 'options={"verify_signature": False}', path="app/auth.py"),
        Way("none admitted", 'algorithms=["HS256"],\n            audience', 'algorithms=["HS256", "none"],\n            audience', path="src/auth.py"),
        Way("none admitted", 'algorithms=["RS256"]', 'algorithms=["RS256", "none"]', path="app/auth.py"),
    ),
    "CK205": (
        Way("a guest", '        raise _unauthorized("a bearer token is needed")', '        return Caller(user_id="guest", access_token="")', path="app/auth.py"),
        Way("a guest for false tokens", '        raise HTTPException(401, "The token is not valid", {"WWW-Authenticate": "Bearer"}) from None', '        return Caller(user_id="guest", token="")', path="app/auth.py"),
        Way("a guest", 'raise HTTPException(401, "A bearer token is needed", {"WWW-Authenticate": "Bearer"})', 'return Caller(user_id="guest", token="")', path="app/auth.py"),
    ),
    "CK206": (
        Way("among the instructions", "instructions=INSTRUCTIONS if servers else INSTRUCTIONS + WITHOUT_TOOLS", 'instructions=f"{INSTRUCTIONS} The token is {access_token}."', path="src/todo_agent/agent.py"),
        Way("in a message", "[*client_context_input(context), *history]", '[{"role": "developer", "content": f"token {context.access_token}"}, *history]', path="app/services/chatkit_server.py"),
        Way("added up", "instructions=INSTRUCTIONS,", 'instructions=INSTRUCTIONS + " Token: " + context.token,', path="app/server.py"),
    ),
    "CK207": (
        Way("told to pass it", "instructions=INSTRUCTIONS,", 'instructions=f"{INSTRUCTIONS} Pass user_id={context.user_id} to every tool.",', path="app/server.py"),
        Way("told in a message", "[*client_context_input(context), *history]", '[{"role": "developer", "content": f"Pass user_id={context.user_id} to every tool"}, *history]', path="app/services/chatkit_server.py"),
    ),
    "CK208": (
        Way("all headers printed", _LOG, f"    print(dict(request.headers))\n{_LOG}"),
        Way("the token printed", _LOG, f'    print("token", request.headers.get("Authorization"))\n{_LOG}'),
        Way("the token logged", _LOG, f'    logger.info("caller %s", request.headers["authorization"])\n{_LOG}'),
    ),
    "CK209": (
        Way("a key as default", "openai_api_key: SecretStr | None = None", f'openai_api_key: SecretStr | None = SecretStr("{_SECRET}")', path="app/settings.py"),
        Way("a key as default", "openai_api_key: SecretStr | None = None", f'openai_api_key: SecretStr | None = SecretStr("{_SECRET}")', path="src/settings.py"),
        Way("a key as default", '    jwt_audience: str = "chat"', f'    jwt_audience: str = "chat"\n    openai_api_key: str = "{_SECRET}"', path="app/settings.py"),
    ),
    "CK211": (
        Way("everybody with credentials", _CORS, 'allow_origins=["*"],\n        allow_credentials=True'),
        Way("everybody with credentials", _CORS, 'allow_origins=["*"],\n        allow_credentials=True', path="main.py"),
        Way("every pattern", _CORS, 'allow_origin_regex=".*",\n        allow_credentials=True'),
        Way("every pattern", _CORS, 'allow_origin_regex=".*",\n        allow_credentials=True', path="main.py"),
        Way("everybody with credentials", 'allow_origins=["https://app.example.com"]', 'allow_origins=["*"]'),
        Way("every https site", 'allow_origins=["https://app.example.com"]', 'allow_origin_regex="https://.*"'),
    ),
    "CK212": (
        Way("in the URL", '"url": url,', '"url": f"{url}?token={self.tokens.token_for(context)}",', path="app/services/task_tools.py"),
        Way("in the URL", '"url": self.url,', '"url": f"{self.url}?token={access_token}",', path="src/todo_agent/mcp_tools.py"),
        Way("in the URL", '"url": settings.mcp_server_url,', '"url": f"{settings.mcp_server_url}?token={context.token}",', path="app/server.py"),
    ),
    "CK213": (
        Way("a constant", 'f"Bearer {self.tokens.token_for(context)}"', '"Bearer shared"', path="app/services/task_tools.py"),
        Way("a constant", 'f"Bearer {access_token}"', '"Bearer shared"', path="src/todo_agent/mcp_tools.py"),
        Way("a constant", 'f"Bearer {context.token}"', '"Bearer shared"', path="app/server.py"),
        Way("none", '                "headers": {"Authorization": f"Bearer {access_token}"},\n', "", path="src/todo_agent/mcp_tools.py"),
        Way("another header", '"Authorization": f"Bearer {context.token}"', '"X-Client": "chat"', path="app/server.py"),
    ),
    "CK301": (
        Way("read before", "from dotenv import load_dotenv", 'import os\n\nKEY = os.getenv("OPENAI_API_KEY")\n\nfrom dotenv import load_dotenv'),
        Way("read before", "from dotenv import load_dotenv", 'import os\n\nKEY = os.environ.get("OPENAI_API_KEY", "")\n\nfrom dotenv import load_dotenv', path="main.py"),
    ),
    "CK302": (
        Way("unmarked", "from fastapi.middleware.cors import CORSMiddleware  # noqa: E402", "from fastapi.middleware.cors import CORSMiddleware"),
        Way("unmarked", "from fastapi.middleware.cors import CORSMiddleware  # noqa: E402", "from fastapi.middleware.cors import CORSMiddleware", path="main.py"),
        Way("another rule's mark", "CORSMiddleware  # noqa: E402", "CORSMiddleware  # noqa: F401"),
    ),
    "CK303": (
        Way("forbidden", '        extra="ignore",\n', "", path="app/settings.py"),
        Way("forbidden", '        extra="ignore",\n', "", path="app/chatkit_store/config.py"),
        Way("said aloud", 'extra="ignore"', 'extra="forbid"', path="src/settings.py"),
        Way("forbidden", 'env_file=".env", extra="ignore"', 'env_file=".env"', path="src/settings.py"),
        Way("forbidden", 'env_file=".env", extra="ignore"', 'env_file=".env"', path="app/settings.py"),
    ),
    "CK304": (
        Way("never", "        await store.initialize_schema()\n", "        pass\n"),
        Way("not awaited", "await store.initialize_schema()", "store.initialize_schema()"),
    ),
    "CK305": (
        Way("never", "        await database.close()\n", "", path="main.py"),
        Way("never", "        await pool.close()", "        pass"),
    ),
    "CK307": (
        Way("a literal", "asyncpg.create_pool(settings.taskflow_chatkit_database_url,", 'asyncpg.create_pool("postgresql+asyncpg://db/chat",'),
    ),
    "CK308": tuple(
        Way("the placeholder", f'"openai-chatkit{version}"', '"chatkit>=0.1"', path="pyproject.toml")
        for version in (">=1.6.5,<1.7", ">=1.6,<1.7", ">=1.6.5")
    ),
    "CK309": (
        Way("an older framework", '"fastapi>=0.120"', '"fastapi==0.115.0",\n  "starlette==0.47.0"', path="pyproject.toml"),
    ),
    "CK310": (
        Way("without the prefix", "TASKFLOW_CHATKIT_DATABASE_URL=", "CHATKIT_DATABASE_URL=", path=".env.example"),
        Way("a slip", "OPENAI_API_KEY=", "OPEN_API_KEY=", path=".env.example"),
    ),
}  # fmt: skip

_REFUSALS = "what is refused while the request is looked at no longer reaches the client as it was raised"
_UNREACHED = "without its endpoint the server belongs to no application, and nothing of one is judged"
_UNKNOWN_IDS = "nobody looks what the request names up any more, so nobody answers 404"
ALSO: Mapping[str, Mapping[str, str]] = {
    "CK101": {"*": _UNREACHED},
    "CK108": {"CK110": _REFUSALS},
    "CK109": {"CK108": _REFUSALS, "CK110": _REFUSALS},
    "CK111": {"CK108": _REFUSALS, "CK110": _REFUSALS},
    "CK113": {"CK511": "a run that does not stream has no part of an answer to keep"},
    "CK114": {"CK110": _UNKNOWN_IDS},
    "CK415": {"CK405": "a statement put together of texts is not followed to what it finds"},
    "CK301": {"CK302": "the read stands among the imports, which are late then"},
}
EXPLAINED: Mapping[str, str] = {
    "CK201 minimal: a constant": "the context still holds the caller's token, which tells callers apart",
    "CK212 taskflow: in the URL": "the token is what a method of a Protocol gives, whose classes are not looked for",
    "CK103 taskflow: 500": "a helper makes one of two refusals, 400 or 500, and the first is taken for both",
}
"""A part of a mutant's description -> why its rule does not fail."""
