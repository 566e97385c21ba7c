"""What a series says of the images it was made from: none, one, several, synthetic ones."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from SynthCore.dicom.write import export_dicom
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.request import SynthesisResult
from Testing.dicom.results import NAME, an_image, from_headers, headers, read_all, result_of


def test_a_synthetic_source_stays_known_as_one(tmp_path: Path) -> None:
    export_dicom(result_of(from_headers(headers())), tmp_path / "out")
    sources = read_all(tmp_path / "out")
    image = from_headers(sources)
    export_dicom(result_of(image, task="ct-denoise", inputs={"CT": image}), tmp_path / "again")
    for header in read_all(tmp_path / "again"):
        assert header.SyntheticData == "YES"
        codes = [
            item.PurposeOfReferenceCodeSequence[0].CodeValue
            for item in header.ContributingEquipmentSequence
        ]
        assert codes == ["109101", "109100", "109100"]
        assert header.ContributingEquipmentSequence[0].Manufacturer == "ACME"
        assert header.SeriesDescription.startswith("SYNTHETIC CT (ct-denoise")


def test_without_a_source_the_patient_has_no_name(tmp_path: Path) -> None:
    image = an_image()
    other = an_image(image.voxels + np.float32(1))
    for name, one in (("a", image), ("b", image), ("c", other)):
        export_dicom(result_of(one), tmp_path / name)
    a, b, c = (read_all(tmp_path / name) for name in "abc")
    for header in a:
        assert header.PatientName == "" and header.PatientBirthDate == ""
        assert header.PatientID.startswith("SYNTHETIC-")
        assert "SourceImageSequence" not in header
        assert header.StudyInstanceUID == a[0].StudyInstanceUID
        assert header.FrameOfReferenceUID == a[0].FrameOfReferenceUID
        assert header.ContributingEquipmentSequence[0].Manufacturer == "UNKNOWN"
    # archives merge patients with the same ID: only what comes of one image may share it
    assert a[0].PatientID == b[0].PatientID != c[0].PatientID
    assert a[0].StudyInstanceUID != b[0].StudyInstanceUID


def test_made_from_nothing_there_is_no_scanner(tmp_path: Path) -> None:
    export_dicom(result_of(an_image(), inputs={}), tmp_path / "out")
    (item,) = read_all(tmp_path / "out")[0].ContributingEquipmentSequence
    assert item.Manufacturer == "SlicerSynth"


def test_derived_from_a_phantom_there_is_no_scanner(tmp_path: Path) -> None:
    export_dicom(result_of(an_image(), inputs={}), tmp_path / "phantom")
    image = from_headers(read_all(tmp_path / "phantom"))
    export_dicom(result_of(image, task="ct-denoise", inputs={"CT": image}), tmp_path / "out")
    items = read_all(tmp_path / "out")[0].ContributingEquipmentSequence
    codes = [item.PurposeOfReferenceCodeSequence[0].CodeValue for item in items]
    assert codes == ["109100", "109100"]


def test_several_sources(tmp_path: Path) -> None:
    first, second = headers(), headers()
    elsewhere = headers()
    for header in second:
        header.StudyInstanceUID = first[0].StudyInstanceUID
        header.PatientName = NAME.upper() + "^"
    for header in (*second, *elsewhere):
        header.FrameOfReferenceUID = first[0].FrameOfReferenceUID
    result = result_of(from_headers(first, role="FLAIR"), task="mr-sequence")
    export_dicom(
        result,
        tmp_path / "out",
        more_sources=[from_headers(h, role="T2") for h in (first, second, elsewhere)],
    )
    written = read_all(tmp_path / "out")
    for k, header in enumerate(written):
        referenced = [item.ReferencedSOPInstanceUID for item in header.SourceImageSequence]
        assert referenced == [h[k].SOPInstanceUID for h in (first, second, elsewhere)]
        assert len(header.ReferencedSeriesSequence) == 2
        (other,) = header.StudiesContainingOtherReferencedInstancesSequence
        assert other.StudyInstanceUID == elsewhere[0].StudyInstanceUID
        assert header.FrameOfReferenceUID == first[0].FrameOfReferenceUID


def test_another_frame_of_reference_preserves_no_location(tmp_path: Path) -> None:
    first, second = headers(), headers()
    result = result_of(from_headers(first, role="FLAIR"), task="mr-sequence")
    export_dicom(result, tmp_path / "out", more_sources=[from_headers(second, role="T2")])
    for header in read_all(tmp_path / "out"):
        preserved = [item.SpatialLocationsPreserved for item in header.SourceImageSequence]
        assert preserved == ["YES", *["NO"] * len(second)]


def test_a_source_that_the_result_does_not_name(tmp_path: Path) -> None:
    sources = headers()
    export_dicom(result_of(an_image()), tmp_path / "out", source=from_headers(sources))
    header = read_all(tmp_path / "out")[0]
    assert header.StudyInstanceUID == sources[0].StudyInstanceUID
    assert header.SourceImageSequence[0].ReferencedSOPInstanceUID == sources[0].SOPInstanceUID


@pytest.mark.parametrize("keyword", ["PatientID", "PatientName"])
def test_two_patients_are_refused_without_a_name(keyword: str, tmp_path: Path) -> None:
    other = headers()
    for header in other:
        setattr(header, keyword, "Other")
    with pytest.raises(InputError) as caught:
        export_dicom(
            result_of(from_headers(headers())), tmp_path / "out", more_sources=[from_headers(other)]
        )
    assert keyword in str(caught.value)
    assert not re.search("Muster|Other|PID4711", str(caught.value))
    assert not (tmp_path / "out").exists()


def test_the_source_is_not_changed(tmp_path: Path) -> None:
    sources = headers()
    before = [header.to_json() for header in sources]
    image = from_headers(sources)
    voxels = image.voxels.copy()
    export_dicom(result_of(image), tmp_path / "out")
    assert [header.to_json() for header in sources] == before
    assert np.array_equal(image.voxels, voxels)


def test_image_without_role_uses_the_records(tmp_path: Path) -> None:
    image = from_headers(headers())
    result = result_of(image)
    nameless = SynthesisResult(Image(image.voxels, image.affine), result.record)
    export_dicom(nameless, tmp_path / "out")
    assert read_all(tmp_path / "out")[0].Modality == "CT"
