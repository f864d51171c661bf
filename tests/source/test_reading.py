"""Decoding, parsing, places and comments."""

from __future__ import annotations

import ast
import codecs
import sys
from typing import TYPE_CHECKING

import pytest

from chatkit_validate.source import Place, Problem, ProblemKind, SourceFile, comments, parse, read
from chatkit_validate.source.newer import rewrite

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "data",
    [
        "x = 'größe'\n".encode(),
        codecs.BOM_UTF8 + "x = 'größe'\n".encode(),
        codecs.BOM_UTF8 + "# coding: utf-8\nx = 'größe'\n".encode(),
        "# -*- coding: latin-1 -*-\nx = 'größe'\n".encode("latin-1"),
        "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = 'größe'\n".encode("cp1252"),
        "# coding: latin-1\rx = 'größe'\r".encode("latin-1"),
    ],
)
def test_text_is_decoded_as_python_does(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.py").write_bytes(data)
    file = read(tmp_path, "x.py")
    assert isinstance(file, SourceFile)
    assert ast.dump(file.tree) == ast.dump(ast.parse(data))
    assert "größe" in file.text


def test_a_cookie_below_code_is_a_remark(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes("import os\n# coding: latin-1\nx = 'größe'\n".encode())
    assert isinstance(read(tmp_path, "x.py"), SourceFile)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("x = 'größe'\n".encode("latin-1"), "line 1 is not UTF-8"),
        ("x = 1\n".encode("utf-16"), "UTF-16"),
        (b"x = 1\ny = '\0'\n", "line 2 holds a NUL byte"),
        (b"# coding: nonsense\n", "unknown encoding, 'nonsense'"),
        (b"# coding: rot13\n", "rot-13, which is no encoding of text"),
        (b"# coding: idna\n", "unknown encoding, 'idna'"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "remove one of the two"),
        (b"x = '\xed\xa0\x80'\n", "line 1 is not UTF-8"),
        (b"# coding: ascii\n#\xff\n", "is not ascii, though its coding cookie says so"),
    ],
)
def test_what_python_cannot_decode_is_a_problem_that_says_what_to_do(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "x.py").write_bytes(data)
    problem = read(tmp_path, "x.py")
    assert isinstance(problem, Problem)
    assert problem.kind is ProblemKind.UNDECODABLE
    assert says in problem.reason


def test_broken_syntax_is_a_problem_with_its_line() -> None:
    problem = parse("x.py", "x = 1\ny = (\n")
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.line) == (ProblemKind.SYNTAX, 2)


def test_columns_are_characters_not_bytes() -> None:
    file = parse("x.py", "a = 'ä'; b = 1\r\nc = 2\n")
    assert isinstance(file, SourceFile)
    assert file.place(file.tree.body[1]) == Place("x.py", 1, 9, 1, 14)
    assert file.text[file.offset(1, 9) : file.offset(1, 14)] == "b = 1"
    assert file.text[file.offset(2, 0) :] == "c = 2\n"


def test_warnings_about_the_targets_strings_are_not_printed(recwarn: pytest.WarningsRecorder) -> None:
    assert isinstance(parse("x.py", r"x = '\d'"), SourceFile)
    assert not recwarn.list


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_comments_stand_where_they_are_written(line_end: str) -> None:
    file = parse("x.py", line_end.join(["x = '# none'  # one", "'''", "# none", "'''", "  # two", ""]))
    assert isinstance(file, SourceFile)
    assert [(comment.line, comment.column, comment.text) for comment in comments(file)] == [
        (1, 14, "# one"),
        (5, 2, "# two"),
    ]


NEWER = {
    "def f[T: int](x: T) -> T: return x": "def f        (x: T) -> T: return x",
    "class A[T, *Ts, **P = [int]](B[T]): pass": "class A                     (B[T]): pass",
    "async def f[\n  T,  # why\n](x): pass": None,
    "type X = int | str": "X      = int | str",
    "type X[T] = list[T]; y = 1": "X         = list[T]; y = 1",
    "try: x\nexcept A, b.C: y": "try: x\nexcept(A, b.C): y",
    "try: x\nexcept* A, B:  # why\n y": "try: x\nexcept*(A, B):  # why\n y",
}


@pytest.mark.parametrize("text", NEWER)
def test_newer_syntax_is_read_by_an_older_interpreter_too(text: str) -> None:
    older = rewrite(text)
    assert older is not None
    tree = ast.parse(older)
    if NEWER[text] is not None:
        assert older == NEWER[text]
    file = parse("x.py", text)
    assert isinstance(file, SourceFile)
    assert len(file.tree.body) == len(tree.body)


@pytest.mark.parametrize(
    "text",
    [
        "type = 1; type(x); x: type = int; type[int]",
        "try: x\nexcept (A, B): y\nexcept f(1, 2): z\nexcept A as e: z\nexcept: z",
        "def f(x=a[1]): y[0]\nclass A(B[T]): pass",
        "match x:\n  case [a, b]: type\n",
    ],
)
def test_older_syntax_is_left_alone(text: str) -> None:
    assert rewrite(text) is None


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this interpreter reads every construct named here")
def test_what_cannot_be_rewritten_names_the_python_that_is_needed() -> None:
    problem = parse("x.py", "x = t'{a}'\n")
    assert isinstance(problem, Problem)
    assert problem.kind is ProblemKind.NEWER_SYNTAX
    assert "Python 3.14" in problem.reason
