"""Thick slices to thin ones: exact places, the input within the result, honest refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydicom import Dataset
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation

from SynthCore.engine import super_resolve
from SynthCore.engine.preview import preview
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import CancelledError, ModelError, RefusedError
from SynthCore.image import Image, make_affine
from SynthCore.models.bundle import open_bundle
from SynthCore.physics.fine_grid import fine_grid
from SynthCore.physics.thick_slices import along_first
from SynthCore.request import SynthesisRequest, SynthesisResult
from Testing.engine.conftest import write_bundle

SPLINE = "super-resolution-spline"
TURNED = Rotation.from_euler("xyz", (20, -35, 110), degrees=True).as_matrix()
PLACES = {
    "straight": ((12, 40, 36), (1.0, 1.0, 4.0), np.eye(3)),
    "oblique, not a whole factor": ((11, 38, 35), (0.9, 0.9, 3.3), TURNED),
    "flipped": ((12, 40, 36), (1.0, 1.0, 4.0), np.diag([-1.0, 1.0, -1.0])),
    "left-handed": ((12, 40, 36), (1.0, 1.0, 2.0), TURNED @ np.diag([1.0, 1.0, -1.0])),
    "sagittal": ((40, 36, 12), (5.0, 1.0, 1.0), np.eye(3)[:, [1, 2, 0]]),
    "slices along j": ((40, 12, 36), (1.0, 3.7, 1.0), TURNED),
    "more than eight times": ((10, 40, 36), (0.5, 0.5, 6.5), np.eye(3)),
}


def body(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Smooth positive structure with an empty rim."""
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.normal(size=shape), 1.5)
    field = 500 + 300 * field / field.std()
    rim = np.ones(shape)
    for axis, n in enumerate(shape):
        ramp = np.minimum(np.arange(n), np.arange(n)[::-1])
        if n > 20:
            rim *= np.expand_dims(ramp > 3, [a for a in range(3) if a != axis])
    made: np.ndarray = np.maximum(field * rim, 0).astype(np.float32)
    return made


def image_at(name: str, seed: int = 0) -> Image:
    shape, spacing, direction = PLACES[name]
    return Image(body(shape, seed), make_affine(spacing, (12.0, -40.0, 7.0), direction), "T2")


def finer(image: Image, model: str = SPLINE, **more: Any) -> SynthesisResult:
    return synthesize("super-resolution", {image.modality: image}, model=model, **more)


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A network of one convolution that gives a small part of its middle plane's image."""
    return a_network(tmp_path / "through")


def a_network(folder: Path, **prepare: Any) -> Path:
    layer = torch.nn.Conv2d(6, 1, 3, padding=1, bias=False)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[0, 1, 0, 1] = 0.05  # the pixel above, so that direction shows
        layer.weight[0, 4, 1, 1] = 0.02
    definition = {
        "_target_": "torch.nn.Conv2d",
        "in_channels": 6,
        "out_channels": 1,
        "kernel_size": 3,
        "padding": 1,
        "bias": False,
    }
    how = {"kind": "percentile", "percentile": 99.0, "low": -0.5, "high": 4.0}
    settings = {
        "slices": 3,
        "tile": [64, 64],
        "multiple_of": 16,
        "planes": "through",
        "normalization": dict.fromkeys(("T1", "T2"), how),
    } | prepare
    output = {"scale": 0.5, "residual_of": "same", "denormalize": True}
    return write_bundle(
        folder, layer, definition, task="super-resolution", inputs=["T1", "T2"], target="same",
        unit="same", prepare=settings, output=output,
    )  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_the_result_begins_and_ends_where_the_slices_do(name: str) -> None:
    image = image_at(name)
    made = finer(image).image
    grid = fine_grid(image)
    axis, column = grid.axis, 2 - grid.axis
    assert made.shape == grid.shape
    for n in range(3):
        if n != axis:
            assert made.shape[n] == image.shape[n]
            np.testing.assert_allclose(made.affine[:, 2 - n], image.affine[:, 2 - n])
    # the outer faces of the first and last slice, half a slice beyond their centers
    for end in (0, 1):
        faces = []
        for one in (image, made):
            index = np.array([0.0, 0.0, 0.0, 1.0])
            index[column] = -0.5 if end == 0 else one.shape[axis] - 0.5
            faces.append(one.affine @ index)
        np.testing.assert_allclose(faces[0], faces[1], atol=1e-9)
    pixel = np.mean([s for n, s in enumerate(image.spacing) if n != column])
    if name != "more than eight times":
        assert made.spacing[column] == pytest.approx(pixel, rel=0.06)
    else:
        assert made.shape[axis] == 8 * image.shape[axis]


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("learned", [False, True], ids=["spline", "network"])
def test_the_acquired_slices_are_means_of_the_made_ones(
    name: str, learned: bool, network: Path
) -> None:
    image = image_at(name)
    result = finer(image, str(network) if learned else SPLINE)
    grid = fine_grid(image)
    back = along_first(grid.stack.means, grid.first(result.image.voxels))
    span = float(np.ptp(image.voxels))
    assert np.abs(back - grid.first(image.voxels)).max() < 1e-4 * span
    check = result.record.checks[-1]
    assert check.name == "consistency with the input"
    assert check.outcome == "pass"
    assert check.value is not None
    assert check.value < 1e-4
    assert result.image.modality == "T2"
    assert result.image.voxels.dtype == np.float32


