"""The report of placed lesions: what it says, what it links, what DICOM's own judges say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.dicom.findings_sr import NOT_REAL
from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.lesion_objects import (
    REPORT_NAME,
    SEG_NAME,
    LesionOfMask,
    finding_of,
    write_lesion_objects,
)
from SynthCore.dicom.seg.build import Segment
from SynthCore.dicom.seg.read import read_seg
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.files.verify import verify_folder
from SynthCore.image import Image
from Testing.dicom.results import SHAPE, from_headers, headers, result_of
from Testing.dicom.test_seg import labels_on
from Testing.dicom.validators import entity_errors, object_errors, require_dicom3tools

LESIONS = (
    LesionOfMask(2, "MS plaque 1", "ms-plaque", "left white matter", "Placed by seed 7."),
    LesionOfMask(7, "Metastasis", "metastasis"),
)


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, Image, Image]:
    """A synthetic series of two sequences with two lesions: folder, one sequence, labels."""
    source = from_headers(headers(), "T1")
    for role in ("T1", "FLAIR"):
        image = source.with_voxels(np.abs(source.voxels), modality=role)
        export_dicom(result_of(image, task="mr-sequence"), tmp_path / role, source=source)
    series = [read(tmp_path / role, modality=role) for role in ("T1", "FLAIR")]
    labels = labels_on(series[0])
    write_lesion_objects(tmp_path, labels, LESIONS, series)
    return tmp_path, series[0], labels


def items(node: pydicom.Dataset) -> list[pydicom.Dataset]:
    """Every content item, from the root down."""
    return [node, *(i for child in node.get("ContentSequence", []) for i in items(child))]


def of_type(report: pydicom.Dataset, kind: str, meaning: str = "") -> list[pydicom.Dataset]:
    return [
        i
        for i in items(report)
        if i.ValueType == kind
        and (not meaning or i.ConceptNameCodeSequence[0].CodeMeaning == meaning)
    ]


def test_dicoms_judges_find_no_error(written: tuple[Path, Image, Image]) -> None:
    require_dicom3tools()
    folder, _, _ = written
    made = [folder / SEG_NAME, folder / REPORT_NAME]
    assert object_errors(made, folder) == []
    assert entity_errors([*sorted(folder.rglob("IMG*.dcm")), *made]) == []


def test_it_says_what_where_and_how_large(written: tuple[Path, Image, Image]) -> None:
    folder, series, labels = written
    report = pydicom.dcmread(folder / REPORT_NAME)
    volumes = [i.MeasuredValueSequence[0] for i in of_type(report, "NUM", "Volume")]
    voxel = np.prod(series.spacing) / 1000
    counts = [(labels.voxels == value).sum() for value in (2, 7)]
    assert [float(v.NumericValue) for v in volumes] == pytest.approx(
        [c * voxel for c in counts], rel=1e-5
    )
    assert {v.MeasurementUnitsCodeSequence[0].CodeValue for v in volumes} == {"mL"}
    findings = [i.ConceptCodeSequence[0].CodeMeaning for i in of_type(report, "CODE", "Finding")]
    assert findings == ["Lesion", "Neoplasm, Secondary"]
    sites = [i.ConceptCodeSequence[0].CodeMeaning for i in of_type(report, "CODE", "Finding Site")]
    assert sites == ["Cerebral White Matter"]
    centers = [i.GraphicData for i in of_type(report, "SCOORD3D")]
    expected = (series.affine @ (2.5, 2.5, 1.5, 1))[:3], (series.affine @ (0, 0, 4, 1))[:3]
    assert np.allclose(centers, expected, atol=1e-3)
    assert "Placed by seed 7." in str(of_type(report, "TEXT", "Comment")[0].TextValue)
    assert of_type(report, "TEXT", "Conclusion")[0].TextValue == NOT_REAL


def test_its_links_lead_to_segments_and_series_that_are_there(
    written: tuple[Path, Image, Image],
) -> None:
    folder, series, _ = written
    seg, report = (pydicom.dcmread(folder / name) for name in (SEG_NAME, REPORT_NAME))
    references = [
        i.ReferencedSOPSequence[0] for i in of_type(report, "IMAGE", "Referenced Segment")
    ]
    assert [int(r.ReferencedSegmentNumber) for r in references] == [1, 2]
    assert {r.ReferencedSOPInstanceUID for r in references} == {seg.SOPInstanceUID}
    lying_on = {i.UID for i in of_type(report, "UIDREF", "Source Series for Segmentation")}
    assert lying_on == {series.source.series_uid}
    tracking = [i.UID for i in of_type(report, "UIDREF", "Tracking Unique Identifier")]
    assert tracking == [one.TrackingUID for one in seg.SegmentSequence]
    there = {str(pydicom.dcmread(p).SOPInstanceUID) for p in folder.rglob("IMG*.dcm")}
    assert len(there) == 2 * SHAPE[0]
    evidence = {
        str(item.ReferencedSOPInstanceUID)
        for study in report.CurrentRequestedProcedureEvidenceSequence
        for one in study.ReferencedSeriesSequence
        for item in one.ReferencedSOPSequence
    }
    assert evidence == there | {str(seg.SOPInstanceUID)}


def test_it_carries_the_marks(written: tuple[Path, Image, Image]) -> None:
    folder, series, _ = written
    for name in (SEG_NAME, REPORT_NAME):
        made = pydicom.dcmread(folder / name)
        assert is_synthetic(made) and made.ContentQualification == "RESEARCH"
        assert made.SeriesDescription.startswith("SYNTHETIC")
        makers = [i.Manufacturer for i in made.ContributingEquipmentSequence]
        assert makers[0] == "ACME" and makers[-1] == "SlicerSynth"
        assert made.StudyInstanceUID == series.source.headers[0].StudyInstanceUID


@pytest.mark.parametrize("name", [SEG_NAME, REPORT_NAME])
def test_verify_takes_them_beside_the_series_and_finds_a_change(
    written: tuple[Path, Image, Image], name: str
) -> None:
    folder, _, _ = written
    assert verify_folder(folder).ok
    (folder / name).rename(folder / "T1" / name)
    assert verify_folder(folder).ok
    path = folder / "T1" / name
    made = pydicom.dcmread(path)
    made.PatientID = "4712"
    made.save_as(path)
    assert "digest" in " ".join(verify_folder(folder).sentences())
    made.SyntheticData = "NO"
    made.SeriesDescription = "Lesions"
    made.save_as(path)
    said = " ".join(verify_folder(folder).sentences())
    assert "SyntheticData" in said and "SeriesDescription" in said


def test_parts_are_an_object_of_their_own(written: tuple[Path, Image, Image]) -> None:
    require_dicom3tools()
    folder, series, labels = written
    own = folder / "own"
    own.mkdir()
    tissues = [Segment(2, "ring", code=("108369006", "SCT", "Neoplasm")), Segment(7, "edema")]
    paths = write_lesion_objects(own, labels, LESIONS, [series], parts=labels, tissues=tissues)
    assert object_errors(paths, folder) == []
    back = read_seg(paths[2], like=series)
    assert [s.type_meaning for s in back.segments] == ["Neoplasm", "Edema"]


def test_both_objects_are_written_or_neither(written: tuple[Path, Image, Image]) -> None:
    folder, series, labels = written
    (folder / SEG_NAME).unlink()
    before = (folder / REPORT_NAME).read_bytes()
    with pytest.raises(InputError, match="already"):
        write_lesion_objects(folder, labels, LESIONS, [series])
    assert not (folder / SEG_NAME).exists()
    assert (folder / REPORT_NAME).read_bytes() == before


def test_an_image_that_is_not_dicom_is_refused(tmp_path: Path) -> None:
    series = Image(np.zeros(SHAPE, np.float32), np.eye(4))
    with pytest.raises(InputError, match="DICOM series"):
        write_lesion_objects(tmp_path, labels_on(series), LESIONS, [series])
    assert list(tmp_path.iterdir()) == []


def test_a_lesion_in_several_places_has_no_diameter_and_a_center_in_the_largest() -> None:
    voxels = np.zeros((40, 40, 40), np.uint8)
    for z, y, x, r in ((8, 8, 8, 2), (30, 30, 30, 3), (8, 30, 20, 2)):
        voxels[z - r : z + r + 1, y - r : y + r + 1, x - r : x + r + 1] = 1
    found = finding_of(1, LesionOfMask(1, "Plaques", "ms-plaques", placed_by="By seed 7"), Image(
        voxels, np.eye(4)))  # fmt: skip
    assert found.diameter_mm is None and found.center_lps_mm == (30, 30, 30)
    assert found.volume_ml == pytest.approx(voxels.sum() / 1000)
    assert found.placed_by == "By seed 7. It lies in 3 places; the center is that of the largest."
    bare = finding_of(1, LesionOfMask(1, "Plaques", "ms-plaques"), Image(voxels, np.eye(4)))
    assert bare.placed_by.startswith("It lies in 3 places")


def test_the_diameter_is_that_of_a_sphere_as_large() -> None:
    k, j, i = np.indices((21, 21, 21)) - 10
    ball = Image(((k**2 + j**2 + i**2) <= 81).astype(np.uint8), np.eye(4))
    found = finding_of(1, LesionOfMask(1, "Ball", "metastasis"), ball)
    assert found.diameter_mm == pytest.approx(18, rel=0.02)
    assert found.center_lps_mm == pytest.approx((10, 10, 10))
