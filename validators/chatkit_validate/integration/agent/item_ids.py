"""The ids of the messages that a turn sends: the model's, the store's, or made by hand."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Instance, Opaque, Parameter, Part, Structure
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.flow.calls import returns
from chatkit_validate.integration import modules, serving
from chatkit_validate.integration.agent import events, repetition, runs, served
from chatkit_validate.integration.agent.tracing import Trace, keyword
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.names import arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.agent.served import Served
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.source import Place

_CHAT = ("ChatCompletionsModel()", "LitellmModel()", "AnyLLMModel()", "LitellmProvider()", "AnyLLMProvider()")
_PREFIXES = ("litellm/", "any-llm/")
_STREAM = "stream_agent_response()"
_SAME = frozenset({"id", "user_id", "thread_id"})


class Api(Enum):
    """What the model is called by, as far as ids go."""

    RESPONSES = "the Responses API"
    CHAT = "chat completions"


def api(integration: Integration, one: ModelRun) -> Evidence[Api]:
    """What the run's model is called by; Absent where no model is named: the SDK's default, the Responses API."""
    flow = integration.flow
    chat = integration.once(_chat_by_default, integration.root)
    unread: Unresolved | None = None
    for expression, frame in _models(flow, one):
        for value in flow.values(expression, frame):
            where = frame.place(expression)
            kind = _kind(flow, value)
            if kind is Api.CHAT or (kind is Api.RESPONSES and chat is not None and not _is_object(value)):
                return Found(Api.CHAT, where)
            if kind is None and not (isinstance(value, Constant) and value.value is None):
                unread = unread or Unresolved("What the model is called by cannot be followed", where)
    if chat is not None:
        return Found(Api.CHAT, chat)
    return unread or Absent(one.where)


def _models(flow: Flow, one: ModelRun) -> Iterator[tuple[ast.expr, Frame]]:
    """The models that the run may use: its configuration's before its agent's."""
    config = keyword(flow, one.call, "run_config", None, one.frame)
    overridden = False
    for value in flow.values(*config) if config else ():
        node, frame = getattr(value, "node", None), getattr(value, "frame", None)
        for name in ("model", "model_provider"):
            held = keyword(flow, node, name, None, frame) if isinstance(node, ast.Call) and frame else None
            if held is not None:
                overridden = overridden or name == "model"
                yield held
    if not overridden:
        for node, frame in runs.agents(flow, one):
            held = keyword(flow, node, "model", None, frame)
            if held is not None:
                yield held


def _kind(flow: Flow, value: Value) -> Api | None:
    match value:
        case Constant(value=str() as name):
            return Api.CHAT if name.startswith(_PREFIXES) else Api.RESPONSES
        case Structure(node=ast.JoinedStr(values=[ast.Constant(value=str() as name), *_])):
            return Api.CHAT if name.startswith(_PREFIXES) else Api.RESPONSES
        case Foreign(name=name, node=node, frame=frame):
            if name.endswith(_CHAT):
                return Api.CHAT
            if name.endswith("OpenAIProvider()") and isinstance(node, ast.Call) and frame is not None:
                held = keyword(flow, node, "use_responses", None, frame)
                return Api.CHAT if held and False in (flow.constants(*held) or ()) else Api.RESPONSES
            return Api.RESPONSES
        case Structure() | Part() | Parameter():
            # A setting's text: which model, but not which API.
            return Api.RESPONSES if not isinstance(value, Parameter) else None
        case Instance(cls=cls) if any(name.endswith("ModelProvider") for name in flow.hierarchy.outside(cls)):
            method = flow.hierarchy.method(cls, "get_model")
            inner = flow.entry(method, value) if method else None
            for given in returns(method) if method and inner else ():
                for one in flow.values(given, inner) if given is not None and inner else ():
                    if _kind(flow, one) is Api.CHAT:
                        return Api.CHAT
            return None
        case Instance(cls=cls):
            chat = any(f"{name}()".endswith(_CHAT) for name in flow.hierarchy.outside(cls))
            return Api.CHAT if chat else None
        case Opaque():
            return None
        case _:
            return Api.RESPONSES


def _is_object(value: Value) -> bool:
    return isinstance(value, Foreign) and value.name.endswith(("Model()", "Provider()"))


def _chat_by_default(integration: Integration, root: str) -> Place | None:
    """Where the application makes chat completions the SDK's default."""
    for module in integration.once(modules.modules, root):
        if "set_default_openai_api" not in module.file.text and "set_use_responses_by_default" not in module.file.text:
            continue
        for frame, call in integration.routing.calls(module):
            name = integration.flow.project.external(call.func, (frame.function or frame.module).scope)
            literals = integration.flow.constants(call.args[0], frame) if call.args else None
            if name.endswith("set_default_openai_api") and literals and "chat_completions" in literals:
                return frame.place(call)
            if name.endswith("set_use_responses_by_default") and literals and False in literals:
                return frame.place(call)
    return None


