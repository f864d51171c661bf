"""What is known about names that live outside the project: where the libraries define what they re-export."""

from __future__ import annotations

from functools import lru_cache

# Re-exported name -> where the library defines it. A prefix ending in a dot moves everything below it.
_MOVED = {
    "fastapi.responses.": "starlette.responses.",
    "fastapi.requests.": "starlette.requests.",
    "fastapi.middleware.": "starlette.middleware.",
    "fastapi.status.": "starlette.status.",
    "fastapi.websockets.": "starlette.websockets.",
    "fastapi.datastructures.": "starlette.datastructures.",
    "fastapi.Request": "starlette.requests.Request",
    "fastapi.Response": "starlette.responses.Response",
    "fastapi.WebSocket": "starlette.websockets.WebSocket",
    "fastapi.BackgroundTasks": "fastapi.background.BackgroundTasks",
    "fastapi.status": "starlette.status",
    "fastapi.exceptions.HTTPException": "fastapi.HTTPException",
    "fastapi.applications.FastAPI": "fastapi.FastAPI",
    "fastapi.routing.APIRouter": "fastapi.APIRouter",
    "fastapi.params.Depends": "fastapi.Depends",
    "fastapi.param_functions.": "fastapi.",
    "pydantic_core.ValidationError": "pydantic.ValidationError",
    "pydantic_core._pydantic_core.ValidationError": "pydantic.ValidationError",
    "pydantic.error_wrappers.ValidationError": "pydantic.ValidationError",
    "json.decoder.JSONDecodeError": "json.JSONDecodeError",
    "chatkit.server.Store": "chatkit.store.Store",
    "chatkit.server.AttachmentStore": "chatkit.store.AttachmentStore",
    "chatkit.server.ThreadStreamEvent": "chatkit.types.ThreadStreamEvent",
    "chatkit.server.ThreadMetadata": "chatkit.types.ThreadMetadata",
    "starlette.middleware.base.": "starlette.middleware.base.",
    "asyncio.exceptions.": "asyncio.",
    "asyncio.CancelledError": "asyncio.CancelledError",
    "asyncio.TimeoutError": "builtins.TimeoutError",
    "typing_extensions.": "typing.",
    "jwt.exceptions.": "jwt.",
    "jose.exceptions.": "jose.",
    "openai_agents.": "agents.",
    "agents.run.Runner": "agents.Runner",
    "agents.agent.Agent": "agents.Agent",
    "collections.abc.": "typing.",
}
_EXACT = {old: new for old, new in _MOVED.items() if not old.endswith(".")}
_PREFIXES = tuple((old, new) for old, new in _MOVED.items() if old.endswith(".") and old != new)

# Bases of exception classes that handlers name. Builtins are asked of the interpreter itself.
_BASES = {
    "fastapi.HTTPException": ("starlette.exceptions.HTTPException",),
    "starlette.exceptions.HTTPException": ("builtins.Exception",),
    "fastapi.exceptions.RequestValidationError": ("fastapi.exceptions.ValidationException",),
    "fastapi.exceptions.ValidationException": ("builtins.Exception",),
    "fastapi.exceptions.ResponseValidationError": ("fastapi.exceptions.ValidationException",),
    "pydantic.ValidationError": ("builtins.ValueError",),
    "json.JSONDecodeError": ("builtins.ValueError",),
    "chatkit.store.NotFoundError": ("builtins.Exception",),
    "chatkit.errors.StreamError": ("builtins.Exception",),
    "chatkit.errors.CustomStreamError": ("builtins.Exception",),
    "asyncio.CancelledError": ("builtins.BaseException",),
    "asyncio.QueueEmpty": ("builtins.Exception",),
    "jwt.PyJWTError": ("builtins.Exception",),
    "jwt.InvalidTokenError": ("jwt.PyJWTError",),
    "jwt.ExpiredSignatureError": ("jwt.InvalidTokenError",),
    "jwt.DecodeError": ("jwt.InvalidTokenError",),
    "jose.JOSEError": ("builtins.Exception",),
    "jose.JWTError": ("jose.JOSEError",),
    "jose.ExpiredSignatureError": ("jose.JWTError",),
    "httpx.HTTPError": ("builtins.Exception",),
    "httpx.RequestError": ("httpx.HTTPError",),
    "httpx.HTTPStatusError": ("httpx.HTTPError",),
    "httpx.TimeoutException": ("httpx.RequestError",),
    "httpx.ConnectError": ("httpx.RequestError",),
    "sqlalchemy.exc.SQLAlchemyError": ("builtins.Exception",),
    "sqlalchemy.exc.IntegrityError": ("sqlalchemy.exc.SQLAlchemyError",),
    "sqlalchemy.exc.OperationalError": ("sqlalchemy.exc.SQLAlchemyError",),
    "openai.OpenAIError": ("builtins.Exception",),
    "openai.APIError": ("openai.OpenAIError",),
    "openai.RateLimitError": ("openai.APIError",),
    "agents.exceptions.AgentsException": ("builtins.Exception",),
}


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """The dotted name under which the library defines `name`, where it is known to re-export it."""
    exact = _EXACT.get(name)
    if exact is not None:
        return exact
    for old, new in _PREFIXES:
        if name.startswith(old):
            return canonical(new + name[len(old) :])
    return name


@lru_cache(maxsize=1024)
def ancestors(name: str) -> tuple[str, ...] | None:
    """All base classes of the external class `name`, itself first; None where the library is not known.

    Builtin exceptions come from the running interpreter, the others from a table of the libraries that
    ChatKit applications catch.
    """
    if name.startswith("builtins."):
        import builtins

        cls = getattr(builtins, name[9:], None)
        return tuple(f"builtins.{base.__name__}" for base in cls.__mro__) if isinstance(cls, type) else None
    bases = _BASES.get(name)
    if bases is None:
        return None
    found = [name]
    for base in bases:
        found.extend(ancestors(base) or (base,))
    return tuple(dict.fromkeys(found))
