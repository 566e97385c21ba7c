"""Archives that lose, repeat, cut off, send elsewhere or never end, and secrets that stay here."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from requests import Request, Session

from SynthCore.cli.main import main
from SynthCore.dicom.archive import (
    FoundSeries,
    Query,
    connect,
    fetch,
    outgoing,
    parse_address,
    send,
)
from SynthCore.dicom.archive.address import WebAddress
from SynthCore.dicom.archive.multipart import one_part, parts
from SynthCore.dicom.archive.session import open_session
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import CancelledError, ComputationError
from Testing.dicom.archive.nodes import storing_node
from Testing.dicom.archive.test_trouble import sent_to, without_mark
from Testing.dicom.archive.web_service import web_service
from Testing.dicom.results import from_headers, headers, read_all, result_of


def a_study(folder: Path) -> Path:
    """A CT and an MR of five slices, synthetic."""
    given = headers()
    for role in ("CT", "T2"):
        export_dicom(result_of(from_headers(given, role)), folder / role)
    return folder


def test_one_series_that_cannot_be_asked_hides_no_lost_mark(tmp_path: Path) -> None:
    study = a_study(tmp_path / "study")
    with web_service(lambda made: without_mark(made) if made.Modality == "CT" else made) as there:
        there.silent_of = {read_all(study / "T2")[0].SeriesInstanceUID}
        sent = sent_to(there.url, study)
    assert len(sent.unmarked) == 5
    assert sent.unasked == 5
    assert not sent.ok
    assert "Of 5 objects the archive could not be asked" in " ".join(sent.sentences())


def test_a_series_that_is_not_found_is_missing(
    series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with web_service(lambda made: None) as there:
        there.silent_of, there.not_found = {read_all(series)[0].SeriesInstanceUID}, 404
        assert main(["send", str(series), "--to", there.url]) == 4
    out = capsys.readouterr().out
    assert "0 of 5 files" in out
    assert "5 objects called stored cannot be found" in out


def test_two_files_of_one_object_are_refused(
    series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sorted(series.iterdir())[0]
    path.with_name("again.dcm").write_bytes(path.read_bytes())
    with storing_node() as node:
        assert main(["send", str(series), "--to", node.address]) == 2
    assert "same object twice" in capsys.readouterr().err
    assert node.received == []


def test_a_file_that_is_exchanged_meanwhile_is_not_sent(series: Path) -> None:
    files = outgoing(series)
    second = files[1].path

    def exchange(n: int) -> int:
        made = read_all(series)[1]
        made.PatientID = "REAL"
        without_mark(made).save_as(second)
        return 0

    with storing_node(exchange) as node:
        sent = send(files, connect(parse_address(node.address)))
    assert len(node.received) == 1
    assert not sent.ok
    assert "changed or removed while" in sent.sentences()[0]
    assert sent.left == 4


def test_a_body_that_breaks_off_is_not_whole() -> None:
    body, content_type = one_part(b"DATA" * 1000)
    whole = body.read()
    assert list(parts([whole], content_type, "here")) == [b"DATA" * 1000]
    bit_by_bit = [whole[n : n + 1] for n in range(len(whole))]
    assert list(parts(bit_by_bit, content_type, "here")) == [b"DATA" * 1000]
    for end in (len(whole) - 5, len(whole) - 50, 60, 0):
        with pytest.raises(ComputationError, match="broke off"):
            list(parts([whole[:end]], content_type, "here"))
    with pytest.raises(ComputationError, match="instead of DICOM"):
        list(parts([whole], "text/html", "here"))


def test_a_series_that_breaks_off_within_its_pixels_is_not_kept(
    series: Path, tmp_path: Path
) -> None:
    bodies = [path.read_bytes() for path in sorted(series.iterdir())]
    part = b"\r\n--XX\r\nContent-Type: application/dicom\r\n\r\n"
    body = b"".join(part + one for one in bodies)
    told = FoundSeries(*_uids(series), instances=5)
    kind = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=XX'}
    with web_service() as there:
        archive = connect(parse_address(there.url))
        for cut in (10, 60, 400):
            there.answer = kind, body[:-cut]
            with pytest.raises(ComputationError, match="broke off"):
                fetch(archive, [told], tmp_path / "back")
        assert not (tmp_path / "back").exists()
        there.answer = kind, body + b"\r\n--XX--\r\n"
        (folder,) = fetch(archive, [told], tmp_path / "back")
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == bodies


def _uids(series: Path) -> tuple[str, str]:
    first = read_all(series)[0]
    return str(first.StudyInstanceUID), str(first.SeriesInstanceUID)


@contextmanager
def sending_on(target: str) -> Iterator[str]:
    """A service that sends every request on to another; gives its address."""
    answer = f"HTTP/1.1 307 On\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    one, _ = server.accept()
                    one.recv(65536)
                    one.sendall(answer.encode())
                    one.close()
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/dicom-web"


def test_nothing_goes_where_an_archive_sends_it_on_to(series: Path) -> None:
    with web_service() as other, sending_on(f"{other.url}/studies") as first:
        with pytest.raises(ComputationError, match="sends on to another address"):
            sent_to(first, series)
        with pytest.raises(ComputationError, match="sends on to another address"):
            connect(parse_address(first)).search(Query(patient_id="PID4711"))
    assert other.kept == []


@pytest.fixture
def a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHCORE_ARCHIVE_USER", "u")
    monkeypatch.setenv("SYNTHCORE_ARCHIVE_PASSWORD", "s3cret")


def test_what_stays_on_this_machine_goes_through_no_proxy(
    a_secret: None, series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_service() as proxy, web_service() as there:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/dicom-web"))
        assert sent_to(there.url, series).sure
    assert proxy.authorizations == [] and proxy.kept == []
    assert set(there.authorizations) == {"Basic dTpzM2NyZXQ="}


def test_a_secret_of_the_netrc_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 192.0.2.1 login u password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    asked = Request("GET", "http://192.0.2.1/dicom-web/studies")
    assert "Authorization" in Session().prepare_request(asked).headers  # requests' own way
    session = open_session(WebAddress("http://192.0.2.1/dicom-web"))
    assert "Authorization" not in session.prepare_request(asked).headers


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("text/html", b"<html>Log in</html>", "answered with a page or a text"),
        ("application/dicom+json", b"[{", "answered with a page or a text"),
        ("application/dicom+json", b'{"00080018": 3}', "no DICOMweb"),
    ],
)
def test_what_is_no_dicomweb(kind: str, body: bytes, words: str, series: Path) -> None:
    with web_service() as there:
        there.answer = {"Content-Type": kind, "Content-Length": str(len(body))}, body
        with pytest.raises(ComputationError, match=words):
            connect(parse_address(there.url)).search(Query(study_uid="1.2"))


def test_the_first_of_many_are_not_taken_for_all(capsys: pytest.CaptureFixture[str]) -> None:
    told = {
        "Content-Type": "application/dicom+json",
        "Content-Length": "2",
        "Warning": '299 x "There are 23 additional results of PATIENT^NAME"',
    }
    with web_service() as there:
        there.answer = told, b"[]"
        assert main(["fetch", "--from", there.url, "--study", "1.2"]) == 4
    err = capsys.readouterr().err
    assert "only the first of what fits" in err
    assert "PATIENT" not in err


def test_an_answer_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("SynthCore.dicom.archive.session.MOST_BYTES", 2**20)
    with web_service() as there:
        there.answer = {"Content-Type": "application/dicom+json"}, b"[" + 2**22 * b" "
        with pytest.raises(ComputationError, match="does not come to an end"):
            connect(parse_address(there.url)).search(Query(study_uid="1.2"))


def test_half_a_message_is_not_waited_for_without_end(
    series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("SynthCore.dicom.archive.association.TIMEOUT_S", 2.0)
    kept = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def half() -> None:
            one, _ = server.accept()
            kept.append(one)
            one.recv(65536)
            one.sendall(b"\x02\x00\x00")

        threading.Thread(target=half, daemon=True).start()
        with pytest.raises(ComputationError, match="did not answer or broke off"):
            sent_to(f"NODE@127.0.0.1:{server.getsockname()[1]}", series)


def test_cancelled_by_a_node_that_takes_nothing_none_are_stored(series: Path) -> None:
    with storing_node(lambda n: 0xA700) as node:
        archive = connect(parse_address(node.address))
        with pytest.raises(CancelledError, match="0 of 5 files had been stored"):
            send(outgoing(series), archive, cancelled=lambda: len(node.received) >= 3)


def test_interrupted_in_a_hurry_it_still_says_how_many(series: Path) -> None:
    def hurry(fraction: float, stage: str) -> None:
        if stage == "file 4 of 5":
            raise KeyboardInterrupt

    with storing_node() as node, pytest.raises(CancelledError, match="3 of 5 files"):
        send(outgoing(series), connect(parse_address(node.address)), progress=hurry)


def test_a_node_that_says_no(series: Path) -> None:
    def tells(made: Dataset, mark: str) -> Dataset:
        found = Dataset()
        found.SOPInstanceUID = made.SOPInstanceUID
        found.add_new(0x0008001C, "CS", mark)
        return found

    made = read_all(series)
    for mark, unmarked, untold in (("NO", 5, 0), ("", 0, 5), ("YES", 0, 0)):
        with storing_node(tells=[tells(one, mark) for one in made]) as node:
            sent = sent_to(node.address, series)
        assert (len(sent.unmarked), sent.untold, sent.unasked) == (unmarked, untold, 0)
        assert sent.ok == (unmarked == 0)
