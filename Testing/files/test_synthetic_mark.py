"""What is synthetic says so once it is read, from whatever it was written to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SynthCore.files.mask import read_mask
from SynthCore.files.read import read
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from SynthCore.quality.grids import resample_to

BOX = Image(
    np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6), make_affine((1.0, 1.0, 2.0)), "T1"
)


@pytest.mark.parametrize(
    ("record", "origin", "expected"),
    [
        (None, None, ""),
        (None, "drawn for a class", "YES"),
        ('{"task": "mr-to-ct"}', None, "YES"),
        ('{"task": "phantom"}', "truth of a phantom", "PHANTOM"),
        ('{"task": ["phantom"]}', None, "YES"),
    ],
)
def test_a_nifti_file(
    tmp_path: Path, record: str | None, origin: str | None, expected: str
) -> None:
    path = write_nifti(BOX, tmp_path / "box.nii.gz", record_json=record, origin=origin)
    found = read(path, modality="T1")
    assert found.synthetic == expected
    assert any("marked as synthetic" in note for note in found.notes) == bool(expected)
    assert resample_to(found, BOX)[0].synthetic == expected
    assert read_mask(path, BOX).synthetic == expected


@pytest.mark.parametrize(
    ("name", "sidecar", "expected"),
    [
        ("T1.nrrd", "", ""),
        ("T1.nrrd", '{"SyntheticData": "YES"}', "YES"),
        ("T1.nrrd", '{"Role": "T1"}', ""),
        ("SYNTHETIC CT of T1.nrrd", "", "YES"),
        ("SYNTHETIC CT of T1.mha", "", "YES"),
        ("SYNTHETICS-study_07.nrrd", "", ""),
    ],
)
def test_a_file_of_another_program(tmp_path: Path, name: str, sidecar: str, expected: str) -> None:
    path = tmp_path / name
    sitk.WriteImage(sitk.GetImageFromArray(BOX.voxels), str(path))
    if sidecar:
        path.with_suffix(".json").write_text(sidecar, encoding="utf-8")
    found = read(path, modality="T1")
    assert found.synthetic == expected
    assert len([note for note in found.notes if "marked as synthetic" in note]) == bool(expected)


@pytest.mark.parametrize(("task", "expected"), [("mr-to-ct", "YES"), ("phantom", "PHANTOM")])
def test_the_header_of_a_file_that_the_module_had_saved(
    tmp_path: Path, task: str, expected: str
) -> None:
    image = sitk.GetImageFromArray(BOX.voxels)
    image.SetMetaData("SynthCore.SyntheticData", "YES")
    image.SetMetaData("SynthCore.Task", task)
    sitk.WriteImage(image, str(tmp_path / "ct.nrrd"))
    found = read(tmp_path / "ct.nrrd", modality="T1")
    assert found.synthetic == expected
    assert any("marked as synthetic" in note for note in found.notes)


def test_a_sidecar_of_a_nifti_file_speaks_of_that_file_alone(tmp_path: Path) -> None:
    write_nifti(BOX, tmp_path / "CT.nii.gz", record_json='{"task": "mr-to-ct"}')
    sitk.WriteImage(sitk.GetImageFromArray(BOX.voxels), str(tmp_path / "CT.nrrd"))
    assert read(tmp_path / "CT.nrrd", modality="T1").synthetic == ""
    assert read(tmp_path / "CT.nii.gz", modality="T1").synthetic == "YES"
