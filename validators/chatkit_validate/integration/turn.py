"""One turn of an agent: what `respond()` hands to the model, and with which tools and MCP servers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.flow import Foreign, Frame, FunctionValue, Instance, Structure, reachable
from chatkit_validate.flow.calls import returns
from chatkit_validate.flow.growth import added
from chatkit_validate.integration.application import argument
from chatkit_validate.names import arguments
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.model import Integration, Server
    from chatkit_validate.integration.processing import Processing
    from chatkit_validate.names import Function
    from chatkit_validate.source import Place

_RUNS = frozenset({"agents.Runner.run", "agents.Runner.run_streamed", "agents.Runner.run_sync"})
_AGENT = "agents.Agent"
# Calls of models without the Agents SDK: the last words of their names, and the arguments that hold text.
_MODEL_CALLS = (
    "chat.completions.create", "responses.create", "responses.stream", "chat.completions.stream", "completions.parse",
    "responses.parse", "litellm.completion", "litellm.acompletion", "generate_content", "generate_content_stream",
    "messages.create", "messages.stream", "send_message_stream",
)  # fmt: skip
_MODEL_METHODS = frozenset({"ainvoke", "astream", "invoke", "stream", "astream_events"})
_INSTRUCTIONS = ("instructions", "system_instruction", "system", "system_prompt", "handoff_description")
_INPUTS = ("messages", "input", "contents", "prompt")
_ROLES = frozenset({"system", "developer"})


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A text that the model reads.

    Attributes:
        text: The expression.
        frame: Where it is read.
        instructs: Whether it stands in the instruction role (instructions, system or developer message).
        call: The agent or the call of the model that it is given to.
    """

    text: ast.expr
    frame: Frame
    instructs: bool
    call: Place

    @property
    def where(self) -> Place:
        """Where it is given to the model."""
        return self.frame.place(self.text)


@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """A function of the project that the model may call.

    Attributes:
        function: The function.
        where: Its definition.
        parameters: The names the model fills in: all but the run's own context.
    """

    function: Function
    where: Place
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """What one server class's `respond()` runs; the subject of rules about agent turns.

    Attributes:
        name: Class and method, e.g. `TaskServer.respond`.
        where: The method's definition.
        frames: The method as each endpoint's `process()` runs it.
        prompts: Every text it gives to a model.
        tools: The functions its agents may call.
        agents: The calls that make its agents, with the frames they are read in.
        runs: The calls that run a model.
        reached: Every call it can make.
        gives_tools: Whether a run or an agent is given tools or MCP servers of any kind.
        answers: What its tools return: the model reads it too.
    """

    kind: ClassVar[str] = "turn"
    name: str
    where: Place
    frames: tuple[Frame, ...]
    prompts: tuple[Prompt, ...]
    tools: tuple[Tool, ...]
    agents: tuple[tuple[ast.Call, Frame], ...]
    runs: tuple[Place, ...]
    reached: tuple[reachable.Called, ...]
    gives_tools: bool = False
    answers: tuple[Prompt, ...] = ()


def turns(integration: Integration) -> tuple[Turn, ...]:
    """The turns of the integration's server classes, in their order."""
    found = []
    for server in integration.servers:
        method = integration.flow.hierarchy.method(server.cls, "respond")
        if method is not None:
            found.append(_turn(integration, server, method))
    return tuple(found)


def _turn(integration: Integration, server: Server, method: Function) -> Turn:
    flow = integration.flow
    frames = tuple(_frames(integration, server, method))
    reached = tuple(called for frame in frames for called in _calls(flow, frame))
    reader = _Reader(flow)
    for called in reached:
        reader.call(called)
    return Turn(
        f"{server.name}.respond",
        method.module.place(method.node),
        frames,
        tuple(reader.prompts),
        tuple(reader.tools.values()),
        tuple(reader.agents.items()),
        tuple(reader.runs),
        reached,
        reader.gives_tools,
        tuple(_answers(flow, reader.tools.values())),
    )


def _answers(flow: Flow, tools: Iterable[Tool]) -> Iterator[Prompt]:
    for tool in tools:
        frame = flow.entry(tool.function)
        for returned in returns(tool.function):
            if returned is not None:
                yield Prompt(returned, frame, instructs=False, call=tool.where)


def _calls(flow: Flow, frame: Frame) -> Iterator[reachable.Called]:
    yield from reachable.calls(flow, frame)