def test_voxels_lie_where_they_belong_in_the_patient() -> None:
    """A ramp along a slanted line of the patient's space is the same ramp between the slices."""
    _, spacing, direction = PLACES["oblique, not a whole factor"]
    shape = (25, 20, 18)
    affine = make_affine(spacing, (12.0, -40.0, 7.0), direction)
    along = np.array([0.4, -0.7, 1.1])

    def ramp(shape: tuple[int, int, int], affine: np.ndarray) -> np.ndarray:
        k, j, i = np.indices(shape)
        points = np.stack([i, j, k, np.ones(shape)], axis=-1) @ affine.T
        found: np.ndarray = points[..., :3] @ along
        return found

    low = ramp(shape, affine).min()
    image = Image((ramp(shape, affine) - low + 100).astype(np.float32), affine, "T1")
    made = finer(image).image
    error = made.voxels - (ramp(made.shape, made.affine) - low + 100)
    middle = slice(made.shape[0] // 3, -(made.shape[0] // 3))  # the ends lean to the level
    assert np.abs(error[middle]).max() < 0.01 * 3.3


def test_a_network_of_zeros_adds_nothing_and_another_adds_what_its_planes_say(
    tmp_path: Path, network: Path
) -> None:
    layer = torch.nn.Conv2d(6, 1, 1, bias=False)
    torch.nn.init.zeros_(layer.weight)
    definition = {
        "_target_": "torch.nn.Conv2d",
        "in_channels": 6,
        "out_channels": 1,
        "kernel_size": 1,
        "bias": False,
    }
    how = {"T2": {"kind": "percentile"}}
    empty = write_bundle(
        tmp_path / "empty", layer, definition, task="super-resolution", inputs=["T2"],
        target="same", unit="same",
        prepare={"slices": 3, "planes": "through", "normalization": how}, output={},
    )  # fmt: skip
    image = image_at("straight")
    smooth = finer(image).image.voxels
    np.testing.assert_allclose(finer(image, str(empty)).image.voxels, smooth, atol=1e-2)
    assert np.abs(finer(image, str(network)).image.voxels - smooth).max() > 1


@pytest.mark.parametrize(
    ("axes", "flips"),
    [((2, 1, 0), ()), ((0, 1, 2), (0,)), ((0, 1, 2), (1,)), ((0, 1, 2), (2,)), ((1, 2, 0), (0, 2))],
)
def test_the_order_that_voxels_are_stored_in_changes_nothing_else(
    network: Path, axes: tuple[int, int, int], flips: tuple[int, ...]
) -> None:
    """The network has a direction: it would see the image the other way round."""
    image = image_at("straight")
    columns = [2 - axis for axis in axes][::-1]
    affine = image.affine[:, [*columns, 3]].copy()
    for flip in flips:
        column = 2 - flip
        affine[:3, 3] += affine[:3, column] * (image.shape[axes[flip]] - 1)
        affine[:3, column] *= -1

    def stored(voxels: np.ndarray) -> np.ndarray:
        return np.flip(voxels.transpose(axes), flips)

    turned = Image(np.ascontiguousarray(stored(image.voxels)), affine, "T2")
    for model in (SPLINE, str(network)):
        plain, moved = finer(image, model).image, finer(turned, model).image
        np.testing.assert_allclose(moved.voxels, stored(plain.voxels), atol=1e-2)
    # and it has one: in one order alone would the result be what it is
    assert np.abs(plain.voxels - finer(image).image.voxels).max() > 1


def test_a_stated_thickness_is_used_and_an_unstated_one_told() -> None:
    from Testing.dicom.results import from_headers, headers

    acquired = from_headers(headers(), role="T1")  # 2.5 mm thick, 3 mm apart
    grid = fine_grid(acquired)
    assert grid.known == "stated"
    assert grid.stack.thickness == pytest.approx(2.5 / 3)
    untold = finer(image_at("straight"))
    assert any("does not say how thick" in warning for warning in untold.warnings)
    assert any("detail between them is estimated" in warning for warning in untold.warnings)


def test_slices_that_overlap_are_told_and_taken_to_touch() -> None:
    image = image_at("straight")
    apart = image.spacing[2]
    header = Dataset()
    header.Modality, header.SliceThickness = "MR", 1.5 * apart
    made = finer(replace(image, source=replace(image.source, headers=(header,))))
    said = f"{1.5 * apart:.3g} mm thick and {apart:.3g} mm apart: they overlap, and were taken to"
    assert any(said in warning for warning in made.warnings)
    assert f"Averaged over {apart:.3g} mm" in made.checks[-1].message


def test_thin_samples_are_told_from_thick_slices() -> None:
    fine = gaussian_filter(np.random.default_rng(5).normal(size=(96, 110, 100)), 1.5)
    fine = np.maximum(900 + 200 * fine / fine.std(), 0).astype(np.float32)
    sampled = Image(np.ascontiguousarray(fine[::4]), make_affine((1.0, 1.0, 4.0)), "T2")
    averaged = sampled.with_voxels(fine.reshape(24, 4, 110, 100).mean(axis=1))
    seen, assumed = fine_grid(sampled), fine_grid(averaged)
    assert (seen.known, seen.thickness_mm) == ("seen", 1.0)
    assert (assumed.known, assumed.thickness_mm) == ("assumed", 4.0)
    told = finer(sampled)
    assert any("look like thin samples" in warning for warning in told.warnings)
    where = along_first(seen.stack.means, told.image.voxels)
    assert np.abs(where - sampled.voxels).max() < 1e-3 * float(np.ptp(fine))


@pytest.mark.parametrize(
    ("shape", "spacing", "reason"),
    [
        ((20, 40, 40), (1.0, 1.0, 1.2), "isotropic already"),
        ((1, 40, 40), (1.0, 1.0, 5.0), "1 slice"),
        ((2, 40, 40), (1.0, 1.0, 5.0), "2 slice"),
        ((20, 40, 40), (1.0, 2.0, 5.0), "coarse along two axes"),
        ((20, 40, 40), (0.5, 0.5, 50.0), "check the spacing"),
    ],
)
def test_an_image_without_thick_slices_is_refused_with_a_reason(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], reason: str
) -> None:
    image = Image(body(shape), make_affine(spacing), "T1")
    with pytest.raises(RefusedError, match=reason):
        synthesize("super-resolution", {"T1": image})


