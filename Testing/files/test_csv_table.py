"""Tables as people write them, and what is said of those that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from SynthCore.errors import InputError
from SynthCore.files.csv_table import csv_text, read_rows


def test_lines_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\ufeffname, size\nA,1\n\n B ,\n", encoding="utf-8")
    first, second = read_rows(path, ("name", "size"), ("name",))
    assert (first.text("name"), first.text("size")) == ("A", "1")
    assert (second.text("name"), second.text("size")) == ("B", "")


def test_a_spreadsheets_lines_of_separators_alone_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("name;size\nA;1\n;;\n ; ;; \n", encoding="utf-8")
    assert [row.text("name") for row in read_rows(path, ("name", "size"), ("name",))] == ["A"]


@pytest.mark.parametrize("said", ["sep=;\r\n", "SEP=;\n", "\ufeffsep=;;;\r\n", ""])
def test_what_excel_writes_is_read(tmp_path: Path, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{said}NAME;Size;;\r\nA;1;;\r\nB,b;;;\r\n", encoding="utf-8", newline="")
    first, second = read_rows(path, ("name", "size"), ("name",))
    assert (first.cells["name"], first.text("size")) == ("A", "1")
    assert second.text("name") == "B,b"
    assert second.line == (4 if said else 3)
    path.write_text(f"{said}NAME;Size;;\r\nA;1;;x\r\n", encoding="utf-8")
    with pytest.raises(InputError, match="has a column ''; there are name, size"):
        read_rows(path, ("name", "size"), ("name",))


def test_an_encoding_that_is_not_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("name;size\nM\u00fcller;1\n", encoding="cp1252")
    with pytest.raises(InputError, match='in UTF-8, which Excel saves as "CSV UTF-8"'):
        read_rows(path, ("name", "size"), ("name",))


def test_no_cell_that_is_written_is_a_formula() -> None:
    written = csv_text([("=1+1", "-1.5", "-x"), ("@a", "+b", "a, b")])
    assert written == "'=1+1,-1.5,'-x\r\n'@a,'+b,\"a, b\"\r\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,what\nA,1\n", "has a column 'what'"),
        ("size\n1\n", "needs the column name"),
        ("name,size\nA,1,2\n", "more cells than columns"),
        ("name,size\nA,1,\n", "more cells than columns"),
        ("name,size\n,,2\n", "more cells than columns"),
        ("name,size\n", "has 0 lines"),
        ('name,size\n"A,1\n' + "B,2\n" * 40_000, "quotation mark"),
        ('"name,size\n' + "B,2\n" * 40_000, "quotation mark"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_rows(path, ("name", "size"), ("name",))