def _frames(integration: Integration, server: Server, method: Function) -> Iterator[Frame]:
    """`respond()` with the context that each endpoint passes to `process()`."""
    flow, found = integration.flow, False
    for endpoint in integration.endpoints:
        for processing in endpoint.processings:
            if server.cls in processing.servers and processing.context is not None:
                found = True
                yield _bound(flow, server, method, processing)
    if not found:
        yield flow.entry(
            method, Instance(server.cls, server.cls.node, flow.module_frame(server.cls.module), made=False)
        )


def _bound(flow: Flow, server: Server, method: Function, processing: Processing) -> Frame:
    receiver: Value = Instance(server.cls, processing.call, processing.frame, made=False)
    for value in flow.values(processing.receiver, processing.frame):
        if isinstance(value, Instance) and value.cls is server.cls:
            receiver = value
    parameters = [one.arg for one in arguments(method.node)]
    name = next((one for one in parameters if one in {"context", "ctx"}), parameters[3] if len(parameters) > 3 else "")
    passed = {name: (processing.context, processing.frame)} if name and processing.context is not None else {}
    return Frame(method.module, method, passed, receiver)


class _Reader:
    """Collects prompts, tools and agents from the calls of one turn."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.prompts: list[Prompt] = []
        self.tools: dict[Function, Tool] = {}
        self.agents: dict[ast.Call, Frame] = {}
        self.wrapped: set[ast.Call] = set()
        self.runs: list[Place] = []
        self.gives_tools = False

    def call(self, called: reachable.Called) -> None:
        """Reads one call if it runs a model or makes an agent."""
        node, frame = called.node, called.frame
        for callee in called.callees:
            name = callee.name if isinstance(callee, Foreign) else ""
            if name in _RUNS:
                self.runs.append(frame.place(node))
                self._input(node, argument(node, "input", 1), frame)
                agent = argument(node, "starting_agent", 0)
                for value in self.flow.values(agent, frame) if agent is not None else ():
                    self._agent(value)
                # What a run starts with is an agent, wherever it was kept; a changed copy of one says how it differs.
                if isinstance(agent, ast.Call) and isinstance(agent.func, ast.Attribute) and agent.func.attr == "clone":
                    self._made(agent, frame)
            elif name in {_AGENT, f"{_AGENT}[]"}:
                self._made(node, frame)
            elif name.endswith(_MODEL_CALLS) or (name.rpartition(".")[2] in _MODEL_METHODS and "langchain" in name):
                self.runs.append(frame.place(node))
                self._model(node, frame)

    def _agent(self, value: Value) -> None:
        match value:
            case Foreign(
                name="agents.Agent()" | "agents.Agent().clone()" | "agents.Agent[]().clone()",
                node=ast.Call() as node,
                frame=frame,
            ):
                if frame is not None:
                    self._made(node, frame)
                if value.base is not None and value.name.endswith("clone()"):
                    base = value.base.base if isinstance(value.base, Foreign) else None
                    if base is not None:
                        self._agent(base)
            case Foreign(name="agents.Agent[]()", node=ast.Call() as node, frame=frame) if frame is not None:
                self._made(node, frame)
            case Instance(node=ast.Call() as node, frame=frame, cls=cls):
                if any(name.startswith(_AGENT) for name in self.flow.hierarchy.outside(cls)):
                    self._made(node, frame)
            case _:
                return

    def _made(self, node: ast.Call, frame: Frame) -> None:
        """An agent: its instructions, its tools, the agents it hands over to."""
        if node in self.agents:
            return
        self.agents[node] = frame
        for keyword in node.keywords:
            if keyword.arg in _INSTRUCTIONS:
                self.prompts.append(Prompt(keyword.value, frame, instructs=True, call=frame.place(node)))
            elif keyword.arg in {"tools", "mcp_servers"}:
                self.gives_tools = True
                self._listed(keyword.value, frame, self._tool)
            elif keyword.arg == "handoffs":
                self._listed(keyword.value, frame, self._agent)

    def _listed(self, expression: ast.expr, frame: Frame, take, within=frozenset()) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        for value in self.flow.values(expression, frame):
            # `tools = tools + [another]` is part of itself.
            if value in within:
                continue
            inside = within | {value}
            if isinstance(value, Structure) and isinstance(value.node, ast.BinOp):
                self._listed(value.node.left, value.frame, take, inside)
                self._listed(value.node.right, value.frame, take, inside)
            if not isinstance(value, Structure) or not isinstance(value.node, ast.List | ast.Tuple):
                continue
            for element in (*value.node.elts, *added(self.flow, value)):
                if isinstance(element, ast.Starred):
                    self._listed(element.value, value.frame, take, inside)
                    continue
                for one in self.flow.values(element, value.frame):
                    take(one)

    def _tool(self, value: Value) -> None:
        """A decorated function, or one wrapped by `function_tool(f)`."""
        match value:
            case FunctionValue(function=function):
                names = tuple(
                    one.arg
                    for one in arguments(function.node)
                    if one.arg not in {"self", "ctx", "context", "wrapper", "run_context", "tool_context"}
                    and not (one.annotation and "Context" in unparse(one.annotation))
                )
                self.tools[function] = Tool(function, function.module.place(function.node), names)
            case Foreign(
                name="agents.function_tool()" | "agents.tool.function_tool()", node=ast.Call() as node, frame=frame
            ):
                # `act = function_tool(act)` wraps itself, among others.
                if node in self.wrapped or not node.args or frame is None:
                    return
                self.wrapped.add(node)
                for inner in self.flow.values(node.args[0], frame):
                    self._tool(inner)
            case Foreign(name=name, node=ast.Call() as node, frame=frame) if name.endswith("as_tool()"):
                self._agent(value.base.base if isinstance(value.base, Foreign) and value.base.base else value)
            case _:
                return

    def _input(self, node: ast.Call, expression: ast.expr | None, frame: Frame) -> None:
        if expression is None:
            return
        call = frame.place(node)
        self.prompts.append(Prompt(expression, frame, instructs=False, call=call))
        for message, where in _messages(self.flow, expression, frame):
            self.prompts.extend(Prompt(text, where, instructs=True, call=call) for text in _instructing(message))

    def _model(self, node: ast.Call, frame: Frame) -> None:
        for keyword in node.keywords:
            if keyword.arg in _INSTRUCTIONS:
                self.prompts.append(Prompt(keyword.value, frame, instructs=True, call=frame.place(node)))
            elif keyword.arg in _INPUTS:
                self._input(node, keyword.value, frame)
            elif keyword.arg in {"tools", "functions"}:
                self.gives_tools = True
                self._listed(keyword.value, frame, self._tool)
        for positional in node.args[:1]:
            self._input(node, positional, frame)


def _instructing(message: ast.Dict | ast.Call) -> list[ast.expr]:
    """The texts of a message in the instruction role; none where it is another's."""
    if isinstance(message, ast.Call):
        text = argument(message, "content", 0)
        return [text] if text is not None else []
    stated = list(zip(message.keys, message.values, strict=True))
    role = next((value for key, value in stated if _says(key, "role")), None)
    if not isinstance(role, ast.Constant) or role.value not in _ROLES:
        return []
    return [value for key, value in stated if _says(key, "content")]


