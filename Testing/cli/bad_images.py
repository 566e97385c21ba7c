"""Files that are no image, no whole one, or none that can be worked on."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
from pydicom import dcmread
from pydicom.uid import generate_uid

from Testing.cli.bad_inputs import BadInputs, t1
from Testing.cli.studies import hounsfield, limb, write_nifti, write_series

BAD_IMAGES = BadInputs()
case = BAD_IMAGES.refused


def edited(folder: Path, change: Callable[..., object], index: int = 3) -> Path:
    """The series with one of its objects changed."""
    path = sorted(folder.iterdir())[index]
    item = dcmread(path)
    change(item)
    item.save_as(path)
    return folder


@case(2)
def no_such_file(tmp: Path) -> list[str]:
    return t1(tmp / "nothing.nii.gz")


@case(2)
def an_empty_folder(tmp: Path) -> list[str]:
    (tmp / "empty").mkdir()
    return t1(tmp / "empty")


@case(2)
def a_text_file_named_dcm(tmp: Path) -> list[str]:
    (tmp / "note.dcm").write_text("not an image")
    return t1(tmp / "note.dcm")


@case(2)
def an_empty_nifti(tmp: Path) -> list[str]:
    (tmp / "a.nii.gz").write_bytes(b"")
    return t1(tmp / "a.nii.gz")


@case(2)
def a_text_file_named_nifti(tmp: Path) -> list[str]:
    (tmp / "a.nii").write_text("hello" * 200)
    return t1(tmp / "a.nii")


@case(2)
def a_truncated_nifti(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii", limb())
    path.write_bytes(path.read_bytes()[:-2000])
    return t1(path)


@case(2)
def a_truncated_gzip(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii.gz", limb())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return t1(path)


@case(2)
def gzip_of_something_else(tmp: Path) -> list[str]:
    (tmp / "a.nii.gz").write_bytes(gzip.compress(b"nothing of the kind" * 100))
    return t1(tmp / "a.nii.gz")


@case(2)
def an_unknown_format(tmp: Path) -> list[str]:
    (tmp / "a.docx").write_bytes(b"PK\x03\x04")
    return t1(tmp / "a.docx")


@case(2)
def truncated_dicom_pixels(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    path = sorted(folder.iterdir())[3]
    path.write_bytes(path.read_bytes()[:-1000])
    return t1(folder)


@case(2)
def a_missing_slice(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    sorted(folder.iterdir())[4].unlink()
    return t1(folder)


@case(2)
def two_patients_in_one_folder(tmp: Path) -> list[str]:
    write_series(tmp / "mr" / "a", limb(), patient="A")
    write_series(tmp / "mr" / "b", limb(seed=1), patient="B")
    return t1(tmp / "mr")


@case(2)
def two_series_of_one_kind(tmp: Path) -> list[str]:
    write_series(tmp / "mr" / "a", limb())
    write_series(tmp / "mr" / "b", limb(seed=1))
    return t1(tmp / "mr")


@case(2)
def two_frames_of_reference(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    return t1(edited(folder, lambda d: setattr(d, "FrameOfReferenceUID", generate_uid())))


@case(2)
def a_slice_turned(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    return t1(edited(folder, lambda d: setattr(d, "ImageOrientationPatient", [1, 0, 0, 0, 0, -1])))


@case(2)
def a_tilted_gantry(tmp: Path) -> list[str]:
    folder = write_series(tmp / "ct", hounsfield(), "CT", description="body")
    for k, path in enumerate(sorted(folder.iterdir())):
        item = dcmread(path)
        item.ImagePositionPatient = [-20.0, -24.0 + 1.2 * k, 3.0 * k]
        item.save_as(path)
    return ["ct-denoise", "--input", f"CT={folder}"]


@case(2)
def two_images_at_one_position(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    return t1(edited(folder, lambda d: setattr(d, "ImagePositionPatient", [-20.0, -24.0, 0.0])))


@case(2)
def a_color_picture(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb()[:1])

    def paint(item: object) -> None:
        item.SamplesPerPixel, item.PhotometricInterpretation = 3, "RGB"
        item.BitsAllocated = item.BitsStored = 8
        item.HighBit, item.PixelRepresentation, item.PlanarConfiguration = 7, 0, 0
        item.PixelData = bytes(item.Rows * item.Columns * 3)

    return t1(edited(folder, paint, 0))


@case(2)
def slices_of_two_sizes(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())

    def shrink(item: object) -> None:
        item.Rows = 20
        item.PixelData = item.PixelData[: 20 * item.Columns * 2]

    return t1(edited(folder, shrink))


@case(2)
def no_pixels(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    return t1(edited(folder, lambda d: d.__delattr__("PixelData")))


@case(2)
def four_dimensions(tmp: Path) -> list[str]:
    return t1(write_nifti(tmp / "a.nii.gz", np.stack([limb(), limb(seed=1)])))


@case(2)
def complex_voxels(tmp: Path) -> list[str]:
    return t1(write_nifti(tmp / "a.nii.gz", limb().astype(np.complex64)))


@case(2)
def not_a_number(tmp: Path) -> list[str]:
    voxels = limb().astype(np.float32)
    voxels[2, 3, 4] = np.nan
    return t1(write_nifti(tmp / "a.nii.gz", voxels))


@case(2)
def a_constant_image(tmp: Path) -> list[str]:
    return t1(write_nifti(tmp / "a.nii.gz", np.full((8, 40, 48), 7, np.int16)))


@case(2)
def no_spacing(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii", limb())
    data = bytearray(path.read_bytes())
    data[280:296] = bytes(16)  # srow_x of the header
    path.write_bytes(data)
    return t1(path)


@case(3)
def a_line_of_voxels(tmp: Path) -> list[str]:
    line = np.random.default_rng(0).integers(1, 900, (100_000, 1, 1)).astype(np.int16)
    image = nib.Nifti2Image(line, np.eye(4))
    nib.save(image, tmp / "a.nii.gz")
    return t1(tmp / "a.nii.gz")
