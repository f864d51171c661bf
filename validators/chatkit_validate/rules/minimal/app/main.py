import logging
from contextlib import asynccontextmanager
from typing import Annotated

from dotenv import load_dotenv

load_dotenv()

import asyncpg  # noqa: E402 - the environment must be loaded first
from chatkit.server import StreamingResult  # noqa: E402 - as above
from chatkit.store import NotFoundError  # noqa: E402 - as above
from chatkit.types import ChatKitReq  # noqa: E402 - as above
from fastapi import Depends, FastAPI, HTTPException, Request  # noqa: E402 - as above
from fastapi.middleware.cors import CORSMiddleware  # noqa: E402 - as above
from fastapi.responses import Response, StreamingResponse  # noqa: E402 - as above
from pydantic import TypeAdapter, ValidationError  # noqa: E402 - as above

from app.auth import Caller, current_caller  # noqa: E402 - as above
from app.server import ChatServer  # noqa: E402 - as above
from app.settings import settings  # noqa: E402 - as above
from app.store import PostgresStore  # noqa: E402 - as above

logger = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(app: FastAPI):
    if settings.taskflow_chatkit_database_url is None:
        yield
        return
    pool = await asyncpg.create_pool(settings.taskflow_chatkit_database_url, timeout=5)
    try:
        store = PostgresStore(pool)
        await store.initialize_schema()
        app.state.chatkit_server = ChatServer(store)
        yield
    finally:
        await pool.close()


app = FastAPI(lifespan=lifespan)
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://app.example.com"],
    allow_credentials=True,
    allow_methods=["POST"],
    allow_headers=["Authorization", "Content-Type"],
)


async def refuse_unknown_ids(server: ChatServer, body: bytes, caller: Caller) -> None:
    params = TypeAdapter(ChatKitReq).validate_json(body).params
    if thread_id := getattr(params, "thread_id", None):
        thread = await server.store.load_thread(thread_id, caller)
        if item_id := getattr(params, "item_id", None):
            await server.store.load_item(thread.id, item_id, caller)
    for attachment_id in getattr(getattr(params, "input", None), "attachments", ()):
        await server.store.load_attachment(attachment_id, caller)


@app.post("/chatkit")
async def chatkit(request: Request, caller: Annotated[Caller, Depends(current_caller)]):
    server = getattr(request.app.state, "chatkit_server", None)
    if server is None:
        raise HTTPException(503, "Chat is not available")
    body = await request.body()
    try:
        await refuse_unknown_ids(server, body, caller)
        result = await server.process(body, caller)
    except ValidationError:
        raise HTTPException(422, "Not a ChatKit request") from None
    except NotFoundError:
        raise HTTPException(404, "No such thread or item") from None
    if isinstance(result, StreamingResult):
        return StreamingResponse(
            result,
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )
    return Response(content=result.json, media_type="application/json")
