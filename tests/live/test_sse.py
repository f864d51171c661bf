"""Streams are cut into frames as the standard says, however their bytes arrive."""

from __future__ import annotations

import pytest

from chatkit_validate.live.sse import Frame, SseParser

STREAM = b'data: {"a": 1}\n\n: keep-alive\n\ndata: one\ndata: two\r\n\r\nevent: x\nid: 7\ndata:three\n\ndata: cut'


def frames(chunks: list[bytes]) -> tuple[list[Frame], str]:
    parser = SseParser()
    found = [frame for number, chunk in enumerate(chunks) for frame in parser.feed(chunk, float(number))]
    return found, parser.rest


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_frames_do_not_depend_on_chunks(size: int) -> None:
    chunks = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]

    found, rest = frames(chunks)

    assert [(frame.data, frame.fields) for frame in found] == [
        ('{"a": 1}', ()),
        ("one\ntwo", ()),
        ("three", ("event", "id")),
    ]
    assert rest == "data: cut"


def test_a_frame_has_the_time_of_its_last_byte() -> None:
    found, _ = frames([b"data: a\n", b"\n", b"data: b\n\n"])

    assert [frame.at for frame in found] == [1.0, 2.0]


def test_a_character_may_be_cut_in_two() -> None:
    whole = "data: ü\n\n".encode()

    found, _ = frames([whole[:7], whole[7:]])

    assert found[0].data == "ü"


def test_a_lone_carriage_return_ends_a_line() -> None:
    found, _ = frames([b"data: a\rdata: b\r\rdata: c\n\n"])

    assert [frame.data for frame in found] == ["a\nb", "c"]
