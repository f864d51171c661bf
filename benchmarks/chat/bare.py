# ruff: noqa: ARG002, D102 - the library's interface, in memory
"""The baseline: ChatKit as its documentation shows it, with everything in memory and nobody checked.

The same agent, model and MCP connection per turn as the app; the difference is what the app adds.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from agents import Runner
from chatkit.agents import AgentContext, simple_to_agent_input, stream_agent_response
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata, ThreadStreamEvent, UserMessageItem
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from app.chatkit_store import RequestContext
from app.services.chat_agent import build_agent, build_model, model_client
from app.services.mcp_gate import ConnectGate
from app.services.mcp_token import mcp_tokens
from app.services.task_tools import TaskTools
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openai import AsyncOpenAI


class MemoryStore(Store[RequestContext]):
    """Dictionaries: the fastest store there is."""

    def __init__(self) -> None:
        self.threads: dict[str, ThreadMetadata] = {}
        self.items: dict[str, dict[str, ThreadItem]] = defaultdict(dict)

    async def load_thread(self, thread_id: str, context: RequestContext) -> ThreadMetadata:
        return self.threads[thread_id].model_copy()

    async def save_thread(self, thread: ThreadMetadata, context: RequestContext) -> None:
        self.threads[thread.id] = ThreadMetadata(**thread.model_dump(exclude={"items"}))

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: RequestContext
    ) -> Page[ThreadItem]:
        items = list(self.items[thread_id].values())
        return Page(data=(items if order == "asc" else items[::-1])[:limit], has_more=len(items) > limit)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        self.items[thread_id][item.id] = item

    async def save_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        self.items[thread_id][item.id] = item

    async def load_item(self, thread_id: str, item_id: str, context: RequestContext) -> ThreadItem:
        return self.items[thread_id][item_id]

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: RequestContext
    ) -> Page[ThreadMetadata]:
        return Page(data=list(self.threads.values())[:limit])

    async def delete_thread(self, thread_id: str, context: RequestContext) -> None:
        del self.threads[thread_id]

    async def delete_thread_item(self, thread_id: str, item_id: str, context: RequestContext) -> None:
        del self.items[thread_id][item_id]

    async def save_attachment(self, attachment: Attachment, context: RequestContext) -> None:
        raise NotFoundError(attachment.id)

    async def load_attachment(self, attachment_id: str, context: RequestContext) -> Attachment:
        raise NotFoundError(attachment_id)

    async def delete_attachment(self, attachment_id: str, context: RequestContext) -> None:
        raise NotFoundError(attachment_id)


class BareServer(ChatKitServer[RequestContext]):
    """respond() and nothing else."""

    def __init__(self, settings: Settings, client: AsyncOpenAI) -> None:
        super().__init__(MemoryStore())
        self.model = build_model(settings, client)
        self.tools = TaskTools(
            url=settings.mcp_server_url,
            tokens=mcp_tokens(settings),
            gate=ConnectGate(at_once=1000, pause=0),
            connect_timeout=60,
            tool_timeout=60,
        )

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        page = await self.store.load_thread_items(thread.id, None, 60, "desc", context)
        history = await simple_to_agent_input(page.data[::-1])
        agent_context = AgentContext(thread=thread, store=self.store, request_context=context)
        async with self.tools.connected(context) as tools:
            result = Runner.run_streamed(build_agent(self.model, tools), history, context=agent_context)
            async for event in stream_agent_response(agent_context, result):
                yield event


def create_app() -> FastAPI:
    """The baseline app, configured by the same environment."""
    settings = Settings()
    client = model_client(settings)
    if client is None:
        raise RuntimeError("OPENAI_API_KEY is not set")
    server = BareServer(settings, client)
    app = FastAPI()

    @app.post("/chatkit")
    async def chatkit(request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        context = RequestContext(user_id="anybody", request_id="-", access_token=token)
        result: Any = await server.process(await request.body(), context)
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(result.json, media_type="application/json")

    return app


app = create_app()
