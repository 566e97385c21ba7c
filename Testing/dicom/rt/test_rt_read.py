"""Structures, doses and plans that we did not write."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from SynthCore.dicom.rt.dose import read_dose
from SynthCore.dicom.rt.plan import read_plan
from SynthCore.dicom.rt.structures import Structure, mask_of, read_structures
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image, make_affine
from SynthCore.planning.study_objects import structures_of


@pytest.fixture(scope="module")
def thigh(real_data: Path) -> Path:
    archive = real_data / "dicom" / "STS_010_CT_MR_PET_RTSTRUCT.zip"
    folder = Path(tempfile.mkdtemp())
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder / "STS_010"


@pytest.fixture(scope="module")
def odd_files(real_data: Path) -> Path:
    return real_data / "dicom" / "pydicom_test_files"


@pytest.mark.data
def test_a_real_tumor_contour_is_the_mask_others_made_of_it(real_data: Path, thigh: Path) -> None:
    found = read_structures(thigh / "CT" / "mask" / "RS.dcm")
    assert [s.name for s in found.structures] == ["GTV_Mass_CT"]
    pair = real_data / "mr_ct_pairs" / "STS_010"
    mask = read(pair / "CT_mask.nii.gz")
    made = mask_of(found.named("gtv_mass_ct"), Image(mask.voxels, mask.affine))
    theirs = np.asarray(mask.voxels > 0)
    dice = 2 * (made & theirs).sum() / (made.sum() + theirs.sum())
    assert dice > 0.95
    ct = read(thigh / "CT" / "image", modality="CT")
    assert ct.source.headers[0].FrameOfReferenceUID == found.frame_of_reference
    own = mask_of(found.structures[0], ct).sum() * np.prod(ct.spacing)
    assert own == pytest.approx(made.sum() * np.prod(mask.spacing), rel=0.03)


@pytest.mark.data
def test_structures_of_another_image_are_refused(real_data: Path, thigh: Path) -> None:
    found = read_structures(thigh / "CT" / "mask" / "RS.dcm")
    other = read(real_data / "mr_ct_pairs" / "STS_003" / "CT_image.nii.gz", modality="CT")
    far = Image(other.voxels, make_affine(other.spacing, (500.0, 500.0, 5000.0)))
    with pytest.raises(InputError, match="outside the image"):
        mask_of(found.structures[0], far)
    with pytest.raises(InputError, match="there are GTV_Mass_CT"):
        found.named("heart")


@pytest.mark.data
def test_a_real_plan_and_a_real_structure_set_of_other_makers(odd_files: Path) -> None:
    plan = read_plan(odd_files / "rtplan.dcm")
    assert (plan.patient_id, len(plan.beams)) == ("id00001", 1)
    assert plan.prescription_gy == pytest.approx(30.826203)
    body = read_structures(odd_files / "rtstruct.dcm").structures[0]
    assert (body.name, body.kind, len(body.contours)) == ("patient", "EXTERNAL", 3)


@pytest.mark.data
def test_a_real_dose_lies_where_its_header_says(odd_files: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="RELATIVE units"):
        read_dose(odd_files / "rtdose.dcm")
    given = pydicom.dcmread(odd_files / "rtdose.dcm", force=True)
    given.DoseUnits = "GY"
    given.save_as(tmp_path / "dose.dcm", enforce_file_format=True)
    found = read_dose(tmp_path / "dose.dcm")
    np.testing.assert_allclose(
        found.image.voxels, given.pixel_array * float(given.DoseGridScaling), rtol=1e-6
    )
    assert found.image.shape == (15, 10, 10) and found.kind == str(given.DoseType)
    np.testing.assert_allclose(found.image.affine[:3, 3], given.ImagePositionPatient)
    normal = np.cross(given.ImageOrientationPatient[:3], given.ImageOrientationPatient[3:])
    np.testing.assert_allclose(found.image.affine[:3, 2], 5.0 * normal.astype(float), atol=1e-9)
    given.GridFrameOffsetVector = [*given.GridFrameOffsetVector[:-1], 99.0]
    given.save_as(tmp_path / "uneven.dcm", enforce_file_format=True)
    with pytest.raises(InputError, match="uneven"):
        read_dose(tmp_path / "uneven.dcm")


@pytest.mark.data
def test_one_object_given_as_another_is_named(odd_files: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rtdose\.dcm is a dose, not a plan"):
        read_plan(odd_files / "rtdose.dcm")
    with pytest.raises(InputError, match=r"is one plane|RELATIVE"):
        read_dose(odd_files / "rtdose_1frame.dcm")
    (tmp_path / "note.dcm").write_text("no DICOM at all")
    with pytest.raises(InputError, match=r"note\.dcm"):
        read_structures(tmp_path / "note.dcm")


def grid() -> Image:
    return Image(np.zeros((5, 40, 50)), make_affine((1.0, 1.0, 3.0), (-10.0, 5.0, 100.0)))


def square(low: float, high: float, z: float) -> np.ndarray:
    return np.array([[low, low, z], [high, low, z], [high, high, z], [low, high, z]], dtype=float)


def test_a_ring_is_what_lies_between_two_contours() -> None:
    ring = Structure("ring", "", [square(9.5, 29.5, 103), square(14.5, 24.5, 103)])
    made = mask_of(ring, grid())
    assert made.sum() == 20 * 20 - 10 * 10
    assert made[1, 5 + 0, 20] and not made[1, 14, 29]


def test_a_square_by_hand() -> None:
    made = mask_of(Structure("square", "", [square(9.5, 19.5, 100)]), grid())
    # x from 10 to 19 is column 20 to 29, y from 10 to 19 is row 5 to 14
    expected = np.zeros((5, 40, 50), dtype=bool)
    expected[0, 5:15, 20:30] = True
    np.testing.assert_array_equal(made, expected)


def test_contours_on_every_other_slice_fill_those_between() -> None:
    made = mask_of(
        Structure("every other", "", [square(9.5, 19.5, z) for z in (100, 106, 112)]), grid()
    )
    assert made.any(axis=(1, 2)).all()


def test_contours_midway_between_slices_are_as_many_slices() -> None:
    shifted = [square(9.5, 19.5, z) for z in (101.5, 104.5, 107.5)]
    made = mask_of(Structure("midway", "", shifted), grid())
    assert made.any(axis=(1, 2)).tolist() == [True, True, True, False, False]
    wide = mask_of(Structure("wide", "", [square(9.5, 19.5, z) for z in (100, 106)]), grid())
    assert wide.any(axis=(1, 2)).tolist() == [True, True, True, False, False]


def structure_set(path: Path, rois: list[tuple[str, str, bool]]) -> Path:
    """Names, kinds, and whether a contour was drawn."""
    found = FileDataset(path, {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found.SOPClassUID = found.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = generate_uid(None)
    found.Modality, found.PatientID = "RTSTRUCT", "PID4711"
    found.StructureSetROISequence, found.RTROIObservationsSequence = [], []
    found.ROIContourSequence = []
    for number, (name, kind, drawn) in enumerate(rois, 1):
        roi, seen, contours = Dataset(), Dataset(), Dataset()
        roi.ROINumber, roi.ROIName = number, name
        seen.ReferencedROINumber, seen.RTROIInterpretedType = number, kind
        contours.ReferencedROINumber = number
        if drawn:
            contour = Dataset()
            contour.ContourGeometricType = "CLOSED_PLANAR"
            contour.ContourData = square(9.5, 19.5 + number, 103).ravel().tolist()
            contours.ContourSequence = [contour]
        found.StructureSetROISequence.append(roi)
        found.RTROIObservationsSequence.append(seen)
        found.ROIContourSequence.append(contours)
    found.save_as(path, enforce_file_format=True)
    return path


def test_a_structure_is_never_lost_in_silence(tmp_path: Path) -> None:
    path = structure_set(
        tmp_path / "rs.dcm",
        [("PTV54", "PTV", True), ("PTV60", "PTV", False), ("Organ", "ORGAN", True),
         ("organ", "ORGAN", True), ("cord", "ORGAN", False)],
    )  # fmt: skip
    read = read_structures(path)
    assert [s.name for s in read.structures] == ["PTV54", "Organ (ROI 3)", "organ (ROI 4)"]
    assert read.empty == (("PTV60", "PTV"), ("cord", "ORGAN"))
    with pytest.raises(InputError, match="The target PTV60 has no closed contour"):
        structures_of(path, {}, None, grid(), (), [])
    notes: list[str] = []
    masks, kinds = structures_of(path, {}, None, grid(), ("PTV54",), notes)
    assert len(masks) == 3 and kinds["PTV54"] == "PTV"
    assert [note.split()[2] for note in notes] == ["PTV60", "cord"]


def test_contours_across_the_slices_are_refused() -> None:
    tilted = square(9.5, 19.5, 100)
    tilted[:2, 2] += 5
    with pytest.raises(InputError, match="do not lie in the image's slices"):
        mask_of(Structure("tilted", "", [tilted]), grid())