def _messages(flow: Flow, expression: ast.expr, frame: Frame) -> Iterator[tuple[ast.Dict | ast.Call, Frame]]:
    """The message dictionaries and LangChain's system messages in a list given as input, later added ones too."""
    seen: set[ast.AST] = set()
    todo = [(expression, frame)]
    while todo:
        node, where = todo.pop()
        for value in flow.values(node, where):
            match value:
                case Foreign(name=name, node=ast.Call() as made, frame=Frame() as inner) if (
                    name.startswith("langchain") and name.endswith(".SystemMessage()") and made not in seen
                ):
                    seen.add(made)
                    yield made, inner
                case _:
                    pass
            if not isinstance(value, Structure) or value.node in seen:
                continue
            seen.add(value.node)
            match value.node:
                case ast.Dict() as display:
                    yield display, value.frame
                case ast.List(elts=elements) | ast.Tuple(elts=elements):
                    elements = [*elements, *added(flow, value)]
                    todo.extend((one.value if isinstance(one, ast.Starred) else one, value.frame) for one in elements)
                case ast.BinOp(left=left, right=right):
                    todo.extend(((left, value.frame), (right, value.frame)))
                case _:
                    continue


def _says(key: ast.expr | None, name: str) -> bool:
    return isinstance(key, ast.Constant) and key.value == name
