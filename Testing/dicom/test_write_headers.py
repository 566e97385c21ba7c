"""What is taken over from a source's headers, and what never is."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore.dicom.patient_study import COPIED
from SynthCore.dicom.write import export_dicom
from SynthCore.request import SynthesisRecord
from Testing.dicom.results import (
    NAME,
    from_headers,
    headers,
    put_bytes,
    read_all,
    result_of,
)
from Testing.dicom.validators import object_errors, require_dicom3tools

Change = Callable[[Dataset], None]


def written(
    tmp_path: Path, change: Change | None = None, **of: str
) -> tuple[Dataset, SynthesisRecord]:
    """The first object made from headers that were changed, and the record."""
    sources = headers()
    for source in sources:
        if change is not None:
            change(source)
    record = export_dicom(result_of(from_headers(sources), **of), tmp_path / "out")
    return read_all(tmp_path / "out")[0], record


def test_every_attribute_of_the_list_exists() -> None:
    assert [keyword for keyword in COPIED if tag_for_keyword(keyword) is None] == []


def test_patient_study_and_frame_of_reference_are_copied(tmp_path: Path) -> None:
    sources = headers()
    export_dicom(result_of(from_headers(sources)), tmp_path / "out")
    for header in read_all(tmp_path / "out"):
        for keyword in (
            *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID"),
            *("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "FrameOfReferenceUID"),
            *("PatientPosition", "BodyPartExamined"),
        ):
            assert header[keyword].value == sources[0][keyword].value
        assert header.PatientName == NAME
        assert header.SeriesInstanceUID != sources[0].SeriesInstanceUID
        assert header.SeriesNumber == 9004


def test_nothing_else_is_copied(tmp_path: Path) -> None:
    def change(source: Dataset) -> None:
        source.private_block(0x0029, "ACME", create=True).add_new(1, "LO", "secret")
        source.InstitutionName = "A Hospital"
        source.OperatorsName = "Op^Erator"
        source.ProtocolName = "secret"
        source.RequestAttributesSequence = [Dataset()]
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "1", "99X", "meaning"
        item.private_block(0x0029, "ACME", create=True).add_new(1, "LO", "secret")
        source.ProcedureCodeSequence = [item]

    header, record = written(tmp_path, change)
    assert "secret" not in str(header)
    assert "A Hospital" not in str(header) and "Op^Erator" not in str(header)
    assert header.ProcedureCodeSequence[0].CodeMeaning == "meaning"
    private = [e.tag for e in header.iterall() if e.tag.is_private]
    assert {tag.group for tag in private} == {0x0071}
    assert record.output["dicom_notes"] == []


ILLEGAL = {
    "StudyID": b"twenty characters ..",
    "StudyDate": b"2 Jan 2024",
    "StudyTime": b"noon",
    "PatientBirthDate": b"19700231",
    "PatientSex": b"Female",
    "PatientAge": b"30",
    "PatientWeight": b"heavy",
    "AccessionNumber": b"12345678901234567",
    "StudyDescription": b"one\\two",
    "Laterality": b"X ",
    "PatientPosition": b"SUPINE",
    "TimezoneOffsetFromUTC": b"CET",
    "PregnancyStatus": b"\x09\x00",
    "ReferringPhysicianName": b"x" * 70,
}


@pytest.mark.parametrize("keyword", ILLEGAL)
def test_an_illegal_value_is_left_out_and_told(keyword: str, tmp_path: Path) -> None:
    header, record = written(tmp_path, lambda s: put_bytes(s, keyword, ILLEGAL[keyword]))
    assert keyword not in header or not header[keyword].value
    (note,) = record.output["dicom_notes"]
    link = "; the series has lost its link to the order" if keyword == "AccessionNumber" else ""
    assert note == f"{keyword} of the source is not legal and was left out{link}."


@pytest.mark.parametrize(
    ("keyword", "old", "new"),
    [
        ("StudyDate", b"2003.04.05", "20030405"),
        ("PatientBirthDate", b"1960-01-31", "19600131"),
        ("StudyTime", b"12:34:56.5", "123456.5"),
    ],
)
def test_a_date_or_time_of_an_older_form_is_written_anew(
    keyword: str, old: bytes, new: str, tmp_path: Path
) -> None:
    header, record = written(tmp_path, lambda s: put_bytes(s, keyword, old))
    assert header[keyword].value == new
    assert record.output["dicom_notes"] == []


def test_all_of_them_at_once_make_no_object_error(tmp_path: Path) -> None:
    require_dicom3tools()

    def change(source: Dataset) -> None:
        for keyword, value in ILLEGAL.items():
            put_bytes(source, keyword, value)
        source.ClinicalTrialProtocolID = "only this of the module"
        source.PatientIdentityRemoved = "YES"
        source.ReferencedStudySequence = []
        source.ProcedureCodeSequence = [Dataset()]

    _, record = written(tmp_path, change)
    assert object_errors(sorted((tmp_path / "out").iterdir()), tmp_path) == []
    assert len(record.output["dicom_notes"]) == len(ILLEGAL) + 3
    assert not any(v.decode() in record.to_json() for v in ILLEGAL.values() if len(v) > 5)


def test_an_identity_is_never_changed(tmp_path: Path) -> None:
    long = "9" * 70
    header, record = written(tmp_path, lambda s: put_bytes(s, "PatientID", long.encode()))
    assert header.PatientID == long
    assert record.output["dicom_notes"] == [
        "PatientID of the source is not legal and was kept as it is."
    ]


def test_a_librarys_warning_tells_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sources = headers()
    for source in sources:
        put_bytes(source, "PatientID", b"9" * 70)
        put_bytes(source, "PatientBirthDate", b"3 March 1970")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # pydicom's hold the value
        export_dicom(result_of(from_headers(sources)), tmp_path / "out")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("charset", "name", "expected"),
    [
        ("ISO_IR 100", "Müller^Änne", "ISO_IR 100"),
        ("ISO_IR 192", "Дмитрий^Я", "ISO_IR 192"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎", ["", "ISO 2022 IR 87"]),
        ("ISO_IR 6", "Plain^Name", "ISO_IR 6"),
        ("ISO_IR 100", "Дмитрий^Я", "ISO_IR 192"),
        (None, "Plain^Name", None),
        (None, "Müller^Änne", "ISO_IR 192"),
    ],
)
def test_names_in_their_character_set(
    charset: str | list[str] | None, name: str, expected: str | list[str] | None, tmp_path: Path
) -> None:
    def change(source: Dataset) -> None:
        del source.SpecificCharacterSet
        if charset is not None:
            source.SpecificCharacterSet = charset
        source.PatientName = name

    header, _ = written(tmp_path, change)
    assert header.PatientName == name
    found = header.get("SpecificCharacterSet")
    assert (list(found) if isinstance(expected, list) else found) == expected


def test_new_times_are_in_the_zone_of_the_source(tmp_path: Path) -> None:
    def change(source: Dataset) -> None:
        source.TimezoneOffsetFromUTC = "-1130"

    header, _ = written(tmp_path, change)
    assert header.TimezoneOffsetFromUTC == "-1130"
    there = datetime.now(timezone(-timedelta(hours=11, minutes=30)))
    stated = datetime.strptime(header.ContentDate + header.ContentTime, "%Y%m%d%H%M%S")
    assert abs(stated - there.replace(tzinfo=None)) < timedelta(minutes=1)
    assert header.ContributingEquipmentSequence[1].ContributionDateTime.endswith("-1130")


def test_lossy_and_burned_in_stay_known(tmp_path: Path) -> None:
    def change(source: Dataset) -> None:
        source.LossyImageCompression = "01"
        source.LossyImageCompressionRatio = "12.5"
        source.LossyImageCompressionMethod = "ISO_10918_1"
        source.BurnedInAnnotation = "YES"

    header, _ = written(tmp_path, change)
    assert header.LossyImageCompression == "01"
    assert header.LossyImageCompressionRatio == 12.5
    assert header.BurnedInAnnotation == "YES"


@pytest.mark.parametrize("where", ["last slice", "second image"])
def test_one_lossy_or_written_on_slice_of_any_source_counts(where: str, tmp_path: Path) -> None:
    first, second = headers(), headers()
    for header in second:
        header.StudyInstanceUID = first[0].StudyInstanceUID
    marked = first[-1] if where == "last slice" else second[2]
    marked.LossyImageCompression, marked.LossyImageCompressionRatio = "01", "12.5"
    marked.LossyImageCompressionMethod, marked.BurnedInAnnotation = "ISO_10918_1", "YES"
    result = result_of(from_headers(first))
    export_dicom(result, tmp_path / "out", more_sources=[from_headers(second)])
    for header in read_all(tmp_path / "out"):
        assert header.LossyImageCompression == "01" and header.BurnedInAnnotation == "YES"
        assert header.LossyImageCompressionRatio == 12.5


@pytest.mark.parametrize(
    ("part", "stated", "expected"),
    [
        ("HEAD", "", "YES"),
        ("KNEE", "", "NO"),
        ("", "", None),
        ("PAROTID", "", None),  # nobody knows how much of the head is in it
        ("HEAD", "NO", "NO"),
    ],
)
def test_recognizable_features(
    part: str, stated: str, expected: str | None, tmp_path: Path
) -> None:
    def change(source: Dataset) -> None:
        source.BodyPartExamined = part
        if stated:
            source.RecognizableVisualFeatures = stated

    assert written(tmp_path, change)[0].get("RecognizableVisualFeatures") == expected


@pytest.mark.parametrize(("task", "expected"), [("ct-denoise", 120), ("mr-to-ct", None)])
def test_tube_voltage_only_from_a_ct(task: str, expected: int | None, tmp_path: Path) -> None:
    def change(source: Dataset) -> None:
        source.Modality = "CT"
        source.KVP = "120"

    assert expected == written(tmp_path, change, task=task)[0].KVP


def test_a_side_only_where_there_can_be_one(tmp_path: Path) -> None:
    def knee(source: Dataset) -> None:
        source.BodyPartExamined, source.Laterality = "KNEE", "L"

    assert "Laterality" not in written(tmp_path / "head")[0]
    assert written(tmp_path / "knee", knee)[0].Laterality == "L"


@pytest.mark.parametrize("missing", ["StudyInstanceUID", "FrameOfReferenceUID"])
def test_a_source_without_uids(missing: str, tmp_path: Path) -> None:
    header, record = written(tmp_path, lambda s: delattr(s, missing))
    assert header[missing].value
    assert "a new one was made" in record.output["dicom_notes"][0]
    assert len({h[missing].value for h in read_all(tmp_path / "out")}) == 1


def test_uids_are_legal_and_ours(tmp_path: Path) -> None:
    header, _ = written(tmp_path)
    for uid in (header.SOPInstanceUID, header.SeriesInstanceUID):
        assert uid.is_valid and len(uid) <= 64
        assert uid != generate_uid()
