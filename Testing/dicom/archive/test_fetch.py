"""What is fetched is what the archive holds, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.uid import UltrasoundImageStorage

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
from SynthCore.dicom.archive.query import found_series
from SynthCore.dicom.series import list_series
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import CancelledError, ComputationError, InputError
from Testing.dicom.archive.orthanc import Orthanc
from Testing.dicom.results import from_headers, headers, read_all, result_of

BOTH = pytest.mark.parametrize("protocol", ["web", "node"])


@pytest.fixture
def study(archive: Orthanc, tmp_path: Path) -> str:
    """A study of two synthetic series in the archive."""
    given = headers()
    for name, role in (("ct", "CT"), ("mr", "T2")):
        export_dicom(result_of(from_headers(given, role)), tmp_path / name)
        send(outgoing(tmp_path / name), connect(parse_address(archive.web)))
    return str(given[0].StudyInstanceUID)


@BOTH
def test_a_study_is_listed_and_brought(
    protocol: str, archive: Orthanc, study: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["fetch", "--from", getattr(archive, protocol), "--study", study]
    assert main(asked) == 0
    out = capsys.readouterr().out
    assert "2 series" in out
    assert out.count("5 objects") == 2
    assert "Muster" not in out and "PID4711" not in out
    assert main([*asked, "--out", str(tmp_path / "back")]) == 0
    out = capsys.readouterr().out
    assert out.count("synthetic") == 2
    assert sorted(p.name[3:] for p in (tmp_path / "back").iterdir()) == ["CT", "MR"]
    assert len(list_series(tmp_path / "back")) == 2
    assert len(list((tmp_path / "back").rglob("*.dcm"))) == 10


@BOTH
def test_one_series_or_one_modality(
    protocol: str, archive: Orthanc, study: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uid = read_all(tmp_path / "mr")[0].SeriesInstanceUID
    asked = ["fetch", "--from", getattr(archive, protocol), "--study", study, "--json"]
    for choice in (["--series", uid], ["--modality", "MR"]):
        assert main([*asked, *choice]) == 0
        (one,) = json.loads(capsys.readouterr().out)["series"]
        assert (one["series_uid"], one["modality"], one["objects"]) == (uid, "MR", 5)


@BOTH
def test_a_patient_of_several_studies(
    protocol: str, archive: Orthanc, study: str, tmp_path: Path
) -> None:
    there = connect(parse_address(getattr(archive, protocol)))
    found = there.search(Query(patient_id="PID4711"))
    assert study in {one.study_uid for one in found}
    assert {one.patient_id for one in found} == {"PID4711"}
    assert there.search(Query(patient_id="PID471")) == ()
    assert there.search(Query(patient_id="PID4711", accession_number="A2")) == ()
    within = there.search(Query(accession_number="A1", study_uid=study))
    assert {one.study_uid for one in within} == {study}


@BOTH
def test_a_real_study_is_read_as_it_was(
    protocol: str, archive: Orthanc, real_study: Path, tmp_path: Path
) -> None:
    mr = next(s for s in list_series(real_study) if s.modality == "MR")
    structures = next(s for s in list_series(real_study) if s.modality == "RTSTRUCT")
    there = connect(parse_address(getattr(archive, protocol)))
    for series in (mr, structures):
        folder = tmp_path / series.modality
        folder.mkdir()
        for n, one in enumerate(series.instances):
            (folder / f"{n}.dcm").write_bytes(one.path.read_bytes())
        send(outgoing(folder), there)
    found = there.search(Query(study_uid=str(mr.instances[0].header.StudyInstanceUID)))
    mine = [one for one in found if one.series_uid in (mr.uid, structures.uid)]
    folders = fetch(there, mine, tmp_path / "back")
    back = {s.uid: s for s in list_series(tmp_path / "back")}
    assert len(folders) == 2
    assert back[mr.uid].shape == mr.shape
    assert back[mr.uid].spacing == mr.spacing
    assert back[mr.uid].role == mr.role
    assert back[structures.uid].modality == "RTSTRUCT"


@BOTH
def test_nothing_there(protocol: str, archive: Orthanc, tmp_path: Path) -> None:
    asked = ["fetch", "--from", getattr(archive, protocol), "--study", "1.2.3"]
    assert main(asked) == 0
    assert main([*asked, "--out", str(tmp_path / "back")]) == 2
    assert not (tmp_path / "back").exists()


def test_a_folder_that_holds_something_is_refused_before_anyone_is_asked(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    nobody = ["fetch", "--from", "A@127.0.0.1:1", "--study", "1.2", "--out", str(tmp_path)]
    assert main(nobody) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]


@BOTH
def test_cancelled_in_the_middle_nothing_is_kept(
    protocol: str, archive: Orthanc, study: str, tmp_path: Path
) -> None:
    there = connect(parse_address(getattr(archive, protocol)))
    found = there.search(Query(study_uid=study))
    seen: list[str] = []
    with pytest.raises(CancelledError):
        fetch(
            there, found, tmp_path / "back", lambda f, stage: seen.append(stage),
            lambda: len(seen) >= 4,
        )  # fmt: skip
    assert any("object" in stage for stage in seen)
    assert not (tmp_path / "back").exists()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".partial")]


class Dishonest:
    """An archive that gives something else than it told; all that it gives is real."""

    host = "an archive"

    def __init__(self, files: Sequence[bytes]) -> None:
        self.files = files

    def retrieve(self, series: FoundSeries) -> Iterator[bytes]:
        yield from self.files


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:-1], "4 of 5 objects"),
        (lambda data: [], "0 of 5 objects"),
        (lambda data: [*data[:4], b"<html>sorry</html>"], "no DICOM object"),
        (lambda data: 5 * data[:1], "twice"),
    ],
)
def test_less_or_other_than_it_told_is_not_kept(
    change: object, words: str, series: Path, tmp_path: Path
) -> None:
    data = [path.read_bytes() for path in sorted(series.iterdir())]
    header = read_all(series)[0]
    told = FoundSeries(header.StudyInstanceUID, header.SeriesInstanceUID, instances=5)
    with pytest.raises(ComputationError, match=words):
        fetch(Dishonest(change(data)), [told], tmp_path / "back")  # type: ignore[operator, arg-type]
    assert not (tmp_path / "back").exists()
    # the same, given whole, is kept; of another series it is not
    assert fetch(Dishonest(data), [told], tmp_path / "whole")  # type: ignore[arg-type]
    other = replace(told, series_uid="1.2.3")
    with pytest.raises(ComputationError, match="another series"):
        fetch(Dishonest(data), [other], tmp_path / "back")  # type: ignore[arg-type]


def test_a_kind_of_object_that_c_get_does_not_bring(
    archive: Orthanc, series: Path, tmp_path: Path
) -> None:
    made = read_all(series)[0]
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = UltrasoundImageStorage
    made.save_as(tmp_path / "us.dcm")
    web, node = (connect(parse_address(one)) for one in (archive.web, archive.node))
    send(outgoing(tmp_path / "us.dcm"), web)
    found = web.search(Query(study_uid=made.StudyInstanceUID))
    with pytest.raises(ComputationError, match="use its DICOMweb address"):
        fetch(node, found, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert fetch(web, found, tmp_path / "back")


def test_of_two_patients_nothing_is_brought(archive: Orthanc, tmp_path: Path) -> None:
    two = [FoundSeries("1.2", "1.3", patient_id="A"), FoundSeries("1.4", "1.5", patient_id="B")]
    with pytest.raises(InputError, match="several patients"):
        fetch(connect(parse_address(archive.web)), two, tmp_path / "back")


def test_what_an_archive_matches_too_loosely_is_left_out() -> None:
    query = Query(patient_id="STS_010", modality="MR")
    found = FoundSeries("1.2", "1.3", patient_id="STS_010", modality="MR")
    assert query.fits(found)
    assert query.fits(replace(found, patient_id=""))  # not told
    assert not query.fits(replace(found, patient_id="sts_010"))
    assert not Query(accession_number="a1").fits(replace(found, accession_number="A1"))
    assert query.chosen([found, None, found]) == (found,)
    assert not query.fits(replace(found, modality="CT"))
    one = Query(study_uid="1.2", series_uids=("1.3", "1.4"))
    assert one.fits(found)
    assert not one.fits(replace(found, series_uid="1.5"))
    assert not one.fits(replace(found, study_uid="1.22"))


def test_words_of_an_archive_are_not_trusted() -> None:
    answer = {
        "StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.3", "Modality": "../../etc",
        "SeriesDescription": "a\x1b[2Jb", "StudyDate": "today\n", "SeriesNumber": "many",
        "NumberOfSeriesRelatedInstances": "-5",
    }  # fmt: skip
    found = found_series({}, answer)
    assert found == FoundSeries("1.2", "1.3")
    assert found_series({}, {**answer, "SeriesInstanceUID": "../1.3"}) is None
