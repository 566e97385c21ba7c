"""Whose series are found: an ID as it is written, and nobody else's."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from SynthCore.cli.main import main
from SynthCore.dicom.archive import FoundSeries, Query, connect, fetch, parse_address
from SynthCore.errors import InputError
from Testing.dicom.archive.orthanc import Orthanc
from Testing.dicom.archive.test_complete import BOTH, an_object
from Testing.dicom.archive.web_service import web_service

OTHER_LETTERS = pytest.mark.parametrize(
    ("asked", "value", "key"),
    [("--accession", "山1", "AccessionNumber"), ("--patient-id", "山ID4711", "PatientID")],
)


@OTHER_LETTERS
def test_other_letters_are_no_wildcards(
    asked: str,
    value: str,
    key: str,
    archive: Orthanc,
    series: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    archive.put(an_object(series, PatientID="XID4711", AccessionNumber="X1"))
    assert main(["fetch", "--from", archive.node, asked, value]) == 0
    out, err = capsys.readouterr()
    assert "Nothing fits" in out
    assert "DIMSE" not in err


@OTHER_LETTERS
def test_a_service_is_asked_for_other_letters_as_they_are(
    asked: str, value: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # of a real service: the plugin of Orthanc does not decode them, and finds nothing ever
    with web_service() as there:
        assert main(["fetch", "--from", there.url, asked, value]) == 0
    out, err = capsys.readouterr()
    assert "Nothing fits" in out
    assert "look by its DIMSE address" in err and value not in err
    (one,) = there.asked
    assert parse_qs(urlsplit(one).query, strict_parsing=True)[key] == [value]


@pytest.mark.parametrize("value", ["a b", "1+2", "A/B", "A'B", "a^b", "A(1)", "a&b=c"])
def test_signs_reach_a_service_as_they_are(value: str) -> None:
    with web_service() as there:
        archive = connect(parse_address(there.url))
        assert archive.search(Query(patient_id=value)) == ()
        assert archive.doubt(Query(patient_id=value))
        assert not archive.doubt(Query(patient_id="PID-47_1.1", accession_number="A1"))
    assert parse_qs(urlsplit(there.asked[0]).query)["PatientID"] == [value]


def test_spaces_around_an_id_do_not_count(archive: Orthanc, series: Path) -> None:
    made = an_object(series, PatientID=" 77")
    archive.put(made)
    # Orthanc itself counts them, and by DICOMweb does not decode them
    found = connect(parse_address(archive.node)).search(Query(patient_id=" 77"))
    assert [one.study_uid for one in found] == [made.StudyInstanceUID]
    assert Query(patient_id="77 ").fits(FoundSeries("1.2", "1.3", patient_id="77"))
    assert not Query(patient_id="7 7").fits(FoundSeries("1.2", "1.3", patient_id="77"))
    with pytest.raises(InputError, match="Nothing says whose"):
        Query(patient_id="  ")


@BOTH
def test_studies_without_a_patient_id_are_not_brought_together(
    protocol: str, archive: Orthanc, series: Path, tmp_path: Path
) -> None:
    number = f"NOBODY-{protocol}"
    for name in ("One", "Other"):
        archive.put(an_object(series, PatientID="", PatientName=name, AccessionNumber=number))
    there = connect(parse_address(getattr(archive, protocol)))
    found = there.search(Query(accession_number=number))
    with pytest.raises(InputError, match="studies without a patient ID"):
        fetch(there, found, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert fetch(there, found[:1], tmp_path / "back")
