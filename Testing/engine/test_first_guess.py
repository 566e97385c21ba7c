"""A region filled smoothly, a head in its mirror, and a network that changes the first guess."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import ndimage

from SynthCore.engine.preview import preview
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import ModelError
from SynthCore.image import Image, make_affine
from SynthCore.models.bundle import open_bundle
from SynthCore.models.mirror import Mirror, find_mirror, mirrored
from SynthCore.models.networks import SliceUNet, fold
from SynthCore.models.smooth_fill import smooth_fill
from SynthCore.request import SynthesisRequest
from Testing.engine.conftest import write_bundle


def ball(shape: tuple[int, ...], radius: float, spacing: tuple[float, ...]) -> np.ndarray:
    places = np.indices(shape)
    squares = [((p - n // 2) * s) ** 2 for p, n, s in zip(places, shape, spacing, strict=True)]
    return np.asarray(sum(squares) < radius**2)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (4.0, 1.0, 1.0)])
def test_a_linear_ramp_is_continued(spacing: tuple[float, float, float]) -> None:
    shape = (round(40 / spacing[0]), 50, 46)
    k, j, i = (p * s for p, s in zip(np.indices(shape), spacing, strict=True))
    ramp = (0.3 + 0.004 * k + 0.006 * j - 0.003 * i).astype(np.float32)
    region = ball(shape, 11, spacing)
    spoiled = np.where(region, np.float32(np.nan), ramp)
    filled = smooth_fill(spoiled, region, spacing)
    np.testing.assert_array_equal(filled[~region], ramp[~region])
    apart = np.abs(filled - ramp)[region]
    assert apart.max() < 0.25 * np.ptp(ramp[region])
    assert apart.mean() < 0.06 * np.ptp(ramp[region])


def test_a_filling_stays_within_what_surrounds_it() -> None:
    rng = np.random.default_rng(0)
    volume = rng.random((12, 40, 40), dtype=np.float32)
    region = ball(volume.shape, 9, (2.0, 1.0, 1.0))
    filled = smooth_fill(volume, region, (2.0, 1.0, 1.0))
    assert filled[region].min() >= 0 and filled[region].max() <= 1
    assert filled[region].std() < 0.5 * volume.std()


def test_no_region_and_nothing_but_region_come_back() -> None:
    volume = np.ones((4, 8, 8), dtype=np.float32)
    np.testing.assert_array_equal(smooth_fill(volume, volume < 0, (1.0, 1.0, 1.0)), volume)
    assert np.isfinite(smooth_fill(volume, volume > 0, (1.0, 1.0, 1.0))).all()


SPACING = (3.0, 1.2, 1.0)


def head(normal: np.ndarray, offset: float) -> np.ndarray:
    """Smooth tissue that is alike on both sides of a plane, [24, 80, 90]."""
    shape = (24, 80, 90)
    noise = ndimage.gaussian_filter(np.random.default_rng(3).standard_normal(shape), (1.5, 4, 5))
    points = np.indices(shape) * np.array(SPACING).reshape(3, 1, 1, 1)
    center = np.array([36.0, 48.0, 0.0])
    center += normal * (offset - normal @ center)
    away = np.sqrt(
        (((points - center.reshape(3, 1, 1, 1)) / [[[[32]]], [[[40]]], [[[34]]]]) ** 2).sum(0)
    )
    tissue = np.where(away < 1, 0.5 + 0.15 * noise / noise.std(), 0).clip(0).astype(np.float32)
    plane = Mirror((normal[0], normal[1], normal[2]), offset)
    return np.asarray((tissue + mirrored(tissue, plane, SPACING)) / 2)


def test_the_plane_of_symmetry_is_found_and_maps_the_head_onto_itself() -> None:
    normal = np.array([0.06, -0.09, 1.0])
    normal /= np.linalg.norm(normal)
    volume = head(normal, 44.0)
    found = find_mirror(volume, np.zeros(volume.shape, bool), SPACING)
    assert float(np.dot(found.normal, normal)) > np.cos(np.deg2rad(2.5))
    middle = np.array([36.0, 48.0, 44.0])
    assert abs((found.normal @ middle - found.offset) - (normal @ middle - 44.0)) < 1.5
    again = mirrored(volume, found, SPACING)
    inside = ndimage.binary_erosion(volume > 0.1, iterations=3)
    assert np.corrcoef(volume[inside], again[inside])[0, 1] > 0.8


def test_a_point_and_its_image_change_places() -> None:
    plane = Mirror((0.0, 0.6, 0.8), 10.0)
    points = np.random.default_rng(1).random((3, 5)) * 50
    np.testing.assert_allclose(plane.image_of(plane.image_of(points)), points)


def network() -> SliceUNet:
    torch.manual_seed(0)
    made = fold(SliceUNet(9, (8, 12), adds=1))
    with torch.no_grad():
        made.out.weight.mul_(0.1)
    return made


def bundle(folder: Path, made: torch.nn.Module, **prepare: object) -> str:
    definition = {"_target_": "SynthCore.models.networks.SliceUNet", **made.arguments}  # type: ignore[dict-item]
    settings = {
        "slices": 3, "tile": [64, 64], "multiple_of": 16, "mask_channel": True,
        "normalization": {"T1": {"kind": "percentile"}}, "first_guess": True, **prepare,
    }  # fmt: skip
    return str(
        write_bundle(folder / "guess", made, definition, prepare=settings, task="inpaint",
                     inputs=["T1"], target="same", unit="1", output={"denormalize": True})
    )  # fmt: skip


@pytest.mark.parametrize("change", [False, True])
def test_a_network_changes_the_smooth_filling(tmp_path: Path, change: bool) -> None:
    made = network()
    if not change:
        with torch.no_grad():
            made.out.weight.zero_()
            made.out.bias.zero_()  # type: ignore[union-attr]
    rng = np.random.default_rng(2)
    voxels = ndimage.gaussian_filter(rng.uniform(200, 900, (8, 40, 44)), 1).astype(np.float32)
    image = Image(voxels, make_affine((1.0, 1.0, 3.0)), "T1")
    region = ball(voxels.shape, 9, (3.0, 1.0, 1.0))
    mask = image.with_voxels(region.astype(np.uint8), modality="", unit="")
    model = bundle(tmp_path, made)
    whole = synthesize("inpaint", {"T1": image}, mask=mask, model=model).image.voxels
    np.testing.assert_array_equal(whole[~region], voxels[~region])
    smooth = smooth_fill(voxels, region, (3.0, 1.0, 1.0))
    assert np.allclose(whole[region], smooth[region], rtol=1e-3) is not change
    request = SynthesisRequest("inpaint", {"T1": image}, model=model, mask=mask)
    one = preview(request, (0.0, 0.0, 12.0)).image.voxels[0]
    np.testing.assert_allclose(one, whole[4], rtol=1e-5)


def test_a_first_guess_without_a_region_is_refused(tmp_path: Path) -> None:
    folder = bundle(tmp_path, network(), mask_channel=False)
    with pytest.raises(ModelError, match="first_guess"):
        open_bundle(Path(folder))
