"""Images made alike: one orientation, one size, one window."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture
from scipy import ndimage

from SynthCore.dicom.phantom import PhantomStudy, ct_header, write_series
from SynthCore.errors import InputError
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from SynthCore.quality.display import Window
from SynthCore.quality.orientation import PLANES, PlaneName
from SynthCore.readers.fields import centers_of, fields_of, grid_only
from SynthCore.readers.frames import Frame, Shape, frame_for, place_in, shape_of, stack_of
from SynthCore.readers.pictures import (
    NOTICE,
    gray_slices,
    place_of,
    png,
    read_entry,
    window_for,
)
from SynthCore.readers.table import Entry

WINDOW = Window(0, 255, "0 to 255")


def volume(shape: tuple[int, int, int] = (7, 24, 20)) -> Image:
    """Odd-sized and anisotropic, every voxel different from its neighbors."""
    voxels = np.random.default_rng(2).integers(0, 256, shape).astype(np.float32)
    return Image(voxels, make_affine((1.5, 1.5, 4.0), (-10, -12, 30)), modality="T1")


def turned(image: Image, axes: tuple[int, int, int], flips: tuple[bool, bool, bool]) -> Image:
    """The same volume, stored another way."""
    voxels = np.transpose(image.voxels, axes)
    columns = image.affine[:3, :3][:, ::-1][:, axes]  # of k, j, i
    origin = image.affine[:3, 3].copy()
    for axis, flip in enumerate(flips):
        if flip:
            voxels = np.flip(voxels, axis)
            origin = origin + columns[:, axis] * (voxels.shape[axis] - 1)
            columns = columns.copy()
            columns[:, axis] *= -1
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = columns[:, ::-1], origin
    return replace(image, voxels=np.ascontiguousarray(voxels), affine=affine)


def frame_of(image: Image, plane: PlaneName = "axial", slices: int = 64) -> Frame:
    return framed([shape_of(image, plane)], plane, slices=slices)


def framed(shapes: list[Shape], plane: PlaneName = "axial", **how: Any) -> Frame:
    fields = [tuple(np.multiply(shape.counts, shape.spacing)) for shape in shapes]
    return frame_for(shapes, fields, plane, **how)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
@pytest.mark.parametrize("flips", [(False, False, False), (True, False, True), (True, True, True)])
def test_storage_does_not_show(
    plane: PlaneName, axes: tuple[int, int, int], flips: tuple[bool, bool, bool]
) -> None:
    image = volume()
    other = turned(image, axes, flips)
    frame = frame_of(image, plane)
    assert frame == frame_of(other, plane)
    assert np.array_equal(
        gray_slices(image, frame, WINDOW, None), gray_slices(other, frame, WINDOW, None)
    )
    point = (3.5, 4.0, 41.0)
    assert place_in(image, plane, point) == pytest.approx(place_in(other, plane, point))


def test_axial_pictures_are_voxels_as_they_are() -> None:
    image = volume()
    shown = gray_slices(image, frame_of(image), WINDOW, None)
    assert np.array_equal(shown, image.voxels.astype(np.uint8))
    assert np.array_equal(stack_of(image, "coronal")[3, 0], image.voxels[-1, 3])


def test_a_point_lies_where_its_voxel_is_shown() -> None:
    image = volume()
    voxels = np.zeros(image.shape, dtype=np.float32)
    voxels[4, 9, 13] = 255
    image = image.with_voxels(voxels)
    point = tuple((image.affine @ [13, 9, 4, 1])[:3])
    center = tuple((image.affine @ [12, 10, 3, 1])[:3])
    for plane in PLANES:
        frame = replace(frame_of(image, plane), counts=(5, 11, 13))
        place = place_of(image, frame, center, point)
        assert place is not None
        shown = gray_slices(image, frame, WINDOW, center)
        brightest = np.unravel_index(np.argmax(shown), shown.shape)
        assert place.slice == brightest[0]
        assert (place.row, place.column) == pytest.approx(brightest[1:], abs=0.51)
    assert place_of(image, frame, center, (200.0, 0, 0)) is None


def test_the_frame_is_what_all_images_share() -> None:
    shapes = [Shape((30, 200, 180), (3, 1, 1)), Shape((90, 256, 200), (1, 0.8, 0.8))]
    frame = framed(shapes, "axial", slices=64)
    assert (frame.slice_mm, frame.pixel_mm) == (3, 1)
    assert frame.counts == (30, 200, 160)
    assert framed(shapes, "axial", slices=5).counts[0] == 5
    fine = framed(shapes, "axial", slices=64, pixel_mm=0.1)
    assert max(fine.counts[1:]) == 512
    with pytest.raises(InputError, match="less than 8 pixels"):
        framed(shapes, "axial", slices=9, pixel_mm=40)
    with pytest.raises(InputError, match="1 to 64 slices"):
        framed(shapes, "axial", slices=0)


def test_a_finer_image_is_smoothed_to_the_pixels_of_the_coarser() -> None:
    """Downsampled white noise has the variance of averaging, not that of picking."""
    noise = np.random.default_rng(0).normal(128, 30, (1, 240, 240)).astype(np.float32)
    fine = Image(noise, make_affine((0.5, 0.5, 4)))
    frame = framed([shape_of(fine, "axial")], "axial", slices=1, pixel_mm=1.5)
    shown = gray_slices(fine, frame, WINDOW, None)[0, 5:-5, 5:-5]
    assert frame.counts == (1, 80, 80)
    blurred = ndimage.gaussian_filter(noise[0], np.sqrt(8) / 2.3548)[::3, ::3]
    assert shown.std() == pytest.approx(blurred.std(), rel=0.1)
    assert shown.std() < 0.4 * noise.std()


def test_images_of_odd_and_even_size_are_equally_sharp() -> None:
    frame = frame_of(volume((5, 20, 20)))
    odd = volume((5, 21, 25))
    shown = gray_slices(odd, frame, WINDOW, None)[2]
    whole = odd.voxels[2].astype(np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(whole, (20, 20)).reshape(-1, 20, 20)
    assert any(np.array_equal(shown, one) for one in windows)


def test_beyond_the_image_and_without_a_value_it_is_black() -> None:
    image = volume((5, 20, 20))
    voxels = image.voxels.copy()
    voxels[:] = 200
    voxels[2, 3, 4] = np.nan
    image = image.with_voxels(voxels)
    corner = image.origin
    shown = gray_slices(image, frame_of(image), WINDOW, corner)
    assert shown[0].max() == 0 and shown[-1, 0].max() == 0 and shown[-1, -1, -1] == 200
    assert gray_slices(image, frame_of(image), WINDOW, None)[2, 3, 4] == 0


def test_images_of_a_case_show_the_same_place_and_no_more() -> None:
    """A synthetic image on a smaller grid of its own, off the middle of the real one."""
    size = (9, 40, 36)
    k, j, i = np.meshgrid(*(np.arange(n) for n in size), indexing="ij")
    real = Image((40 + 3 * j + 2 * i + k).astype(np.float32), make_affine((1, 1, 3), (5, 6, 7)))
    part = real.voxels[1:8, 4:30, 10:36]
    made = Image(part, make_affine((1, 1, 3), (15, 10, 10)))
    alone = Image(real.voxels, make_affine((1, 1, 3), (900, 0, 0)))
    entries = [Entry(2, "", "real", "a", "T1"), Entry(3, "", "synthetic", "a", "T1"),
               Entry(4, "", "real", "b", "T1")]  # fmt: skip
    images = [real, made, alone]
    grids = [grid_only(image) for image in images]
    centers = centers_of(entries, grids)
    assert centers[0] == centers[1] == (27.5, 22.5, 19) and centers[2] is None
    fields = fields_of(entries, grids, centers, "axial")
    assert fields == [(21, 26, 26), (21, 26, 26), (27, 40, 36)]
    shapes = [shape_of(image, "axial") for image in images]
    for field_mm in (None, 34.0, 35.0):
        frame = frame_for(shapes, fields, "axial", slices=64, field_mm=field_mm)
        a, b, c = (
            gray_slices(image, frame, WINDOW, center, field)
            for image, center, field in zip(images, centers, fields, strict=True)
        )
        assert np.array_equal(a, b) and a.any()
        assert frame.counts[1:] == (int(field_mm or 26),) * 2
        assert c.all() and a.all() == (field_mm is None)
    chosen = [replace(entry, center=(25.0, 20.0, 16.0)) for entry in entries[:2]]
    assert centers_of(chosen, grids[:2]) == [(25.0, 20.0, 16.0)] * 2


def test_pixels_that_are_nearly_those_of_the_frame_move_nothing() -> None:
    size = (3, 301, 301)
    voxels = np.zeros(size, dtype=np.float32)
    voxels[1, 150, 150] = 255
    places = []
    for step in (1.0, 1.009):
        image = Image(voxels, make_affine((step, step, 3), (0, 0, 0)))
        center = tuple(float(v) for v in (image.affine @ [150, 150, 1, 1])[:3])
        frame = Frame("axial", (3, 251, 251), 3.0, 1.0)
        shown = gray_slices(image, frame, WINDOW, center)
        places.append(np.unravel_index(np.argmax(shown), shown.shape))
    assert places[0] == places[1] == (1, 125, 125)


def test_windows() -> None:
    ct = Image(np.linspace(-1000, 1000, 1000).reshape(10, 10, 10), np.eye(4), "CT", "HU")
    assert (window_for(ct, None).low, window_for(ct, None).high) == (-160, 240)
    assert window_for(ct, (-600, 900)).high == 900
    mr = volume()
    brighter = mr.with_voxels(mr.voxels * 7)
    a, b = (gray_slices(m, frame_of(mr), window_for(m, None), None) for m in (mr, brighter))
    assert np.abs(a.astype(int) - b).max() <= 1  # arbitrary units do not show


def test_every_picture_says_that_it_may_be_synthetic() -> None:
    data = png(np.arange(64, dtype=np.uint8).reshape(8, 8))
    with Picture.open(io.BytesIO(data)) as picture:
        assert picture.text == {"Comment": NOTICE}
        assert picture.mode == "L"
    assert "SYNTHETIC" in NOTICE


def test_a_marked_image_is_not_real(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from pydicom.uid import generate_uid

    image = volume()
    write_nifti(image, tmp_path / "a.nii.gz", record_json=None, origin="phantom")
    write_nifti(image, tmp_path / "b.nii.gz", record_json=None)
    ct = Image(image.voxels.astype(np.int16), image.affine, "CT", "HU")
    uids = (generate_uid(), generate_uid())
    series = PhantomStudy(1, *uids, datetime.now(UTC))
    write_series(tmp_path / "dicom", ct, ct_header("CT", 1.0), series, number=1)
    for name, role in (("a.nii.gz", "T1"), ("dicom", "CT")):
        entry = Entry(7, str(tmp_path / name), "real", "c", role)
        with pytest.raises(InputError, match=r"Line 7 of t\.csv says real"):
            read_entry(entry, "t.csv")
        assert read_entry(replace(entry, truth="synthetic"), "t.csv").shape == image.shape
    read_entry(Entry(8, str(tmp_path / "b.nii.gz"), "real", "c", "T1"), "t.csv")
    with pytest.raises(InputError, match=r"Line 9 of t\.csv: "):
        read_entry(Entry(9, str(tmp_path / "none.nii"), "real", "c", "T1"), "t.csv")
