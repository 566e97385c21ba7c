"""DICOM Segmentations: what they hold, what they point to, what DICOM's own judge says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian

from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.marks import ACQUISITION_EQUIPMENT, SYNTHESIZING_EQUIPMENT, has_code
from SynthCore.dicom.seg.build import Segment, build_seg, write_object
from SynthCore.dicom.seg.codes import side_of, site_of, type_of
from SynthCore.dicom.seg.read import is_seg, read_seg
from SynthCore.errors import InputError
from SynthCore.files.mask import read_mask, read_mask_of
from SynthCore.files.read import read
from SynthCore.image import Image, Source, make_affine
from Testing.dicom.results import SHAPE, enhanced_header, from_headers, headers
from Testing.dicom.validators import entity_errors, object_errors, require_dicom3tools

SEGMENTS = (Segment(2, "MS plaque", "ms-plaque", "left white matter"), Segment(7, "Edema", "edema"))


def labels_on(image: Image) -> Image:
    """Two lesions, one of them in a single voxel of the last slice."""
    voxels = np.zeros(image.shape, np.uint8)
    voxels[1:3, 2:4, 1:5] = 2
    voxels[-1, 0, 0] = 7
    return image.with_voxels(voxels)


def numbered(labels: Image) -> np.ndarray:
    """The labels as segment numbers."""
    return np.where(labels.voxels == 2, 1, np.where(labels.voxels == 7, 2, 0))


def oblique() -> np.ndarray:
    """Turned, anisotropic, and with k against row x column."""
    turn, _ = np.linalg.qr(np.array([[0.9, 0.2, 0.1], [-0.2, 0.8, 0.3], [0.1, -0.3, 0.9]]))
    if np.linalg.det(turn) > 0:
        turn[:, 2] *= -1
    return make_affine((0.9, 1.3, 4.0), (-31.0, 12.0, 7.0), turn)


def on(affine: np.ndarray) -> Image:
    made = headers(SHAPE, affine)
    source = Source("dicom", "", str(made[0].SeriesInstanceUID), headers=tuple(made))
    return Image(np.zeros(SHAPE, np.float32), affine, "T1", "1", source)


@pytest.mark.parametrize("where", ["straight", "oblique", "enhanced"])
def test_it_comes_back_voxel_by_voxel_and_without_errors(where: str, tmp_path: Path) -> None:
    require_dicom3tools()
    series = {
        "straight": lambda: from_headers(headers(), "T1"),
        "oblique": lambda: on(oblique()),
        "enhanced": lambda: from_headers([enhanced_header()], "T1"),
    }[where]()
    labels = labels_on(series)
    path = tmp_path / "seg.dcm"
    write_object(path, build_seg(labels, SEGMENTS, series))
    back = read_seg(path, like=series)
    assert np.array_equal(back.labels.voxels, numbered(labels))
    assert back.labels.same_grid(series)
    assert [s.label for s in back.segments] == ["MS plaque", "Edema"]
    assert [s.tracking_uid for s in back.segments] == [s.tracking_uid for s in SEGMENTS]
    assert back.series_uid == series.source.series_uid
    assert object_errors([path], tmp_path) == []
    assert is_seg(path) and not is_seg(Path(__file__))


def test_without_a_grid_to_go_by_the_place_in_the_patient_is_the_same(tmp_path: Path) -> None:
    series = on(oblique())
    labels = labels_on(series)
    write_object(tmp_path / "seg.dcm", build_seg(labels, SEGMENTS, series))
    back = read_seg(tmp_path / "seg.dcm").labels

    def places(image: Image, value: int) -> np.ndarray:
        index = np.argwhere(image.voxels == value)[:, ::-1]
        found = index @ image.affine[:3, :3].T + image.affine[:3, 3]
        return found[np.lexsort(found.round(3).T)]

    assert np.allclose(places(back, 1), places(labels, 2), atol=1e-3)
    assert np.allclose(places(back, 2), places(labels, 7), atol=1e-3)


def test_the_marks_of_a_synthetic_object_are_there(tmp_path: Path) -> None:
    series = from_headers(headers(), "T1")
    write_object(
        tmp_path / "seg.dcm",
        build_seg(labels_on(series), SEGMENTS, series, contribution="By test."),
    )
    made = pydicom.dcmread(tmp_path / "seg.dcm")
    assert made.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert is_synthetic(made) and made.ContentQualification == "RESEARCH"
    assert made.SeriesDescription.startswith("SYNTHETIC")
    assert made.Manufacturer == "SlicerSynth" and made.DeviceSerialNumber != "123"
    scanner, ours = made.ContributingEquipmentSequence
    assert has_code(scanner.PurposeOfReferenceCodeSequence, ACQUISITION_EQUIPMENT)
    assert scanner.Manufacturer == "ACME"
    assert has_code(ours.PurposeOfReferenceCodeSequence, SYNTHESIZING_EQUIPMENT)
    assert ours.ContributionDescription == "By test."
    assert "A Hospital" not in str(made)


def test_it_belongs_to_the_patient_and_points_to_the_slices_it_covers(tmp_path: Path) -> None:
    series = from_headers(headers(), "T1")
    made = build_seg(labels_on(series), SEGMENTS, series)
    first = series.source.headers[0]
    assert made.StudyInstanceUID == first.StudyInstanceUID
    assert made.FrameOfReferenceUID == first.FrameOfReferenceUID
    assert made.PatientName == first.PatientName and made.PatientID == first.PatientID
    named = {
        str(item.SourceImageSequence[0].ReferencedSOPInstanceUID)
        for frame in made.PerFrameFunctionalGroupsSequence
        for item in frame.DerivationImageSequence
    }
    uids = series.source.instance_uids
    assert named == {uids[1], uids[2], uids[-1]}
    one = made.SegmentSequence[0]
    assert one.SegmentAlgorithmType == "AUTOMATIC" and one.SegmentAlgorithmName == "SynthCore"
    assert one.SegmentedPropertyCategoryCodeSequence[0].CodeValue == "49755003"
    assert one.SegmentedPropertyTypeCodeSequence[0].CodeValue == "52988006"
    assert one.AnatomicRegionSequence[0].CodeMeaning == "Cerebral White Matter"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("empty", "is empty"),
        ("unnamed", r"values \[9\]"),
        ("missing", "no voxel of Edema"),
        ("elsewhere", "does not lie on the planes"),
        ("no dicom", "belongs to a DICOM series"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(change: str, message: str) -> None:
    series = from_headers(headers(), "T1")
    labels = labels_on(series)
    voxels = labels.voxels.copy()
    if change == "empty":
        voxels[:] = 0
    if change == "unnamed":
        voxels[0, 0, 0] = 9
    if change == "missing":
        voxels[voxels == 7] = 0
    labels = labels.with_voxels(voxels)
    if change == "elsewhere":
        labels = Image(voxels, make_affine((0.9, 1.1, 3.0), (0.0, 0.0, 0.0)))
    if change == "no dicom":
        series = Image(series.voxels, series.affine)
    with pytest.raises(InputError, match=message):
        build_seg(labels, SEGMENTS, series)


def test_nothing_is_written_over_and_no_part_is_left(tmp_path: Path) -> None:
    series = from_headers(headers(), "T1")
    path = tmp_path / "seg.dcm"
    path.write_bytes(b"mine")
    with pytest.raises(InputError, match="already"):
        write_object(path, build_seg(labels_on(series), SEGMENTS, series))
    assert path.read_bytes() == b"mine" and list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_no_segmentation_is_refused(tmp_path: Path) -> None:
    series = from_headers(headers(), "T1")
    path = tmp_path / "seg.dcm"
    write_object(path, build_seg(labels_on(series), SEGMENTS, series))
    whole = path.read_bytes()
    (tmp_path / "cut.dcm").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.dcm").write_text("no")
    for name in ("cut.dcm", "text.dcm"):
        with pytest.raises(InputError, match=name):
            read_seg(tmp_path / name)
    moved = Image(series.voxels, make_affine((0.9, 1.1, 3.0), (-20.3, 10.0, 5.0)))
    with pytest.raises(InputError, match="grid of the image"):
        read_seg(path, like=moved)


def test_a_segmentation_serves_as_the_mask_of_an_image(tmp_path: Path) -> None:
    series = from_headers(headers(), "T1")
    labels = labels_on(series)
    write_object(tmp_path / "seg.dcm", build_seg(labels, SEGMENTS, series))
    mask = read_mask(tmp_path / "seg.dcm", series)
    assert np.array_equal(mask.voxels, labels.voxels > 0)
    assert not any("resampled" in note for note in mask.notes)
    finer = Image(np.zeros((10, 6, 7), np.float32), make_affine((0.9, 1.1, 1.5), (-20, 10, 4.25)))
    moved = read_mask(tmp_path / "seg.dcm", finer)
    assert any("resampled" in note for note in moved.notes)
    assert moved.voxels.sum() == 2 * (labels.voxels > 0).sum()


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [
        ("metastasis", "Neoplasm, Secondary"),
        ("glioma", "Neoplasm, Primary"),
        ("lung-nodule-solid", "Nodule"),
        ("haemorrhage", "Hemorrhage"),
        ("ms-plaque", "Lesion"),
        ("infarct", "Lesion"),
    ],
)
def test_types_are_found_by_words(kind: str, meaning: str) -> None:
    assert type_of(kind)[2] == meaning


def test_sites_and_sides_are_found_by_words() -> None:
    found = site_of("left lung, upper lobe")
    assert found is not None and found[2] == "Lung"
    brain = site_of("", "ms-plaque")
    assert brain is not None and brain[2] == "Brain"
    assert site_of("stems") is None
    left = side_of("left frontal")
    assert left is not None and left[2] == "Left"
    assert side_of("between left and right") is None


def test_codes_are_those_of_the_concept_dictionary() -> None:
    from pydicom.sr.codedict import codes

    from SynthCore.dicom.seg import codes as ours

    known = {(code.value, code.scheme_designator) for code in codes.SCT.concepts.values()}
    tables = [code for _, code in (*ours._TYPES, *ours._SITES, *ours._SIDES)]
    for value, scheme, meaning in (ours.CATEGORY, ours.LESION, *tables):
        assert (value, scheme) in known, meaning


def test_a_real_series_takes_a_segmentation(unpacked, tmp_path: Path) -> None:
    require_dicom3tools()
    folder = unpacked("VS-SEG-001_MR_T1c_16slices")
    series = read(folder)
    voxels = np.zeros(series.shape, np.uint8)
    voxels[3:7, 100:140, 100:150] = 2
    voxels[9, 200:210, 200:230] = 7
    path = tmp_path / "seg.dcm"
    write_object(path, build_seg(series.with_voxels(voxels), SEGMENTS, series))
    back = read_seg(path, like=series)
    assert np.array_equal(back.labels.voxels, numbered(series.with_voxels(voxels)))
    assert object_errors([path], tmp_path) == []
    assert entity_errors([*sorted(folder.rglob("*.dcm")), path]) == []


def test_a_grid_of_which_every_fourth_slice_fits_is_another_one(tmp_path: Path) -> None:
    """The labels would lie on every fourth slice and on none between."""
    series = from_headers(headers(), "T1")
    path = tmp_path / "seg.dcm"
    write_object(path, build_seg(labels_on(series), SEGMENTS, series))
    finer = series.affine.copy()
    finer[:3, 2] /= 4
    thin = Image(np.zeros((4 * SHAPE[0], *SHAPE[1:]), np.float32), finer, "T1")
    with pytest.raises(InputError, match="not lie on the grid"):
        read_seg(path, like=thin)
    assert read_mask_of(path, [series, thin]).same_grid(series)
    assert read_mask_of(path, [thin, series]).same_grid(series)
    assert read_mask(path, thin).voxels.sum() > 3 * labels_on(series).voxels.astype(bool).sum()
