"""Answers: appended whole, gone on with, and never trusted."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from SynthCore.errors import ComputationError, InputError
from SynthCore.readers.answer_files import read_answers
from SynthCore.readers.answer_log import AnswerLog
from SynthCore.readers.answers import FIELDS, parse_answer, reader_name
from SynthCore.readers.study import Study


def answer(study: Study, number: int = 0, /, **changes: Any) -> dict[str, Any]:
    return {"study": study.id, "reader": "ann", "item": study.items[number], "confidence": 2,
            "realism": 3, "anatomy": 4, "consistency": 5, "seconds": 12.25, "comment": "a  b",
            "answered": "2026-01-02T03:04:05.678Z", **changes}  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"confidence": 0}, {"confidence": 7}, {"confidence": True}, {"confidence": "3"},
        {"confidence": 2.0}, {"realism": 6}, {"anatomy": None}, {"seconds": -1},
        {"seconds": float("nan")}, {"seconds": float("inf")}, {"seconds": 1e9}, {"seconds": True},
        {"comment": "x" * 501}, {"comment": 3}, {"answered": "yesterday"}, {"item": "../x"},
        {"item": ["a"]}, {"study": "0" * 16}, {"reader": "../../etc"}, {"reader": ""},
        {"taught": "no"},
    ],
)  # fmt: skip
def test_a_wrong_answer_is_refused(study: Study, changes: dict[str, Any]) -> None:
    parse_answer(answer(study), study)
    with pytest.raises(InputError):
        parse_answer(answer(study, **changes), study)


@pytest.mark.parametrize("data", [None, [], "text", 3])
def test_what_is_no_answer(study: Study, data: Any) -> None:
    with pytest.raises(InputError):
        parse_answer(data, study)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "x" * 41, "a\0", "Ä", "-x"])
def test_names_that_are_no_file(name: str) -> None:
    with pytest.raises(InputError):
        reader_name(name)


def test_three_forms_are_one(study: Study, tmp_path: Path) -> None:
    rows = [answer(study, 0, comment="=1, a"), answer(study, 1, comment=""), answer(study, 0)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "a.json").write_text(json.dumps({"answers": rows}))
    csv = [",".join(FIELDS)]
    for row in rows:
        cells = {**row, "taught": "false", "comment": {"=1, a": '"\'=1, a"'}.get(
            row["comment"], row["comment"])}  # fmt: skip
        csv.append(",".join(str(cells[name]) for name in FIELDS))
    (tmp_path / "a.csv").write_text("\ufeff" + "\r\n".join(csv) + "\r\n", newline="")
    lines, whole, table = (
        read_answers(tmp_path / f"a.{s}", study) for s in ("jsonl", "json", "csv")
    )
    assert lines == whole == table
    assert len(lines) == 2 and lines[0].comment == "=1, a"  # the first answer to an item counts


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", ""), ("a.jsonl", "{}\n"), ("a.jsonl", "nonsense\n"), ("a.json", "{}"),
        ("a.json", "[" * 100000), ("a.csv", "reader\nx\n"), ("a.csv", "\0"), ("a.txt", "x\n"),
    ],
)  # fmt: skip
def test_files_that_hold_none(study: Study, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        read_answers(tmp_path / name, study)


def test_a_table_that_a_spreadsheet_saved_again(study: Study, tmp_path: Path) -> None:
    cells = {**answer(study), "seconds": "12,25", "taught": "FALSE", "comment": "a, b"}
    lines = [";".join(FIELDS), ";".join(str(cells[name]) for name in FIELDS)]
    (tmp_path / "a.csv").write_text("\ufeff" + "\r\n".join(lines), newline="")
    (found,) = read_answers(tmp_path / "a.csv", study)
    assert (found.seconds, found.taught, found.comment) == (12.25, False, "a, b")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"confidence": "maybe"}, "confidence of an answer is a whole number"),
        ({"seconds": ""}, "seconds of an answer must be a number"),
        ({"taught": "perhaps"}, "field taught"),
    ],
)
def test_a_table_with_a_wrong_cell_names_it(
    study: Study, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    cells = {**answer(study), "taught": "false", **changes}
    lines = [",".join(FIELDS), ",".join(str(cells[name]) for name in FIELDS)]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    with pytest.raises(InputError, match=f"Answer 1 of a.csv: .*{said}"):
        read_answers(tmp_path / "a.csv", study)


def test_another_table(study: Study, tmp_path: Path) -> None:
    (tmp_path / "images.csv").write_text("path,truth\na.nii,real\n")
    with pytest.raises(
        InputError, match=r"images\.csv is not a table of answers.* no column study"
    ):
        read_answers(tmp_path / "images.csv", study)


def test_two_readers_in_a_file(study: Study, tmp_path: Path) -> None:
    rows = [answer(study), answer(study, 1, reader="bob")]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    with pytest.raises(InputError, match="several readers"):
        read_answers(tmp_path / "a.json", study)


def test_a_log_goes_on_where_it_stopped(study: Study) -> None:
    log = AnswerLog(study, "Ann B", study.items)
    assert log.path.name == "reader-ann_b.jsonl"
    log.add(answer(study, 0, reader="somebody else", study="another"))
    log.note_seen(study.items[1], 3.5)
    log.note_seen(study.items[1], 4.5)
    again = AnswerLog(study, "Ann B", study.items)
    assert again.state() == {"answered": {study.items[0]: 12.25}, "seen": {study.items[1]: 4.5}}
    again.add(answer(study, 1))
    assert again.state()["seen"] == {}
    found = read_answers(log.path, study)
    assert [one.item for one in found] == list(study.items[:2])
    assert {one.reader for one in found} == {"Ann B"}


def test_order_is_kept_and_no_answer_is_changed(study: Study) -> None:
    log = AnswerLog(study, "ann", study.items)
    with pytest.raises(InputError, match="Another item is next"):
        log.add(answer(study, 1))
    log.add(answer(study, 0))
    with pytest.raises(InputError, match="Another item is next"):
        log.add(answer(study, 0, confidence=6))
    assert read_answers(log.path, study)[0].confidence == 2


def test_a_line_cut_short_is_left_out_and_the_item_asked_again(study: Study) -> None:
    log = AnswerLog(study, "ann", study.items)
    log.add(answer(study, 0))
    log.add(answer(study, 1))
    text = log.path.read_text()
    log.path.write_text(text[:-30])
    assert len(read_answers(log.path, study)) == 1
    again = AnswerLog(study, "ann", study.items)
    assert again.answered() == study.items[:1]
    again.add(answer(study, 1))
    assert log.path.read_text() == text


def test_a_line_that_a_full_disk_takes_a_part_of_is_no_answer(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AnswerLog(study, "ann", study.items)
    log.add(answer(study, 0))
    text, write = log.path.read_text(), os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda handle, data: write(handle, data[:20]))
        with pytest.raises(ComputationError, match="full"):
            log.add(answer(study, 1))
    assert log.path.read_text() == text
    log.add(answer(study, 1))
    assert AnswerLog(study, "ann", study.items).answered() == study.items[:2]


def test_another_readers_file_is_not_taken(study: Study) -> None:
    AnswerLog(study, "ann b", study.items).add(answer(study))
    with pytest.raises(InputError, match="another reader"):
        AnswerLog(study, "Ann B", study.items)
    taught = AnswerLog(study, "ann b", study.items, taught=True)
    assert taught.answered() == ()


@pytest.mark.parametrize("text", ["nonsense\n", "\xff\n", '{"item": 3}\n'])
def test_a_damaged_log_is_refused(study: Study, text: str) -> None:
    (study.folder / "answers" / "reader-ann.jsonl").write_text(text, encoding="latin-1")
    with pytest.raises(InputError):
        AnswerLog(study, "ann", study.items)


def test_many_hands_at_once_leave_whole_lines(study: Study) -> None:
    log = AnswerLog(study, "ann", study.items)
    refused: list[str] = []

    def give() -> None:
        for number in range(len(study.items)):
            try:
                log.add(answer(study, number, comment="x" * 500))
            except InputError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=give) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [one.item for one in read_answers(log.path, study)]
    assert given == list(study.items[: len(given)]) and len(given) == len(study.items)
    assert len(log.path.read_text().splitlines()) == len(study.items)
    assert refused


def test_half_a_character_in_a_comment_is_replaced(study: Study) -> None:
    """As JSON can hold it: written to a report, it would end the program."""
    comment = parse_answer(answer(study, comment=json.loads(r'"odd \ud83d"')), study).comment
    assert comment == "odd ?"
