"""Every mark is there, and no scanner can be taken for the maker."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage

from SynthCore.dicom.marks import missing_marks
from SynthCore.dicom.record_tags import read_record
from SynthCore.dicom.tags_preview import preview_tags
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import InputError
from Testing.dicom.results import an_image, from_headers, headers, read_all, result_of
from Testing.dicom.validators import object_errors, require_dicom3tools


@pytest.fixture
def ct(tmp_path: Path) -> list[Dataset]:
    export_dicom(result_of(from_headers(headers())), tmp_path / "ct")
    return read_all(tmp_path / "ct")


@pytest.fixture
def mr(tmp_path: Path) -> list[Dataset]:
    image = from_headers(headers(), role="T2")
    export_dicom(result_of(image, task="mr-sequence"), tmp_path / "mr")
    return read_all(tmp_path / "mr")


def test_ct_object(ct: list[Dataset]) -> None:
    for header in ct:
        assert header.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        assert header.SOPClassUID == header.file_meta.MediaStorageSOPClassUID == CTImageStorage
        assert header.Modality == "CT"
        assert list(header.ImageType) == ["DERIVED", "SECONDARY", "AXIAL", "", "SYNTHETIC"]
        assert (header.RescaleSlope, header.RescaleIntercept) == (1, -1024)
        assert header.RescaleType == "HU"
        assert (header.BitsStored, header.PixelRepresentation) == (16, 0)
        assert "KVP" in header and header.KVP is None
        assert header.SpacingBetweenSlices == 3


def test_mr_object(mr: list[Dataset]) -> None:
    for header in mr:
        assert header.SOPClassUID == MRImageStorage
        assert list(header.ImageType) == ["DERIVED", "SECONDARY", "OTHER", "SYNTHETIC"]
        assert (header.ScanningSequence, header.SequenceVariant) == ("RM", "NONE")
        for empty in ("ScanOptions", "RepetitionTime", "EchoTime", "EchoTrainLength"):
            assert empty in header and not header[empty].value
        for absent in ("InversionTime", "RescaleSlope", "RescaleIntercept", "RescaleType"):
            assert absent not in header


@pytest.mark.parametrize("kind", ["ct", "mr"])
def test_marks(kind: str, request: pytest.FixtureRequest) -> None:
    for header in request.getfixturevalue(kind):
        assert missing_marks(header) == ()
        assert header.SyntheticData == "YES"
        assert header.ContentQualification == "RESEARCH"
        assert header.BurnedInAnnotation == "NO"
        assert header.LossyImageCompression == "00"
        assert header.RecognizableVisualFeatures == "YES"  # a head
        assert header.SeriesDescription.startswith("SYNTHETIC")
        assert header.ImageComments.startswith("SYNTHETIC")
        assert "A warning." in header.ImageComments
        assert (header.Manufacturer, header.ManufacturerModelName) == ("SlicerSynth", "SynthCore")
        assert header.DeviceSerialNumber != "123"
        assert list(header.SoftwareVersions) == ["SynthCore 0.1.0", "ab" * 32, "a-model 1.2.0"]
        for told in ("a-model 1.2.0", "ab" * 32, "seed 7", "task"):
            assert told in header.DerivationDescription
        assert len(header.DerivationDescription) <= 1024
        assert header.DerivationCodeSequence[0].CodingSchemeDesignator == "99SYNTHCORE"


def test_contributing_equipment(ct: list[Dataset]) -> None:
    scanner, software = ct[0].ContributingEquipmentSequence
    assert (scanner.Manufacturer, scanner.ManufacturerModelName) == ("ACME", "Magnet")
    assert scanner.DeviceSerialNumber == "123"
    assert scanner.PurposeOfReferenceCodeSequence[0].CodeValue == "109101"
    assert software.Manufacturer == "SlicerSynth"
    assert software.PurposeOfReferenceCodeSequence[0].CodeValue == "109100"
    assert "ab" * 32 in software.ContributionDescription
    assert "ab" * 32 in list(software.SoftwareVersions)


def test_source_references(tmp_path: Path) -> None:
    sources = headers()
    export_dicom(result_of(from_headers(sources)), tmp_path / "out")
    for header, source in zip(read_all(tmp_path / "out"), sources, strict=True):
        (item,) = header.SourceImageSequence
        assert item.ReferencedSOPInstanceUID == source.SOPInstanceUID
        assert item.ReferencedSOPClassUID == source.SOPClassUID
        assert item.SpatialLocationsPreserved == "YES"
        assert item.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"
        (series,) = header.ReferencedSeriesSequence
        assert series.SeriesInstanceUID == source.SeriesInstanceUID
        (instance,) = series.ReferencedInstanceSequence
        assert instance.ReferencedSOPInstanceUID == source.SOPInstanceUID


def test_type_2_attributes_are_present(ct: list[Dataset], mr: list[Dataset]) -> None:
    for header in (*ct, *mr):
        for keyword in (
            "StudyID",
            "AccessionNumber",
            "ReferringPhysicianName",
            "PositionReferenceIndicator",
            "AcquisitionNumber",
            "PatientBirthDate",
            "SeriesNumber",
        ):
            assert keyword in header


def test_short_ids_and_texts(tmp_path: Path) -> None:
    result = result_of(an_image())
    long = type(result.record)(**{**vars(result.record), "model": "m\\ö" + "x" * 2000})
    export_dicom(type(result)(result.image, long), tmp_path / "out")
    for header in read_all(tmp_path / "out"):
        assert len(header.SeriesDescription) <= 64
        assert all(len(version) <= 64 for version in header.SoftwareVersions)
        assert len(header.DerivationDescription) <= 1024
        assert header.SeriesDescription.isascii()


@pytest.mark.parametrize("role", ["CT", "T1"])
def test_no_object_errors(role: str, tmp_path: Path) -> None:
    require_dicom3tools()
    task = "mr-to-ct" if role == "CT" else "mr-sequence"
    for name, image in (
        ("derived", from_headers(headers(), role=role)),
        ("new", an_image(role=role)),
    ):
        export_dicom(result_of(image, task=task), tmp_path / name)
        assert object_errors(sorted((tmp_path / name).iterdir()), tmp_path) == []


def test_record_is_the_same_in_every_object(tmp_path: Path) -> None:
    record = export_dicom(result_of(an_image()), tmp_path / "out")
    written = read_all(tmp_path / "out")
    assert {header.SOPInstanceUID for header in written} == set(record.output["instances"])
    for header in written:
        assert read_record(header) == record
    assert record.output["series_instance_uid"] == written[0].SeriesInstanceUID
    assert (record.output["stored_scale"], record.output["stored_offset"]) == (1.0, -1024.0)


def test_every_export_is_a_series_of_its_own(tmp_path: Path) -> None:
    result = result_of(from_headers(headers()))
    one = export_dicom(result, tmp_path / "one")
    two = export_dicom(result, tmp_path / "two")
    assert not set(one.output["instances"]) & set(two.output["instances"])
    assert one.output["series_instance_uid"] != two.output["series_instance_uid"]


def test_preview_shows_what_is_written(tmp_path: Path) -> None:
    result = result_of(from_headers(headers()))
    shown = [line for line in preview_tags(result) if line.depth == 0]
    export_dicom(result, tmp_path / "out")
    written = read_all(tmp_path / "out")[0]
    digest = 1  # made of the finished object
    assert len(shown) == len(list(written)) - digest
    values = {line.tag: line.value for line in shown}
    assert values["(0008,001C)"] == "YES"
    assert values["(0010,0010)"] == "Muster^Änne"
    assert values["(0008,0008)"] == "DERIVED\\SECONDARY\\AXIAL\\\\SYNTHETIC"


def test_a_role_that_is_neither_ct_nor_mr(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="PET cannot be written as DICOM"):
        export_dicom(result_of(an_image(role="PET")), tmp_path / "out")
    assert not (tmp_path / "out").exists()
