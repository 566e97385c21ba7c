"""What is said of files of which the archive did not say that it took them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from SynthCore.cli.main import main
from SynthCore.dicom.archive import Query, connect, outgoing, parse_address
from SynthCore.errors import CancelledError, ComputationError
from Testing.dicom.archive.nodes import storing_node
from Testing.dicom.archive.orthanc import free_port
from Testing.dicom.archive.test_trouble import sent_to
from Testing.dicom.archive.web_service import web_service
from Testing.dicom.results import read_all


def told_of(series: Path, marks: str) -> list[Dataset]:
    """Answers of C-FIND of the first objects: Y for one that is marked, N for one that is not."""
    found = []
    for file, mark in zip(outgoing(series), marks, strict=False):
        one = Dataset()
        one.SOPInstanceUID = file.uid
        one.add_new(0x0008001C, "CS", "YES" if mark == "Y" else "NO")
        found.append(one)
    return found


@pytest.mark.parametrize(
    ("marks", "count", "left", "unmarked"),
    [("YY", 2, 3, 0), ("YYY", 3, 2, 0), ("NY", 2, 3, 1), ("YYN", 3, 2, 1)],
)
def test_an_archive_that_broke_off_is_asked_all_the_same(
    marks: str, count: int, left: int, unmarked: int, series: Path
) -> None:
    with storing_node(abort_after=2, tells=told_of(series, marks)) as node:
        sent = sent_to(node.address, series)
    assert (sent.count, sent.left, len(sent.unmarked)) == (count, left, unmarked)
    assert (sent.unasked, sent.doubtful, sent.missing) == (0, 0, ())
    assert not sent.ok


def test_it_broke_off_and_cannot_be_asked(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with storing_node(lambda n: 0xA900 if n == 1 else 0, abort_after=2) as node:
        assert main(["send", str(series), "--to", node.address, "--json"]) == 4
    out, err = capsys.readouterr()
    told = json.loads(out)
    # the first was refused: nobody asks for it
    assert (told["stored"], told["unasked"], told["doubtful"]) == (1, 1, 1)
    assert "One of them may be in the archive" in " ".join(told["messages"])
    assert "broke off" in err and "100%" not in err and "done" not in err


def test_the_first_answer_is_a_page(series: Path) -> None:
    with web_service() as there:
        there.page = b"<html>Thank you</html>"
        with pytest.raises(ComputationError, match="One file may be in the archive"):
            sent_to(there.url, series)
        assert len(there.kept) == 1
    with web_service(lambda made: None) as there:  # it says that it holds nothing
        there.page = b"<html>Log in</html>"
        with pytest.raises(ComputationError, match="a page or a text") as told:
            sent_to(there.url, series)
    assert "may be" not in str(told.value)


def test_the_first_answer_is_a_page_and_it_cannot_be_asked(series: Path) -> None:
    with web_service(lambda made: None) as there:
        there.page, there.silent_of = b"<html>", {read_all(series)[0].SeriesInstanceUID}
        with pytest.raises(ComputationError, match="One file may be in the archive"):
            sent_to(there.url, series)


@pytest.mark.parametrize("host", ["archive.invalid", "a" * 70, "b..c"])
def test_a_name_that_no_machine_has(
    host: str, series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["send", str(series), "--to", f"NODE@{host}:{free_port()}"]) == 4
    err = capsys.readouterr().err
    assert "did not answer or broke off; check its address" in err
    assert "may be" not in err


def test_a_warning_at_storing_is_no_list_that_was_cut(series: Path) -> None:
    with web_service() as there:
        there.more = {"Warning": '299 gateway "This version is deprecated"'}
        assert sent_to(there.url, series).sure
        with pytest.raises(ComputationError, match="only the first of what fits"):
            connect(parse_address(there.url)).search(Query(study_uid="1.2"))


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent another way there")
def test_ctrl_c_while_it_is_asked_says_what_was_stored(series: Path) -> None:
    with web_service() as there:
        there.seconds = 30.0
        command = [sys.executable, "-m", "SynthCore.cli.main", "send", str(series)]
        process = subprocess.Popen(
            [*command, "--to", there.url], stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        while not there.asked:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
        err = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert "5 of 5 files had been stored and stay in the archive, which was not asked" in err


def test_ctrl_c_within_a_file_says_that_it_may_be_there(series: Path) -> None:
    def interrupted(made: Dataset) -> Dataset:
        if len(there.kept) == 2:
            signal.raise_signal(signal.SIGINT)
        return made

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with (
            web_service(interrupted) as there,
            pytest.raises(CancelledError, match=r"2 of 5 files .* and one more may be there"),
        ):
            sent_to(there.url, series)
    finally:
        signal.signal(signal.SIGINT, before)
