"""Tables as people write them, and what is said of those that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from SynthCore.errors import InputError
from SynthCore.files.csv_table import read_rows


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
