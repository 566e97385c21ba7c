"""Plans, structures and images that do not belong together, from files that we did not write."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.dicom.phantom import PhantomStudy, phantom_record
from SynthCore.errors import InputError, RefusedError
from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from SynthCore.planning.study import Paths, read_study
from SynthCore.planning.study_from_images import study_of_images
from SynthCore.planning.study_objects import plan_of
from Testing.planning.test_checks import leg, shifted
from Testing.slicer.rt_files import write_rt_plan, write_rt_structures

ARCHIVE = Path("dicom") / "STS_010_CT_MR_PET_RTSTRUCT.zip"
PLAN = Path("dicom") / "pydicom_test_files" / "rtplan.dcm"


@pytest.fixture(scope="module")
def thigh(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("thigh")
    with zipfile.ZipFile(real_data / ARCHIVE) as packed:
        packed.extractall(folder, [n for n in packed.namelist() if "/CT/" in n])
    return folder / "STS_010" / "CT"


def changed(plan: Path, to: Path, **values: str) -> Path:
    found = pydicom.dcmread(plan, force=True)
    for name, value in values.items():
        setattr(found, name, value)
    found.save_as(to, enforce_file_format=True)
    return to


@pytest.mark.data
def test_a_plan_of_another_patient_or_frame_is_refused(
    real_data: Path, thigh: Path, tmp_path: Path
) -> None:
    ct = thigh / "image"
    with pytest.raises(InputError, match="plan belongs to another patient"):
        read_study(Paths(ct, plan=real_data / PLAN))
    header = pydicom.dcmread(next(ct.iterdir()), stop_before_pixels=True)
    same = changed(real_data / PLAN, tmp_path / "same.dcm", PatientID=header.PatientID,
                   FrameOfReferenceUID="1.2.3")  # fmt: skip
    with pytest.raises(InputError, match="plan belongs to another frame of reference"):
        read_study(Paths(ct, plan=same))
    mine = changed(same, tmp_path / "mine.dcm", FrameOfReferenceUID=header.FrameOfReferenceUID)
    assert read_study(Paths(ct, plan=mine)).plan is not None


@pytest.mark.data
def test_a_plan_of_another_patient_than_the_structures_is_refused_without_any_dicom_image(
    real_data: Path, thigh: Path
) -> None:
    ct = real_data / "mr_ct_pairs" / "STS_010" / "CT_image.nii.gz"
    with pytest.raises(InputError, match="plan belongs to another patient"):
        read_study(Paths(ct, structures=thigh / "mask" / "RS.dcm", plan=real_data / PLAN))


def file(folder: Path, name: str, image: Image, task: str = "") -> Path:
    """A NIfTI file of an image, with a record of a task if one is named."""
    study = PhantomStudy(0, "1.2.3", "1.2.4", datetime.now(UTC))
    record = replace(phantom_record(study, image, "CT"), task=task).to_json() if task else None
    return write_nifti(image, folder / f"{name}.nii.gz", record_json=record)


@pytest.mark.parametrize(
    ("made", "real", "why"),
    [
        ("mr-to-ct", "mr-to-ct", "real CT is marked as synthetic, and was not acquired. Give"),
        ("", "mr-to-ct", "were the two images exchanged"),
        ("mr-to-ct", "", ""),
        ("mr-to-ct", "phantom", "simulated scan of a digital phantom"),
    ],
)
def test_a_real_ct_was_acquired(tmp_path: Path, made: str, real: str, why: str) -> None:
    paths = Paths(
        file(tmp_path, "made", shifted(leg(), 5), made), file(tmp_path, "real", leg(), real)
    )
    if real == "mr-to-ct":
        with pytest.raises(RefusedError, match=why):
            read_study(paths)
    else:
        notes = " ".join(read_study(paths).notes)
        assert (why in notes) if why else ("phantom" not in notes)


def test_a_real_ct_is_another_image_and_an_mr_is_one() -> None:
    made = shifted(leg(), 5)
    with pytest.raises(RefusedError, match="synthetic image itself, voxel for voxel"):
        study_of_images(made, reference=leg().with_voxels(made.voxels.copy()))
    with pytest.raises(RefusedError, match="these look like CT numbers, not MR"):
        study_of_images(made, mr=leg())


def test_a_registered_ct_keeps_what_is_said_of_it() -> None:
    made = replace(shifted(leg(), 5), synthetic="YES")
    for mark in ("", "PHANTOM"):
        study = study_of_images(made, reference=replace(leg(), synthetic=mark), register="rigid")
        assert study.reference is not None and study.reference.synthetic == mark


def box(low: float, high: float, z: float) -> np.ndarray:
    return np.array([[low, low, z], [high, low, z], [high, high, z], [low, high, z]])


def test_structures_beside_the_patient_or_the_image_are_left_out_and_told(tmp_path: Path) -> None:
    """As a planning CT has them: a couch, an outline and an organ longer than the MR."""
    ct = write_nifti(leg(), tmp_path / "ct.nii.gz", record_json=None)
    x, y, z = leg().affine[:3, 3]
    assert x == y
    heights = [float(z + n * leg().spacing[2]) for n in range(2, 8)]
    inside = [box(x + 26, x + 34, h) for h in heights]
    beyond = [box(x + 26, x + 34, h) for h in (*heights, z - 40, z - 43)]
    given = {
        "PTV": ("PTV", inside),
        "CouchSurface": ("SUPPORT", inside),
        "Outline of all": ("EXTERNAL", inside),
        "Femur": ("ORGAN", beyond),
        "Clip": ("MARKER", [box(x + 30.3, x + 30.4, heights[0])]),
        "Tilted": ("ORGAN", [inside[0] + np.array([[0, 0, 0], [0, 0, 0], [0, 0, 9], [0, 0, 9]])]),
    }
    found = read_study(Paths(ct, structures=write_rt_structures(tmp_path / "rs.dcm", given)))
    assert set(found.structures) == {"PTV", "Outline of all"} and found.targets == ("PTV",)
    assert found.body_structure("Outline of all") and not found.body_structure("PTV")
    assert "The structure CouchSurface is not part of the patient (support) and is left out." in (
        found.notes
    )
    assert any("Femur lies partly outside" in note for note in found.notes)
    assert any("Clip holds no voxel" in note for note in found.notes)
    assert any("Tilted does not lie in the slices" in note for note in found.notes)
    given["PTV"] = ("PTV", beyond)
    aimed = write_rt_structures(tmp_path / "far.dcm", given)
    with pytest.raises(InputError, match="contour of PTV lies outside the image"):
        read_study(Paths(ct, structures=aimed))


def test_a_plan_that_does_not_say_how_the_patient_lies_takes_it_from_the_image(
    tmp_path: Path,
) -> None:
    write_rt_plan(tmp_path / "plan.dcm")
    header = pydicom.Dataset()
    header.PatientPosition = "FFS"
    lying = replace(leg(), source=replace(leg().source, headers=(header,)))
    cases: tuple[tuple[tuple[Image, ...], Image, str, str], ...] = (
        ((), lying, "FFS", "in an image's header"),
        ((), leg(), "HFS", "guess"),
        ((lying,), leg(), "FFS", "in an image's header"),
    )
    for near, grid, position, why in cases:
        notes: list[str] = []
        plan = plan_of(tmp_path / "plan.dcm", grid, notes, registered=False, images=near)
        assert plan is not None and {beam.position for beam in plan.beams} == {position}
        assert len(notes) == 1 and why in notes[0]
