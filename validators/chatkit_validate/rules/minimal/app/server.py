import anyio
from agents import Agent, RunConfig, Runner
from agents.mcp import MCPServerStreamableHttp
from chatkit.agents import AgentContext, ThreadItemConverter, stream_agent_response
from chatkit.server import ChatKitServer

from app.auth import Caller
from app.settings import settings

INSTRUCTIONS = "You help people keep their task list."


class ChatServer(ChatKitServer[Caller]):
    async def respond(self, thread, input_user_message, context):
        page = await self.store.load_thread_items(thread.id, None, 30, "desc", context)
        history = await ThreadItemConverter().to_agent_input(list(reversed(page.data)))
        tasks = MCPServerStreamableHttp(
            params={
                "url": settings.mcp_server_url,
                "headers": {"Authorization": f"Bearer {context.token}"},
            },
            client_session_timeout_seconds=30,
        )
        async with tasks:
            agent = Agent(name="assistant", instructions=INSTRUCTIONS, mcp_servers=[tasks])
            agent_context = AgentContext(thread=thread, store=self.store, request_context=context)
            result = Runner.run_streamed(
                agent,
                history,
                context=agent_context,
                run_config=RunConfig(trace_include_sensitive_data=False),
            )
            try:
                async for event in stream_agent_response(agent_context, result):
                    yield event
            finally:
                if not result.is_complete:
                    result.cancel()

    async def handle_stream_cancelled(self, thread, pending_items, context):
        with anyio.CancelScope(shield=True):
            await super().handle_stream_cancelled(thread, pending_items, context)
