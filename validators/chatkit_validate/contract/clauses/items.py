"""Every type of item comes back as it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract.bench import given
from chatkit_validate.contract.clause import BrokenError, Clause, UntriedError, add, clause
from chatkit_validate.contract.journal import short

if TYPE_CHECKING:
    from chatkit_validate.contract.bench import Bench

TYPES: Final = (
    "user_message",
    "assistant_message",
    "client_tool_call",
    "widget",
    "generated_image",
    "structured_input",
    "workflow",
    "task",
    "hidden_context_item",
    "sdk_hidden_context",
    "end_of_turn",
)
"""The item types of openai-chatkit 1.6.5."""

_WAY_OUT: Final = (
    "Store the whole item as JSON (`model_dump_json`) and read it with `TypeAdapter(ThreadItem).validate_json`; "
    "do not map it to columns."
)
_JUDGED: Final = ("add_thread_item", "load_thread_items")


def _round_trip(kind: str) -> Clause:
    async def trial(bench: Bench) -> str:
        thread_id = await given(bench.thread())
        sent = bench.samples.item(kind, bench.new_id("msg"), thread_id)
        await bench.alice.add_thread_item(thread_id, sent)
        same(sent, await bench.alice.load_item(thread_id, sent.id), "load_item")
        page = await bench.alice.load_thread_items(thread_id, None, 20, "asc")
        if len(page.data) != 1:
            raise BrokenError(f"load_thread_items shows {len(page.data)} items of 1")
        same(sent, page.data[0], "load_thread_items")
        return "it came back equal, by itself and in a page"

    return Clause(
        f"items/{kind}",
        "CK414",
        "load_item",
        expected=f"a {kind} item with every field filled comes back equal, emoji included",
        way_out=_WAY_OUT,
        trial=trial,
        judges=_JUDGED,
    )


for _kind in TYPES:
    add(_round_trip(_kind))


@clause(
    "items/new-types",
    "CK414",
    "load_item",
    expected="every item type of the installed library was tried",
    way_out="Use a chatkit-validate that knows the installed openai-chatkit.",
)
async def new_types(bench: Bench) -> str:
    """The installed library may know more types than this kit."""
    if more := set(bench.samples.known_types()).difference(TYPES):
        raise UntriedError(f"the installed library has item types that this version does not know: {sorted(more)}")
    return f"{len(bench.samples.known_types())} types"


@clause(
    "items/nul",
    "CK414",
    "add_thread_item",
    expected="items whose text or arguments hold U+0000 come back equal",
    way_out="PostgreSQL's text and jsonb refuse U+0000: keep the item in a json column, where it stays escaped.",
    judges=("load_item", "load_thread_items"),
)
async def nul(bench: Bench) -> str:
    """U+0000, which a user can paste and a tool can return."""
    thread_id = await given(bench.thread())
    for kind, fields in (
        ("user_message", {"content": [{"type": "input_text", "text": "a\x00b"}], "attachments": []}),
        ("assistant_message", {"content": [{"text": "a\x00b"}]}),
        ("client_tool_call", {"arguments": {"a\x00": "b\x00"}}),
    ):
        sent = bench.samples.item(kind, bench.new_id("msg"), thread_id, **fields)
        await bench.alice.add_thread_item(thread_id, sent)
        same(sent, await bench.alice.load_item(thread_id, sent.id), "load_item")
    return "all came back equal"


@clause(
    "items/long",
    "CK414",
    "add_thread_item",
    expected="a message of 300 000 characters comes back equal",
    way_out="Use a column without a length (text, json).",
    judges=("load_item",),
)
async def long(bench: Bench) -> str:
    """What a tool may return and a model may write."""
    thread_id = await given(bench.thread())
    sent = bench.samples.message(bench.new_id("msg"), thread_id, "ä" * 300_000)
    await bench.alice.add_thread_item(thread_id, sent)
    return same(sent, await bench.alice.load_item(thread_id, sent.id), "load_item")


@clause(
    "items/falsy-output",
    "CK414",
    "save_item",
    expected="the outputs 0, false, empty text and null of a client tool come back as they are",
    way_out=_WAY_OUT,
    judges=("load_item",),
)
async def falsy_output(bench: Bench) -> str:
    """What ChatKit saves when a client tool has answered."""
    thread_id = await given(bench.thread())
    outputs: tuple[Any, ...] = (0, False, "", None, [])
    for output in outputs:
        pending = bench.samples.item("client_tool_call", bench.new_id("tc"), thread_id, status="pending", output=None)
        await given(bench.alice.add_thread_item(thread_id, pending))
        sent = pending.model_copy(update={"status": "completed", "output": output})
        await bench.alice.save_item(thread_id, sent)
        came = await bench.alice.load_item(thread_id, sent.id)
        if type(came.output) is not type(output):
            raise BrokenError(f"the output went as {output!r} and came back as {came.output!r}")
        same(sent, came, "load_item")
    return "all came back equal"


def same(sent: Any, came: Any, way: str) -> str:
    """Says that `came` is equal to `sent` but for its time, which other clauses judge.

    Raises:
        BrokenError: It is not.
    """
    if type(came).__name__ != type(sent).__name__:
        raise BrokenError(f"{way} answers a {type(came).__name__} for a {type(sent).__name__}: {short(came)}")
    for field in type(sent).model_fields:
        before, after = getattr(sent, field), getattr(came, field)
        if before != after and field != "created_at":
            raise BrokenError(f"by {way}, {field} went as {short(before)} and came back as {short(after)}")
    return "it came back equal"
