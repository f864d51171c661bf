"""A thread's metadata comes back as it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatkit_validate.contract.bench import given
from chatkit_validate.contract.clause import BrokenError, Need, clause
from chatkit_validate.contract.journal import short

if TYPE_CHECKING:
    from chatkit_validate.contract.bench import Bench

_WAY_OUT = "Store the whole object as JSON (`model_dump_json`) and read it with `ThreadMetadata.model_validate_json`."


@clause(
    "threads/round-trip",
    "CK414",
    "load_thread",
    expected="title, status, allowed image domains and metadata of a thread come back unchanged",
    way_out=_WAY_OUT,
    judges=("save_thread",),
)
async def round_trip(bench: Bench) -> str:
    """Every field filled."""
    rich = bench.samples.RICH
    sent = bench.samples.thread(
        bench.new_id("thr"),
        title=rich,
        status={"type": "locked", "reason": rich},
        allowed_image_domains=["example.com"],
        metadata={"text": rich, "nested": {"list": [1, None, True]}},
    )
    await bench.alice.save_thread(sent)
    return _same(sent, await bench.alice.load_thread(sent.id))


@clause(
    "threads/list-round-trip",
    "CK414",
    "load_threads",
    expected="a listed thread is equal to the loaded one",
    way_out=_WAY_OUT,
)
async def list_round_trip(bench: Bench) -> str:
    """The same through `load_threads`."""
    sent = bench.samples.thread(bench.new_id("thr"), title="title", status={"type": "closed"}, metadata={"a": [1]})
    await given(bench.alice.save_thread(sent))
    return _same(sent, (await bench.alice.load_threads(20, None, "asc")).data[0])


@clause(
    "threads/nul",
    "CK414",
    "save_thread",
    expected="a title and metadata with U+0000 are saved",
    way_out="PostgreSQL's text and jsonb refuse U+0000: keep the object in a json column, where it stays escaped.",
    judges=("load_thread",),
)
async def nul(bench: Bench) -> str:
    """U+0000 in the title, which `threads.update` takes from the client."""
    sent = bench.samples.thread(bench.new_id("thr"), title="a\x00b", metadata={"text": "a\x00b"})
    await bench.alice.save_thread(sent)
    return _same(sent, await bench.alice.load_thread(sent.id))


@clause(
    "attachments/round-trip",
    "CK414",
    "load_attachment",
    expected="attachments of both types come back unchanged",
    way_out="Store the whole object as JSON and read it with `TypeAdapter(Attachment).validate_json`.",
    judges=("save_attachment",),
    needs=(Need.ATTACHMENTS,),
)
async def attachments(bench: Bench) -> str:
    """A file, and an image whose upload is still to come."""
    for sent in (
        bench.samples.attachment(bench.new_id("atc")),
        bench.samples.attachment(bench.new_id("atc"), thread_id=await given(bench.thread())),
        bench.samples.image(bench.new_id("atc")),
    ):
        await bench.alice.save_attachment(sent)
        _same(sent, await bench.alice.load_attachment(sent.id))
    return "files and images came back equal"


def _same(sent: Any, came: Any) -> str:
    for field in type(sent).model_fields:
        before, after = getattr(sent, field), getattr(came, field, None)
        if before != after and field != "created_at":  # times have clauses of their own
            raise BrokenError(f"{field} went as {short(before)} and came back as {short(after)}")
    return "it came back equal"
