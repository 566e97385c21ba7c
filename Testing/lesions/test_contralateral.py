"""Detail of the other hemisphere: found in a tilted head, taken where both are alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from SynthCore.image import Image, make_affine
from SynthCore.lesions.contralateral import (
    LEAST_ALIKE,
    find_details,
    find_opposite,
    how_alike,
    take_detail,
)

Floats = npt.NDArray[np.float32]
SIDES = (40, 72, 64)
TILT_DEGREES = 6.0


def folded(own_left: bool = False) -> Image:
    """A tilted ball with folds that are the same left and right, or not."""
    rng = np.random.default_rng(3)
    affine = make_affine((2.0, 2.0, 2.0), (-64.0, -72.0, -40.0))
    k, j, i = np.meshgrid(*(np.arange(n) for n in SIDES), indexing="ij")
    x, y, z = 2.0 * i - 64, 2.0 * j - 72, 2.0 * k - 40
    angle = np.radians(TILT_DEGREES)
    across = np.cos(angle) * x + np.sin(angle) * y + 3.0  # 0 in the middle of this head
    along = -np.sin(angle) * x + np.cos(angle) * y
    texture = ndimage.gaussian_filter(rng.standard_normal((60, 90, 90)), 1.6)
    texture /= texture.std()
    side = np.where(across < 0, 35.0, 0.0) if own_left else 0.0
    at = [z / 2 + 28, along / 2 + 44, np.abs(across) / 2 + 4 + side]
    folds = ndimage.map_coordinates(texture, at, order=1, mode="reflect")
    inside = (across / 54) ** 2 + (along / 66) ** 2 + (z / 60) ** 2 < 1
    return Image(np.where(inside, 600 + 90 * folds, 0).astype(np.float32), affine, "T1")


def hidden(image: Image) -> tuple[npt.NDArray[np.bool_], Floats]:
    """A region on the left and the image with a smooth fill there."""
    k, j, i = np.meshgrid(*(np.arange(n) for n in SIDES), indexing="ij")
    wide = (k - 20) ** 2 + (j - 36) ** 2 + (i - 46) ** 2 < 7**2
    smooth = ndimage.gaussian_filter(image.voxels, 4)
    return wide, np.where(wide, smooth, image.voxels).astype(np.float32)


def test_the_same_place_is_found_in_a_tilted_head() -> None:
    image = folded()
    found = find_opposite({"T1": image}, {"T1": hidden(image)[1]})
    assert found is not None and found.lead == "T1"
    angle = np.radians(TILT_DEGREES)
    middle = np.array([np.cos(angle), np.sin(angle), 0.0])
    for point in ((30.0, -10.0, 5.0), (20.0, 25.0, -10.0), (-28.0, 0.0, 0.0)):
        mirror = np.asarray(point) - 2 * (middle @ point + 3.0) * middle
        there = found.transform.TransformPoint(point)
        assert np.linalg.norm(np.asarray(there) - mirror) < 2.5


def test_folds_come_from_the_other_side_and_nothing_else_changes() -> None:
    image = folded()
    wide, fill = hidden(image)
    found = find_opposite({"T1": image}, {"T1": fill})
    assert found is not None
    assert how_alike(image, find_details(image, fill, found), wide) > 0.6
    made = take_detail(image, fill, wide, find_details(image, fill, found))
    np.testing.assert_array_equal(made[~wide], fill[~wide])
    deep = ndimage.binary_erosion(wide, iterations=1)
    before, after = (np.corrcoef(v[deep], image.voxels[deep])[0, 1] for v in (fill, made))
    assert after > 0.75 and after > before + 0.2
    real = image.voxels[deep].std()
    assert 1.5 * fill[deep].std() < made[deep].std() < 1.1 * real


def test_hemispheres_that_differ_are_told_apart() -> None:
    image = folded(own_left=True)
    wide, fill = hidden(image)
    found = find_opposite({"T1": image}, {"T1": fill})
    assert found is not None
    assert how_alike(image, find_details(image, fill, found), wide) < LEAST_ALIKE


def test_an_enhancing_vessel_of_the_other_side_is_left_there() -> None:
    image = folded()
    bright = image.voxels.copy()
    bright[18:23, 34:39, 11:14] += 2500  # at the right, opposite to the region
    agent = Image(bright, image.affine, "T1c")
    wide, fill = hidden(agent)
    found = find_opposite({"T1": image}, {"T1": hidden(image)[1]})
    assert found is not None
    details = find_details(agent, fill, found)
    with_vessel = take_detail(agent, fill, wide, details)
    without = take_detail(agent, fill, wide, details, agent=True)
    assert with_vessel.max() > image.voxels.max() + 400
    assert without[wide].max() < image.voxels.max() + 100


def test_a_cancel_is_heard_while_sweeping() -> None:
    image = folded()

    def stop(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_opposite({"T1": image}, {"T1": image.voxels}, stop)


def test_ct_has_no_lead() -> None:
    image = folded()
    assert find_opposite({"CT": image}, {"CT": image.voxels}) is None