def test_a_preview_is_one_slice_of_the_result_where_it_was_asked_for(network: Path) -> None:
    for name in ("straight", "oblique, not a whole factor", "sagittal"):
        image = image_at(name)
        for model in (SPLINE, str(network)):
            whole = finer(image, model).image
            k = whole.shape[0] // 2
            point = (whole.affine @ (3.0, 5.0, k, 1.0))[:3]
            request = SynthesisRequest("super-resolution", {"T2": image}, model=model)
            shown = preview(request, (point[0], point[1], point[2]))
            assert shown.image.shape == (1, *whole.shape[1:])
            off = (np.linalg.inv(shown.image.affine) @ np.array([*point, 1.0]))[2]
            assert abs(off) <= 0.51
            assert "A preview" in " ".join(shown.warnings)
            if name == "straight":
                close = np.corrcoef(shown.image.voxels[0].ravel(), whole.voxels[k].ravel())[0, 1]
                assert close > 0.98


def test_progress_rises_and_a_cancel_is_heard(network: Path) -> None:
    image = image_at("straight")
    told: list[float] = []
    finer(image, str(network), progress=lambda fraction, stage: told.append(fraction))
    assert told == sorted(told)
    assert told[-1] == 1.0
    asked = iter([False] * 6)
    with pytest.raises(CancelledError):
        finer(image, str(network), cancelled=lambda: next(asked, True))


def test_blocks_of_planes_leave_no_seam(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image(body((10, 40, 75), 3), make_affine((1.0, 1.0, 4.0)), "T2")
    whole = finer(image, str(network)).image.voxels
    monkeypatch.setattr(super_resolve, "BLOCK_PLANES", 7)
    blocks = finer(image, str(network)).image.voxels
    np.testing.assert_allclose(blocks, whole, atol=1e-3)


def test_a_card_says_its_planes_and_nothing_else_does(tmp_path: Path) -> None:
    card = open_bundle(a_network(tmp_path / "good")).card
    assert card.prepare.planes == "through"
    assert card.channels == ("image", "place")
    with pytest.raises(ModelError, match="planes"):
        open_bundle(a_network(tmp_path / "odd", planes="sideways"))
    layer = torch.nn.Conv2d(1, 1, 1)
    wrong = write_bundle(tmp_path / "other", layer, {}, prepare={"planes": "through"})
    with pytest.raises(ModelError, match="only for super-resolution"):
        open_bundle(wrong)
