"""Pictures: which way is up, what is marked, and that odd volumes draw."""

from __future__ import annotations

import io
import itertools

import matplotlib.image
import numpy as np
import pytest

from SynthCore.image import Image, make_affine
from SynthCore.quality.display import BONE, LUNG, SOFT_TISSUE, difference_limit, windows_of
from SynthCore.quality.figures import (
    Shown,
    ct_chart,
    ct_histogram,
    data_uri,
    noise_power_curves,
    plain_histogram,
    png_size,
    three_planes,
)
from SynthCore.quality.noise_power import noise_power
from SynthCore.quality.orientation import PLANES, axes_of, cut, pixel_size

MARK = np.array([255, 176, 0])


def pixels(png: bytes) -> np.ndarray:
    return (matplotlib.image.imread(io.BytesIO(png), format="png")[..., :3] * 255).round()


def marked(png: bytes, left: float, right: float) -> int:
    """Pixels in the mark's color between two shares of the width."""
    picture = pixels(png)
    width = picture.shape[1]
    part = picture[:, int(left * width) : int(right * width)]
    return int((np.abs(part - MARK).max(axis=-1) < 40).sum())


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, -1), (-1, -1, -1)])
def test_left_anterior_superior_lands_where_a_radiologist_looks_for_it(order, signs) -> None:
    """Whatever the storage order and direction, a mark in the patient keeps its place."""
    affine = np.eye(4)
    steps = (1.5, 2.0, 4.0)
    affine[:3, :3] = 0
    for axis, (direction, sign, step) in enumerate(zip(order, signs, steps, strict=True)):
        affine[direction, axis] = sign * step
    shape = (7, 8, 9)  # k, j, i
    k, j, i = np.meshgrid(*map(np.arange, shape), indexing="ij")
    points = np.stack([i, j, k], axis=-1) @ affine[:3, :3].T  # x, y, z in LPS
    low, high = points.min(axis=(0, 1, 2)), points.max(axis=(0, 1, 2))
    share = (points - low) / (high - low)
    volume = (share[..., 0] > 0.6) & (share[..., 1] < 0.4) & (share[..., 2] > 0.6)

    axes = axes_of(affine)
    turned = axes.turn(volume)
    where = {"axial": (0, 1), "coronal": (0, 1), "sagittal": (0, 0)}  # top; right or left
    middle = [n // 2 for n in turned.shape]
    spots = {"axial": turned.shape[0] - 1, "coronal": 0, "sagittal": turned.shape[2] - 1}
    for plane in PLANES:
        picture = cut(turned, plane, spots[plane])
        rows, columns = np.nonzero(picture)
        top, right = where[plane]
        assert (rows.mean() < picture.shape[0] / 2) == (top == 0)
        assert (columns.mean() > picture.shape[1] / 2) == bool(right)
        assert not cut(turned, plane, middle[PLANES.index(plane)] * 0 if spots[plane] else -1).any()
    assert sorted(axes.spacing) == sorted(steps)
    assert axes.oblique == pytest.approx(0, abs=1e-6)


def test_spacing_follows_the_axes() -> None:
    affine = np.eye(4)
    affine[:3, :3] = np.array([[0, 0, 5.0], [1.0, 0, 0], [0, -2.0, 0]])  # i to P, j to I, k to L
    axes = axes_of(affine)
    assert axes.spacing == (2.0, 1.0, 5.0)
    assert axes.turn(np.zeros((3, 4, 6))).shape == (4, 6, 3)
    assert pixel_size(axes, "coronal") == (2.0, 5.0)


def test_oblique_axes_are_each_used_once() -> None:
    angle = np.radians(40)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0],
                     [0, 0, 1]])  # fmt: skip
    axes = axes_of(make_affine((1.0, 1.0, 3.0), direction=turn))
    assert sorted(axes.order) == [0, 1, 2]
    assert axes.oblique == pytest.approx(40)


def test_only_synthetic_panels_carry_the_word(ct_pair) -> None:
    synthetic, reference = ct_pair
    body = reference.voxels > -300
    pictures = three_planes(
        [Shown("CT (reference)", reference), Shown("Synthetic CT", synthetic, synthetic=True)],
        body,
        planes=("axial",),
    )
    assert marked(pictures["axial"], 0.5, 1.0) > 100
    assert marked(pictures["axial"], 0.0, 0.45) == 0


