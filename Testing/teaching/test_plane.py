"""A point of the patient falls where the page draws it, however the volume lies."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.quality.orientation import PLANES, PlaneName
from SynthCore.teaching.arrows import arrow_from
from SynthCore.teaching.plane import Cut, cut_of, spread

ORDERS = list(itertools.permutations(range(3)))


def a_volume(order: tuple[int, int, int], signs: tuple[int, int, int]) -> Image:
    """Array axes along any axes of the patient, either way, a little oblique."""
    turn = np.zeros((3, 3))
    for column, (row, sign) in enumerate(zip(order, signs, strict=True)):
        turn[row, column] = sign
    angle = np.radians(7)
    tilt = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)],
                     [0, np.sin(angle), np.cos(angle)]])  # fmt: skip
    affine = np.eye(4)
    affine[:3, :3] = tilt @ turn * (1.5, 2.0, 3.0)
    affine[:3, 3] = (12, -7, 30)
    return Image(np.zeros((9, 12, 15), np.float32), affine)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, -1), (-1, -1, 1)])
@pytest.mark.parametrize("order", ORDERS)
def test_a_bright_voxel_is_where_its_point_is_located(
    plane: PlaneName, order: tuple[int, int, int], signs: tuple[int, int, int]
) -> None:
    image = a_volume(order, signs)
    body = np.zeros(image.shape, bool)
    body[2:8, 3:11, 2:13] = True
    image.voxels[5, 7, 10] = 1
    cut = cut_of(image, plane, body)
    x, y, z = (image.affine @ (10, 7, 5, 1))[:3]
    number, right, down = cut.locate((x, y, z))
    picture = cut.take(cut.axes.turn(image.voxels), round(number))
    row, column = np.argwhere(picture == 1)[0]
    assert abs(number - round(number)) < 1e-6
    assert right == pytest.approx((column + 0.5) / picture.shape[1])
    assert down == pytest.approx((row + 0.5) / picture.shape[0])
    width, height = cut.size_mm
    assert width / height == pytest.approx(
        picture.shape[1] * step(image, cut, 1) / (picture.shape[0] * step(image, cut, 0))
    )


def step(image: Image, cut: Cut, axis: int) -> float:
    """Spacing of the array axis along which the points run down (0) or across (1) a picture."""
    corners = [(0, 0, 0, 1), (1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)]
    start, *moved = (cut.locate(tuple((image.affine @ corner)[:3])) for corner in corners)
    along = max(range(3), key=lambda n: abs(moved[n][2 - axis] - start[2 - axis]))
    return image.spacing[along]


def test_slices_are_counted_from_inferior_anterior_and_right() -> None:
    image = a_volume((0, 1, 2), (1, 1, 1))
    body = np.ones(image.shape, bool)
    for plane in PLANES:
        cut = cut_of(image, plane, body)
        assert cut.place(1) > cut.place(0)
    assert cut_of(image, "axial", body).place_text(0)[0] in "IS"


def test_a_point_outside_is_refused() -> None:
    image = a_volume((0, 1, 2), (1, 1, 1))
    cut = cut_of(image, "axial", np.ones(image.shape, bool))
    with pytest.raises(InputError, match="outside"):
        cut.locate((500, 0, 0))


def test_slices_spread_over_the_body_and_keep_the_ones_that_must_be_there() -> None:
    image = a_volume((0, 1, 2), (1, 1, 1))
    body = np.zeros(image.shape, bool)
    body[2:8, 4:9, 4:9] = True
    cut = cut_of(image, "axial", body)
    assert spread(cut, body, 100) == (2, 3, 4, 5, 6, 7)
    assert spread(cut, body, 3, always=(5,)) == (3, 5, 7), "no odd step says where to look"
    assert spread(cut, body, 3, always=(0,)) == (0, 3, 6)
    assert spread(cut, body, 3, always=(3, 5, 6)) in ((3, 5, 6), (3, 5, 6, 7))
    assert spread(cut, body, 2, always=(2, 3, 4, 6)) == (2, 3, 4, 6)


@pytest.mark.parametrize("tip", [(1, 1), (50, 40), (99, 1), (99, 79), (0, 40), (50, 0), (30, 60)])
def test_an_arrow_lies_in_the_picture_and_ends_at_its_point(tip: tuple[int, int]) -> None:
    tail, head = arrow_from(tip, (100, 80))
    assert 0 <= tail[0] <= 100 and 0 <= tail[1] <= 80
    assert np.hypot(head[0] - tip[0], head[1] - tip[1]) == pytest.approx(1.2)
    assert np.hypot(tail[0] - tip[0], tail[1] - tip[1]) == pytest.approx(13)
