"""Headers that state what a library leaves out, and files whose names mislead."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from SynthCore.cli.main import main
from SynthCore.errors import InputError
from SynthCore.files.made_by import made_by
from SynthCore.files.mask import read_mask
from SynthCore.files.read import read
from SynthCore.files.verify import verify_folder
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from Testing.dicom.results import an_image, result_of


def nrrd(path: Path, *lines: str, sizes: str = "4 3 2", dimension: int = 3) -> Path:
    head = ["NRRD0005", "type: short", f"dimension: {dimension}", f"sizes: {sizes}",
            "encoding: raw", "endian: little", *lines]  # fmt: skip
    data = np.arange(24, dtype="<i2").tobytes()
    path.write_bytes("\n".join(head).encode() + b"\n\n" + data)
    return path


DIRECTIONS = "space directions: (1,0,0) (0,2,0) (0,0,3)"


@pytest.mark.parametrize("space", ["right-anterior-superior-time", "LAST"])
def test_spaces_that_itk_does_not_turn_are_refused(tmp_path: Path, space: str) -> None:
    lines = [f"space: {space}", "space directions: (1,0,0,0) (0,2,0,0) (0,0,3,0) (0,0,0,1)"]
    path = nrrd(tmp_path / "a.nrrd", *lines, sizes="4 3 2 1", dimension=4)
    with pytest.raises(InputError, match=r"is not read right: write it without time"):
        read(path)


@pytest.mark.parametrize(
    "lines",
    [
        ['space: left-posterior-superior', DIRECTIONS, 'space units: "um" "um" "um"'],
        ["spacings: 1 2 3", 'units: "um" "um" "um"'],
        ["x:=" + "y" * 200_000, "space: left-posterior-superior", DIRECTIONS,
         'space units: "um" "um" "um"'],
    ],
)  # fmt: skip
def test_lengths_that_are_no_millimeters_are_refused(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(InputError, match="states lengths in um: write it in mm"):
        read(nrrd(tmp_path / "a.nrrd", *lines))


def test_an_orientation_behind_a_long_header_is_seen(tmp_path: Path) -> None:
    long = [f"# {'c' * 900}"] * 200
    image = read(nrrd(tmp_path / "a.nrrd", *long, "space: right-anterior-superior", DIRECTIONS))
    assert image.notes == () and image.affine[0, 0] == -1


def test_metaimage_in_other_lengths_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mha"
    sitk.WriteImage(
        sitk.GetImageFromArray(np.arange(24, dtype=np.int16).reshape(2, 3, 4)), str(path)
    )
    text = path.read_bytes().replace(b"ElementType", b"DistanceUnits = um\nElementType", 1)
    path.write_bytes(text)
    with pytest.raises(InputError, match="states lengths in um"):
        read(path)


def test_bzip2_is_named(tmp_path: Path) -> None:
    path = nrrd(tmp_path / "a.nrrd", "space: left-posterior-superior", DIRECTIONS)
    path.write_bytes(path.read_bytes().replace(b"encoding: raw", b"encoding: bzip2"))
    with pytest.raises(InputError, match="packed with bzip2"):
        read(path)


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode there")
def test_a_name_that_is_not_utf_8_does_not_end_the_process(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xfc"))
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system has names of Unicode only")
    nrrd(folder / "a.nrrd", "space: left-posterior-superior", DIRECTIONS)
    assert main(["verify", str(folder)]) == 3
    with pytest.raises(InputError, match="not UTF-8"):
        read(folder / "a.nrrd")


@pytest.mark.parametrize(
    ("bits", "factor"), [(2, 1), (66, 1), (0, 1), (58, 1), (1, 1000), (67, 1e-3)]
)
def test_units_of_nifti_are_its_lowest_bits(tmp_path: Path, bits: int, factor: float) -> None:
    image = nib.Nifti1Image(np.arange(24, dtype=np.int16).reshape(4, 3, 2), np.diag([1.0, 2, 3, 1]))
    image.header["xyzt_units"] = bits
    path = tmp_path / "a.nii"
    path.write_bytes(image.to_bytes())
    raw = bytearray(path.read_bytes())
    raw[123] = bits
    path.write_bytes(bytes(raw))
    assert read(path).spacing == pytest.approx((factor, 2 * factor, 3 * factor))


def test_labels_that_a_slope_leaves_off_by_rounding_are_labels(tmp_path: Path) -> None:
    labels = np.zeros((6, 5, 4))
    labels[1:3, 1:3, 1], labels[3, 3, 2], labels[4, 4, 3] = 1, 2, 4
    image = nib.Nifti1Image(labels, np.diag([-1.0, -1, 1, 1]))
    image.set_data_dtype(np.int16)
    nib.save(image, tmp_path / "m.nii.gz")
    assert float(nib.load(tmp_path / "m.nii.gz").dataobj.slope) != 1
    like = Image(np.zeros((4, 5, 6), np.float32), make_affine((1.0, 1.0, 1.0)))
    mask = read_mask(tmp_path / "m.nii.gz", like)
    assert int(mask.voxels.sum()) == 6 and "3 labels" in mask.notes[0]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A synthetic NIfTI with its record."""
    result = result_of(an_image())
    record = json.dumps(result.record.to_json()) if isinstance(
        result.record.to_json(), dict) else result.record.to_json()  # fmt: skip
    folder = tmp_path / "made"
    folder.mkdir()
    write_nifti(result.image, folder / "ct.nii.gz", record_json=record)
    assert verify_folder(folder).ok
    return folder


