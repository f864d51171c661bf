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
    thread_id, item_id, other = f"thr_{_WORD}1", f"msg_{_WORD}2", f"msg_{_WORD}3"
    thread, item = bench.thread(thread_id, f"{_WORD}4"), bench.message(item_id, thread_id, f"{_WORD}5")
    arguments: dict[str, tuple[Value, ...]] = {
        "save_thread": (thread,),
        "load_threads": (_LIMIT, f"thr_{_WORD}6", "desc"),
        "load_thread_items": (thread_id, other, _LIMIT, "desc"),
        "add_thread_item": (thread_id, item),
        "save_item": (thread_id, item),
        "load_item": (thread_id, item_id),
        "delete_thread_item": (thread_id, item_id),
        "save_attachment": (bench.attachment(f"atc_{_WORD}7", f"{_WORD}8"),),
    }
    if name != "save_thread":
        bench.call("alice", "save_thread", thread)
    bench.machine.database.statements.clear()
    bench.call("alice", name, *arguments.get(name, (f"atc_{_WORD}7" if "attachment" in name else thread_id,)))
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
