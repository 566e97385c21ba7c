"""Archives that refuse, break off, change what they are sent, or are not there."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ImplicitVRLittleEndian, MRImageStorage

from SynthCore.cli.main import main
from SynthCore.dicom.archive import Sent, connect, outgoing, parse_address, send
from SynthCore.errors import ComputationError
from Testing.dicom.archive.nodes import storing_node
from Testing.dicom.archive.orthanc import Orthanc, free_port, orthanc
from Testing.dicom.archive.web_service import web_service
from Testing.dicom.results import read_all


def sent_to(address: str, series: Path) -> Sent:
    return send(outgoing(series), connect(parse_address(address)))


def without_mark(made: Dataset) -> Dataset:
    del made[0x0008001C]
    return made


def test_an_archive_that_loses_the_mark(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with web_service(without_mark) as service:
        assert main(["send", str(series), "--to", service.url, "--json"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert len(told["unmarked"]) == 5
    assert told["stored"] == 5
    assert not told["ok"]
    assert "taken for acquired images" in told["messages"][0]


def test_a_good_service_beside_it(series: Path) -> None:
    with web_service() as service:
        sent = sent_to(service.url, series)
    assert sent.sure
    assert sent.sentences() == ()


def test_an_archive_that_keeps_less_than_it_says(series: Path) -> None:
    lost = read_all(series)[1].SOPInstanceUID
    with web_service(lambda made: None if lost == made.SOPInstanceUID else made) as service:
        sent = sent_to(service.url, series)
    assert sent.missing == (lost,)
    assert not sent.ok
    assert "cannot be found" in sent.sentences()[0]


def test_a_reason_of_a_service_is_told_in_words(series: Path) -> None:
    with web_service(failure=0xA700) as service:
        sent = sent_to(service.url, series)
    assert sent.count == 0 and not sent.ok
    assert "5 files: it is out of resources (status A700)" in sent.sentences()[0]


def test_a_token_is_sent_and_told_nowhere(
    series: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SYNTHCORE_ARCHIVE_TOKEN", "s3cret")
    with web_service() as service:
        assert main(["send", str(series), "--to", service.url]) == 0
    assert set(service.authorizations) == {"Bearer s3cret"}
    assert "s3cret" not in "".join(capsys.readouterr())


def test_a_secret_does_not_cross_an_open_network(
    series: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SYNTHCORE_ARCHIVE_USER", "reader")
    assert main(["send", str(series), "--to", "http://archive.invalid/dicom-web"]) == 2
    assert "use https" in capsys.readouterr().err


def test_a_node_that_takes_some(series: Path) -> None:
    with storing_node(lambda n: 0xA900 if n == 3 else 0xB000 if n == 4 else 0) as node:
        sent = sent_to(node.address, series)
    assert len(node.received) == 5
    assert node.released == 1  # ended in order, not broken off
    assert sent.count == 4
    assert not sent.ok
    told = " ".join(sent.sentences())
    assert "did not take 1 file: the object does not fit its kind (status A900)" in told
    assert "Of 1 file the archive says: elements were changed there (status B000)" in told
    assert "Of 4 objects the archive could not be asked" in told


def test_a_node_that_breaks_off(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with storing_node(abort_after=2) as node:
        assert main(["send", str(series), "--to", node.address]) == 4
    out = capsys.readouterr().out
    assert "2 of 5 files" in out
    assert "broke off" in out
    assert "3 files had not been sent" in out


@pytest.mark.parametrize(
    ("classes", "syntax", "words"),
    [
        ([MRImageStorage], None, "does not do what was asked"),
        ([CTImageStorage], ImplicitVRLittleEndian, "does not do what was asked"),
    ],
)
def test_a_node_that_takes_no_such_objects(
    classes: list[str], syntax: str | None, words: str, series: Path
) -> None:
    with (
        storing_node(classes=classes, syntax=syntax) as node,
        pytest.raises(ComputationError, match=words),
    ):
        sent_to(node.address, series)
    assert node.received == []


def test_the_wrong_title(archive: Orthanc, series: Path) -> None:
    with pytest.raises(ComputationError, match="rejects SYNTHCORE"):
        sent_to(archive.node.replace("ARCHIVE", "OTHER"), series)


def test_a_title_that_the_archive_does_not_know_finds_nothing(
    series: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with orthanc(tmp_path / "orthanc", DicomAlwaysAllowEcho=False) as known:
        study = read_all(series)[0].StudyInstanceUID
        asked = ["fetch", "--from", known.node, "--study", study]
        assert main(asked) == 0
        assert "Nothing fits" in capsys.readouterr().out
        assert main([*asked, "--own-title", "STRANGER"]) == 4
        assert "STRANGER" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["http://127.0.0.1:{}/dicom-web", "NODE@127.0.0.1:{}"])
def test_nobody_there(form: str, series: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ComputationError, match="did not answer") as told:
        sent_to(form.format(free_port()), series)
    assert "may be" not in str(told.value)
    assert time.monotonic() - began < 20  # not tried again and again in silence


@pytest.mark.parametrize("form", ["http://127.0.0.1:{}/dicom-web", "NODE@127.0.0.1:{}"])
def test_something_else_there(form: str, series: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            for _ in range(5):
                try:
                    one, _ = server.accept()
                except OSError:
                    return
                one.sendall(b"SSH-2.0-here\r\n")
                one.close()

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(ComputationError):
            sent_to(form.format(server.getsockname()[1]), series)


def test_a_wrong_path_of_a_service(archive: Orthanc, series: Path) -> None:
    with pytest.raises(ComputationError, match="no DICOMweb service"):
        sent_to(archive.web.replace("dicom-web", "nothing"), series)


def test_a_page_is_no_service(archive: Orthanc, series: Path) -> None:
    with pytest.raises(ComputationError, match="no DICOMweb"):
        sent_to(f"http://127.0.0.1:{archive.http}", series)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent another way there")
def test_ctrl_c_stops_between_two_files_and_says_how_many(series: Path) -> None:
    with storing_node(seconds=1.0) as node:
        command = [sys.executable, "-m", "SynthCore.cli.main", "send", str(series)]
        process = subprocess.Popen(
            [*command, "--to", node.address], stderr=subprocess.PIPE, text=True
        )
        while not node.received:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert f"{len(node.received)} of 5 files had been stored" in err
    assert len(node.received) < 5