@pytest.mark.parametrize("name", ["ct.nii.gz", "ct.nii"])
def test_a_file_packed_otherwise_than_its_name_says_verifies(made: Path, name: str) -> None:
    data = gzip.decompress((made / "ct.nii.gz").read_bytes())
    (made / "ct.nii.gz").unlink()
    packed = data if name.endswith(".gz") else gzip.compress(data)
    (made / name).write_bytes(packed)
    assert verify_folder(made).ok
    assert made_by(read(made / name)).text


@pytest.mark.parametrize("where", ["in", "beside"])
def test_a_mark_that_was_changed_is_found(made: Path, where: str) -> None:
    if where == "in":
        data = gzip.decompress((made / "ct.nii.gz").read_bytes())
        data = data.replace(b'"SyntheticData": "YES"', b'"SyntheticData": "NO "')
        (made / "ct.nii.gz").write_bytes(gzip.compress(data))
    else:
        block = json.loads((made / "ct.json").read_text())
        (made / "ct.json").write_text(json.dumps({**block, "Description": "acquired"}))
    found = verify_folder(made)
    assert "differs from what is said in it" in " ".join(found.sentences())


def saved(made: Path, path: Path, **keys: Any) -> Path:
    """The synthetic image as another program or the module writes it."""
    image = sitk.ReadImage(str(made / "ct.nii.gz"))
    for key, value in keys.items():
        image.SetMetaData(f"SynthCore.{key}", value)
    path.parent.mkdir()
    sitk.WriteImage(image, str(path))
    return path.parent


@pytest.mark.parametrize("name", ["ct.nrrd", "ct.mha"])
def test_other_formats_verify_with_their_record_beside_them(
    made: Path, tmp_path: Path, name: str
) -> None:
    folder = saved(made, tmp_path / "other" / name)
    shutil.copy(made / "ct.json", folder)
    assert verify_folder(folder).sentences() == ()
    voxels = sitk.ReadImage(str(folder / name))
    voxels[0, 0, 0] = voxels[0, 0, 0] + 1
    sitk.WriteImage(voxels, str(folder / name))
    assert "do not match the record" in " ".join(verify_folder(folder).sentences())


def test_a_nrrd_of_the_module_verifies_by_its_header(made: Path, tmp_path: Path) -> None:
    record = json.dumps(json.loads((made / "ct.json").read_text())["Record"])
    folder = saved(made, tmp_path / "m" / "ct.nrrd", SyntheticData="YES", Record=record)
    assert verify_folder(folder).sentences() == ()
    unmarked = saved(made, tmp_path / "u" / "ct.nrrd", SyntheticData="NO", Record=record)
    assert "in the header is not YES" in " ".join(verify_folder(unmarked).sentences())


@pytest.mark.parametrize("arguments", [["verify", ""], ["demo", "--out", ""], ["demo", "--out="]])
def test_an_empty_path_is_not_the_current_folder(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "is empty; is a variable not set?" in capsys.readouterr().err