@pytest.mark.parametrize("plane", PLANES)
def test_every_row_of_a_synthetic_image_is_marked(ct_pair, plane) -> None:
    synthetic, reference = ct_pair
    shown = [Shown("Synthetic CT", synthetic, synthetic=True),
             Shown("difference", synthetic, synthetic=True, minus=reference)]  # fmt: skip
    body = reference.voxels > -300
    png = three_planes(shown, body, planes=(plane,))[plane]
    one = three_planes(shown[:1], body, planes=(plane,))[plane]
    assert marked(png, 0, 1) > 1.5 * marked(one, 0, 1) > 100


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [((1, 40, 30), (1.0, 1.0, 5.0)), ((30, 1, 20), (1.0, 2.0, 1.0)), ((200, 4, 4), (1.0,) * 3),
     ((3, 60, 60), (0.01, 0.01, 0.05)), ((2, 2, 2), (500.0, 400.0, 300.0))],
)  # fmt: skip
def test_odd_volumes_draw(shape, spacing) -> None:
    voxels = np.random.default_rng(0).normal(0, 100, shape).astype(np.float32)
    image = Image(voxels, make_affine(spacing), "CT", "HU")
    outline = voxels > 50
    for body in (np.ones(shape, dtype=bool), np.zeros(shape, dtype=bool)):
        pictures = three_planes([Shown("CT", image, synthetic=True)], body, outline=outline)
        for png in pictures.values():
            width, height = png_size(png)
            assert 40 < width < 3000
            assert 40 < height < 3000
            assert pixels(png).shape[:2] == (height, width)


def test_constant_images_draw() -> None:
    image = Image(np.zeros((4, 20, 20)), make_affine((1, 1, 1)), "T1")
    shown = [Shown("T1", image), Shown("difference", image, minus=image)]
    assert len(three_planes(shown, np.zeros(image.shape, dtype=bool))) == 3


def test_aspect_follows_the_spacing(ct_pair) -> None:
    """Twelve slices of 12 mm are as high as 144 mm are wide."""
    _, reference = ct_pair
    square = Image(reference.voxels[:, :36, :36], make_affine((4.0, 4.0, 12.0)), "CT", "HU")
    png = three_planes([Shown("CT", square)], np.ones(square.shape, dtype=bool))["coronal"]
    picture = pixels(png)
    frame = np.argwhere(np.abs(picture - 0x44).max(axis=-1) < 30)  # the panel's gray edge
    height, width = np.ptp(frame, axis=0)
    assert height / width == pytest.approx(1.0, abs=0.05)


def test_windows_follow_the_content() -> None:
    affine = make_affine((1, 1, 1))
    body = np.ones((4, 20, 20), dtype=bool)
    chest = Image(np.where(np.arange(20) < 8, -800.0, 40.0) * np.ones((4, 20, 20)), affine, "CT",
                  "HU")  # fmt: skip
    leg = Image(np.full((4, 20, 20), 40.0), affine, "CT", "HU")
    assert windows_of(chest, body) == (SOFT_TISSUE, LUNG)
    assert windows_of(leg, body) == (SOFT_TISSUE, BONE)
    assert (SOFT_TISSUE.low, SOFT_TISSUE.high) == (-160, 240)
    (mr,) = windows_of(Image(np.linspace(0, 1000, 1600).reshape(4, 20, 20), affine, "T1"), body)
    assert mr.low == 0
    assert 900 < mr.high < 1000


def test_the_end_of_the_colors_is_a_round_number() -> None:
    everywhere = np.ones((1, 1, 100), dtype=bool)
    for top, end in ((37.0, 50.0), (50.0, 50.0), (0.0012, 0.002), (700.0, 1000.0), (0.0, 1.0)):
        assert difference_limit(np.full((1, 1, 100), -top), everywhere) == pytest.approx(end)


@pytest.mark.parametrize("labels", [1, 2, 3])
def test_the_legend_of_ct_numbers_covers_no_name_of_a_tissue(labels: int) -> None:
    values = np.linspace(-1000, 1500, 500)
    figure = ct_chart({("Synthetic CT", "Reference", "Input")[n]: values for n in range(labels)})
    figure.draw_without_rendering()
    (axis,) = figure.axes
    legend = axis.get_legend().get_window_extent()
    assert legend.y1 <= figure.bbox.y1
    assert not any(legend.overlaps(name.get_window_extent()) for name in axis.texts)


def test_charts_are_pictures(ct_pair) -> None:
    synthetic, reference = ct_pair
    curve = noise_power(synthetic.voxels - reference.voxels, synthetic.spacing)
    charts = [
        ct_histogram({"Synthetic CT": synthetic.voxels, "CT (reference)": reference.voxels}),
        plain_histogram({"Synthetic T2": synthetic.voxels}),
        plain_histogram({"Synthetic T2": np.zeros(0)}),
        noise_power_curves({"difference": curve}),
    ]
    for png in charts:
        assert pixels(png).std() > 5
        assert data_uri(png).startswith("data:image/png;base64,iVBOR")
