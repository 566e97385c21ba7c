"""Volume files with their record: whole and marked, or told what changed."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from SynthCore.files.verify import verify_folder
from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from Testing.dicom.results import an_image, numbers, result_of

CHANGED = "Voxels or geometry were changed: they do not match the record."


def write(folder: Path, image: Image) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "synthetic.nii.gz"
    write_nifti(image, path, record_json=result_of(image).record.to_json())
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "out", an_image(numbers() + np.float32(0.3), role="T2"))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "int32"])
@pytest.mark.parametrize("role", ["CT", "T2"])
def test_what_was_written_verifies(dtype: str, role: str, tmp_path: Path) -> None:
    write(tmp_path / "out", an_image(numbers().astype(dtype), role=role))
    found = verify_folder(tmp_path / "out")
    assert found.sentences() == ()
    assert [one.name for one in found.files] == ["synthetic.nii.gz"]


def test_a_single_file(file: Path) -> None:
    assert verify_folder(file).ok


def resave(file: Path, voxels: np.ndarray, affine: np.ndarray, header: nib.Nifti1Header) -> None:
    nib.save(nib.Nifti1Image(voxels, affine, header), file)


def test_one_voxel(file: Path) -> None:
    image = nib.load(file)
    voxels = image.get_fdata(dtype=np.float32)
    voxels[1, 2, 3] += 1
    resave(file, voxels, image.affine, image.header)
    assert verify_folder(file.parent).files[0].findings == (CHANGED,)


def test_the_geometry(file: Path) -> None:
    image = nib.load(file)
    moved = image.affine.copy()
    moved[2, 3] += 0.01
    resave(file, image.get_fdata(dtype=np.float32), moved, image.header)
    assert verify_folder(file.parent).files[0].findings == (CHANGED,)


def test_the_mark_in_the_header(file: Path) -> None:
    image = nib.load(file)
    image.header["descrip"] = b"a real one"
    resave(file, image.get_fdata(dtype=np.float32), image.affine, image.header)
    assert any("description" in text for text in verify_folder(file.parent).files[0].findings)


@pytest.mark.parametrize("edit", ["SyntheticData", "seed"])
def test_the_record_beside_it(edit: str, file: Path) -> None:
    beside = file.with_name("synthetic.json")
    block = json.loads(beside.read_text())
    if edit == "seed":
        block["Record"]["options"]["seed"] = 8
    else:
        block["SyntheticData"] = "NO"
    beside.write_text(json.dumps(block))
    assert not verify_folder(file.parent).ok


def test_the_record_removed(file: Path) -> None:
    file.with_name("synthetic.json").unlink()
    found = verify_folder(file.parent)
    assert found.files[0].findings == ("There is no record beside the file.",)


def test_a_damaged_file(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:200])
    assert verify_folder(file.parent).files[0].findings == ("The file is not a complete volume.",)


def test_a_volume_that_is_not_synthetic(tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(numbers(), np.eye(4)), tmp_path / "a.nii.gz")
    found = verify_folder(tmp_path)
    assert "Nothing in the folder is marked or recorded as synthetic." in found.findings
    assert not found.files[0].ok


def test_an_unmarked_volume_beside_a_good_one(file: Path) -> None:
    nib.save(nib.Nifti1Image(numbers(), np.eye(4)), file.parent / "a.nii.gz")
    found = verify_folder(file.parent)
    assert [one.ok for one in found.files] == [False, True]
    assert found.findings == ()


def test_a_header_that_says_two_things(file: Path) -> None:
    """Programs read the sform, the qform or the voxel size: all three are of one grid."""
    told = "The header states two places: sform, qform and voxel size do not agree."
    whole = gzip.decompress(file.read_bytes())
    for offset, change in ((80, 1.5), (268, 50.0)):  # pixdim[1], qoffset_x
        data = bytearray(whole)
        (value,) = struct.unpack_from("<f", data, offset)
        struct.pack_into("<f", data, offset, value * change if offset == 80 else value + change)
        file.write_bytes(gzip.compress(bytes(data)))
        assert verify_folder(file.parent).files[0].findings == (told,)


def test_a_role_that_the_record_does_not_have(file: Path) -> None:
    whole = gzip.decompress(file.read_bytes())
    assert whole.count(b'"Role": "T2"') == 1
    file.write_bytes(gzip.compress(whole.replace(b'"Role": "T2"', b'"Role": "T1"')))
    assert verify_folder(file.parent).files[0].findings == (
        "The file says that its role is T1, the record says T2.",
    )
