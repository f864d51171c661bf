"""Values pasted into the text of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.values import Text, Unknown, Value
from chatkit_validate.integration.storage.trial import BrokenError, tried

if TYPE_CHECKING:
    from chatkit_validate.integration.evidence import Evidence
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.bench import Bench
    from chatkit_validate.integration.storage.stores import Method
    from chatkit_validate.integration.storage.trial import Fault

_LIMIT = 7717
_WORD = "zqx"


def pasted(integration: Integration, method: Method) -> Evidence[Fault] | str:
    """Which of the method's arguments stand in a statement's text; a text where the store runs no SQL text."""
    ran: list[bool] = []
    answer = tried(integration, method, lambda bench: _run(bench, method.method, ran))
    return answer if any(ran) else "It runs no SQL text"


def _run(bench: Bench, name: str, ran: list[bool]) -> None:
    thread_id, item_id, attachment_id = f"thr_{_WORD}1", f"msg_{_WORD}2", f"atc_{_WORD}3"
    thread, item = bench.thread(thread_id, f"{_WORD}4"), bench.message(item_id, thread_id, f"{_WORD}5")
    asked: dict[str, tuple[tuple[Value, ...], ...]] = {
        "save_thread": ((thread,),),
        "load_threads": ((_LIMIT, None, "asc"), (_LIMIT, thread_id, "desc")),
        "load_thread_items": ((thread_id, None, _LIMIT, "asc"), (thread_id, item_id, _LIMIT, "desc")),
        "add_thread_item": ((thread_id, item),),
        "save_item": ((thread_id, item),),
        "load_item": ((thread_id, item_id),),
        "delete_thread_item": ((thread_id, item_id),),
        "save_attachment": ((bench.attachment(attachment_id, f"{_WORD}6"),),),
    }
    if name != "save_thread":
        bench.call("alice", "save_thread", thread)
    if name not in {"save_thread", "add_thread_item"}:
        bench.call("alice", "add_thread_item", thread_id, item)
    bench.machine.database.statements.clear()
    for given in asked.get(name, ((attachment_id if "attachment" in name else thread_id,),)):
        bench.call("alice", name, *given)
    for text, node, module in bench.machine.database.statements:
        ran.append(True)
        if told := _told(text):
            where = module.place(node) if node is not None and module is not None else None
            raise BrokenError(f"pastes {told} into the text of a statement", where)


def _told(text: Value) -> str:
    pieces = text.parts if isinstance(text, Text) else (text,)
    for piece in pieces:
        if isinstance(piece, Unknown) and piece.owner:
            return "what comes from the request's context"
        if isinstance(piece, str) and _WORD in piece:
            return "an id or text that it is given"
        if isinstance(piece, str) and (str(_LIMIT) in piece or str(_LIMIT + 1) in piece):
            return "the limit"
    return ""