def passed_on(one: Served) -> Place | None:
    """The call of `stream_agent_response` whose events the turn sends; None where there is none."""
    for called in one.turn.reached:
        for callee in called.callees:
            if isinstance(callee, Foreign) and f"{callee.name}()".endswith(_STREAM):
                return called.frame.place(called.node)
    return None


def replaced(integration: Integration, one: Served) -> Place | None:
    """Where the turn puts ids of its own into the events that it passes on; None where it does not."""
    for frame in integration.once(served.frames, one):
        owner = frame.function.owner if frame.function else None
        if owner is not None and serving.is_store(integration, owner):
            continue
        for node in own_nodes(frame.function) if frame.function else ():
            match node:
                case ast.Assign(targets=[ast.Attribute(value=base, attr="id" | "item_id")]) if _of_event(base):
                    return frame.place(node)
                case ast.Call(func=ast.Attribute(attr="model_copy"), keywords=keywords):
                    for held in keywords:
                        if held.arg == "update" and any(
                            isinstance(part, ast.Constant) and part.value in ("id", "item_id")
                            for part in ast.walk(held.value)
                        ):
                            return frame.place(node)
                case _:
                    continue
    return None


def _of_event(base: ast.expr) -> bool:
    text = ast.unparse(base).lower()
    return "event" in text or "item" in text


def repeating(integration: Integration, one: Served) -> Place | None:
    """A message made by hand whose id is the same in every turn, at least of a thread; None where there is none."""
    flow = integration.flow
    for called in one.reached:
        for callee in called.callees:
            if not isinstance(callee, Foreign) or not callee.name.endswith(".AssistantMessageItem"):
                continue
            held = keyword(flow, called.node, "id", None, called.frame)
            if held is not None and _always_same(flow, one, *held):
                return called.frame.place(held[0])
    return None


def _always_same(flow: Flow, one: Served, node: ast.expr, frame: Frame) -> bool:
    """Whether the id is made of literals and of the thread's or the user's own ids only."""
    thread = {list(arguments(one_frame.function.node))[1] for one_frame in one.turn.frames if one_frame.function}
    message = {node for node, _ in repetition.messages(one.turn)}
    for value in Trace(flow, [(node, frame)]).values():
        stated = getattr(value, "node", None)
        if isinstance(value, Constant) or (
            isinstance(value, Structure) and isinstance(value.node, ast.JoinedStr | ast.BinOp)
        ):
            continue
        if stated in thread and stated not in message:
            continue
        attribute = value.name.rpartition(".")[2] if isinstance(value, Foreign) else getattr(value, "key", None)
        if isinstance(value, Foreign | Part) and attribute in _SAME and not isinstance(stated, ast.Call):
            base = getattr(value, "base", None)
            if getattr(base, "node", None) in thread:
                continue
        return False
    return True


def by_hand(one: Served) -> bool:
    """Whether the turn makes its messages itself."""
    return bool(events.made(one.turn))
