"""What is sent to a real archive is there, byte for byte, and still says that it is synthetic."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pydicom
import pytest
from pydicom.uid import generate_uid

from SynthCore.cli.main import main
from SynthCore.dicom.archive import Query, connect, fetch, outgoing, parse_address, send
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import InputError
from SynthCore.files.verify import verify_folder
from SynthCore.files.verify_record import FACTS_NAME
from Testing.dicom.archive.orthanc import Orthanc, orthanc
from Testing.dicom.results import from_headers, headers, read_all, result_of

BOTH = pytest.mark.parametrize("protocol", ["web", "node"])


def bytes_of(folder: Path) -> set[bytes]:
    """The data sets of a folder, without the file meta information that each writer makes anew."""
    found = set()
    for path in folder.rglob("*.dcm"):
        data = path.read_bytes()
        length = pydicom.filereader.read_file_meta_info(path).FileMetaInformationGroupLength
        found.add(data[144 + length :])
    return found


@BOTH
def test_a_series_goes_there_and_back_byte_for_byte(
    protocol: str, archive: Orthanc, series: Path, tmp_path: Path
) -> None:
    there = connect(parse_address(getattr(archive, protocol)))
    sent = send(outgoing(series), there)
    assert sent.sure and sent.count == 5
    assert sent.sentences() == ()
    study = read_all(series)[0].StudyInstanceUID
    found = there.search(Query(study_uid=study))
    assert [(one.modality, one.instances) for one in found] == [("CT", 5)]
    assert found[0].description.startswith("SYNTHETIC")
    (folder,) = fetch(there, found, tmp_path / "back")
    assert folder.name == "01-CT"
    assert bytes_of(folder) == bytes_of(series)
    assert len(bytes_of(folder)) == 5
    assert verify_folder(tmp_path / "back").ok


@BOTH
def test_what_lies_there_already_is_not_doubled(
    protocol: str, archive: Orthanc, series: Path
) -> None:
    there = connect(parse_address(getattr(archive, protocol)))
    send(outgoing(series), there)
    before = archive.count()
    assert send(outgoing(series), there).ok
    assert archive.count() == before


def test_the_archive_finds_it_by_its_mark(archive: Orthanc, series: Path) -> None:
    send(outgoing(series), connect(parse_address(archive.web)))
    uid = read_all(series)[0].SeriesInstanceUID
    for mark, count in (("YES", 5), ("NO", 0)):
        asked = urlencode({"SeriesInstanceUID": uid, "SyntheticData": mark})
        request = Request(  # noqa: S310
            f"{archive.web}/instances?{asked}", headers={"Accept": "application/dicom+json"}
        )
        with urlopen(request) as answer:  # noqa: S310
            assert len(json.load(answer)) == count


@BOTH
def test_the_command_tells_what_it_did(
    protocol: str, archive: Orthanc, series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = getattr(archive, protocol)
    assert main(["send", str(series.parent), "--to", address]) == 0
    out, err = capsys.readouterr()
    assert "5 of 5 files" in out
    assert "holds each of them and says that it is synthetic" in out
    assert "encrypted" not in err  # it does not leave this machine
    assert main(["send", str(series.parent), "--to", address, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["files"], told["stored"], told["ok"], told["missing"]) == (5, 5, True, [])


def test_a_changed_file_is_not_sent(
    archive: Orthanc, series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sorted(series.iterdir())[2]
    header = pydicom.dcmread(path)
    header.SeriesDescription = "T1 of a patient"
    header.save_as(path)
    before = archive.count()
    assert main(["send", str(series), "--to", archive.web]) == 3
    err = capsys.readouterr().err
    assert "Nothing was sent" in err
    assert path.name in err
    assert archive.count() == before


def test_an_object_that_verify_passes_over_is_not_sent(
    archive: Orthanc, series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # named as what lies beside a mask of a lesion, which is read as JSON
    made = read_all(series)[0]
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    made.save_as(series / FACTS_NAME)
    assert verify_folder(series).ok
    before = archive.count()
    assert main(["send", str(series), "--to", archive.web]) == 3
    assert "does not look at" in capsys.readouterr().err
    assert archive.count() == before


def test_a_hidden_folder_is_not_left_out_in_silence(
    archive: Orthanc, series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export_dicom(result_of(from_headers(headers(), "T2")), series.parent / ".hidden")
    assert verify_folder(series.parent).ok
    before = archive.count()
    assert main(["send", str(series.parent), "--to", archive.web]) == 3
    assert "5 DICOM objects in hidden folders would be left out" in capsys.readouterr().err
    assert archive.count() == before


def test_acquired_images_are_not_sent(
    archive: Orthanc, real_study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = archive.count()
    assert main(["send", str(real_study), "--to", archive.web]) == 3
    assert "Nothing was sent" in capsys.readouterr().err
    assert archive.count() == before


def test_a_folder_without_dicom_has_nothing_to_send(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no image")
    with pytest.raises(InputError, match="--format dicom"):
        outgoing(tmp_path)


def test_an_archive_with_a_password(
    series: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with orthanc(
        tmp_path / "orthanc", AuthenticationEnabled=True, RegisteredUsers={"reader": "öpen"}
    ) as closed:
        assert main(["send", str(series), "--to", closed.web]) == 2
        assert "SYNTHCORE_ARCHIVE_USER" in capsys.readouterr().err
        monkeypatch.setenv("SYNTHCORE_ARCHIVE_USER", "reader")
        monkeypatch.setenv("SYNTHCORE_ARCHIVE_PASSWORD", "wrong")
        assert main(["send", str(series), "--to", closed.web]) == 2
        assert "wrong" not in capsys.readouterr().err
        monkeypatch.setenv("SYNTHCORE_ARCHIVE_PASSWORD", "öpen")
        assert main(["send", str(series), "--to", closed.web]) == 0
