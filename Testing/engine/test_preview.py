"""A preview is the whole result's slice, at its exact place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from SynthCore.axes import toward_lps
from SynthCore.engine.preview import preview
from SynthCore.engine.synthesize import synthesize
from SynthCore.engine.warm import Warm
from SynthCore.errors import CancelledError, InputError, RefusedError
from SynthCore.image import Image, make_affine
from SynthCore.request import Options, SynthesisRequest, SynthesisResult
from Testing.cli.studies import hounsfield, limb
from Testing.engine.conftest import write_bundle
from Testing.engine.test_geometry import geometries, noise

Make = Callable[..., Path]


def slice_of(whole: SynthesisResult, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Slice and affine of a whole result, as the network's axes run."""
    moved, _ = toward_lps(whole.image)
    affine = moved.affine.copy()
    affine[:3, 3] += index * affine[:3, 2]
    return moved.voxels[index : index + 1], affine


@pytest.fixture
def a_random_bundle(tmp_path: Path) -> Callable[..., str]:
    """A network whose output depends on five slices, in tiles, and the normalization on all."""

    def make(name: str = "random", **output: object) -> str:
        torch.manual_seed(1)
        arguments = {"in_channels": 5, "out_channels": 1, "kernel_size": 5, "padding": 2}
        definition = {"_target_": "torch.nn.Conv2d", **arguments}
        prepare = {
            "slices": 5,
            "tile": [32, 32],
            "normalization": {"T1": {"kind": "percentile", "percentile": 99.0}},
        }
        network = torch.nn.Conv2d(**arguments)  # type: ignore[arg-type]
        folder = tmp_path / name
        settings = {"scale": 700.0, **output}
        return str(write_bundle(folder, network, definition, prepare=prepare, output=settings))

    return make


@pytest.fixture
def a_random_model(a_random_bundle: Callable[..., str]) -> str:
    return a_random_bundle()


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(geometry=geometries(), where=st.tuples(*[st.floats(0, 1)] * 3))
def test_on_any_grid_it_is_the_slice_through_the_point(
    a_random_model: str,
    geometry: tuple[tuple[int, int, int], np.ndarray],
    where: tuple[float, float, float],
) -> None:
    shape, affine = geometry
    image = Image(noise(shape), affine, "T1")
    moved, _ = toward_lps(image)
    index = [w * (n - 1) for w, n in zip(where, moved.shape[::-1], strict=True)]
    point = moved.affine @ (*index, 1.0)
    request = SynthesisRequest(
        "mr-to-ct", {"T1": image}, model=a_random_model, options=Options(backend="torch")
    )
    warm = Warm()
    found = preview(request, tuple(point[:3]), warm=warm)
    whole = synthesize(request, warm=warm)
    nearest = round(index[2])
    if abs(index[2] - nearest) > 0.49:  # between two slices: either is right
        return
    voxels, place = slice_of(whole, nearest)
    assert np.array_equal(found.image.voxels, voxels)
    scale = np.maximum(1, np.abs(place))
    assert np.max(np.abs(found.image.affine - place) / scale) <= 1e-9


@pytest.mark.parametrize("backend", ["openvino", "torch"])
@pytest.mark.parametrize(
    "output", [{}, {"outside": -1000.0}, {"residual_of": "T1", "clip": [0, 800]}], ids=str
)
@pytest.mark.parametrize("index", [0, 4, 8])
def test_every_output_rule_holds_for_it(
    a_random_bundle: Callable[..., str], backend: str, output: dict[str, object], index: int
) -> None:
    model = a_random_bundle(**output)
    image = Image(limb((9, 60, 70)).astype(np.float32), make_affine((1.0, 1.0, 3.0)), "T1")
    options = Options(backend=backend)
    request = SynthesisRequest("mr-to-ct", {"T1": image}, model=model, options=options)
    found = preview(request, (5.0, 5.0, 3.0 * index))
    voxels, affine = slice_of(synthesize(request), index)
    assert np.array_equal(found.image.voxels, voxels)
    assert np.array_equal(found.image.affine, affine)
    assert f"A preview: slice {index + 1} of 9 alone." in found.warnings
    assert found.record.output["shape_kji"] == [1, 60, 70]


def test_a_resampled_slice_lies_on_the_networks_grid(an_identity_bundle: Make) -> None:
    model = str(an_identity_bundle(spacing_mm=[1.0, 1.0, None]))
    image = Image(limb((6, 40, 48)).astype(np.float32), make_affine((2.0, 2.0, 3.0)), "T1")
    request = SynthesisRequest("mr-to-ct", {"T1": image}, model=model)
    found = preview(request, (40.0, 40.0, 9.0))
    assert found.image.shape == (1, 80, 96)
    assert np.allclose(found.image.spacing, (1.0, 1.0, 3.0))
    center = found.image.affine @ (47.5, 39.5, 0, 1)
    assert np.allclose(center, image.affine @ (23.5, 19.5, 3, 1))
    assert any("own grid" in warning for warning in found.warnings)
    # every second voxel between two of the input's: the mean of a block is the voxel
    blocks = found.image.voxels[0].reshape(40, 2, 48, 2).mean(axis=(1, 3))
    inside = np.s_[2:-2, 2:-2]
    assert np.max(np.abs(blocks - image.voxels[3])[inside]) < 0.35 * np.ptp(image.voxels)
    assert np.corrcoef(blocks.ravel(), image.voxels[3].ravel())[0, 1] > 0.98


def test_slice_by_slice_methods_give_the_wholes_slice() -> None:
    voxels = hounsfield((12, 50, 60)).astype(np.float32)
    ct = Image(voxels, make_affine((1.0, 1.0, 3.0)), "CT", "HU")
    request = SynthesisRequest("ct-denoise", {"CT": ct}, model="ct-denoise-nlm")
    found = preview(request, (10.0, 10.0, 21.0))
    assert np.array_equal(found.image.voxels, synthesize(request).image.voxels[7:8])
    assert any("saw 5 slices of 12" in warning for warning in found.warnings)


@pytest.mark.parametrize(("index", "filled"), [(5, True), (0, False)])
def test_a_mask_is_filled_on_the_slice_alone(index: int, filled: bool) -> None:
    image = Image(limb((10, 60, 70)).astype(np.float32), make_affine((1.0, 1.0, 3.0)), "T1")
    region = np.zeros(image.shape, bool)
    region[4:7, 25:35, 30:42] = True
    request = SynthesisRequest("inpaint", {"T1": image}, mask=image.with_voxels(region))
    found = preview(request, (0.0, 0.0, 3.0 * index)).image.voxels[0]
    assert np.array_equal(found[~region[index]], image.voxels[index][~region[index]])
    assert np.array_equal(found, image.voxels[index]) is not filled
    whole = synthesize(request).image.voxels[index]
    assert np.array_equal(found, whole)


def test_a_point_just_beside_takes_the_last_slice_and_one_far_away_is_an_error(
    a_random_bundle: Callable[..., str],
) -> None:
    image = Image(limb((6, 40, 48)).astype(np.float32), make_affine((1.0, 1.0, 3.0)), "T1")
    request = SynthesisRequest("mr-to-ct", {"T1": image}, model=a_random_bundle())
    assert preview(request, (0.0, 0.0, 17.0)).image.origin[2] == 15.0
    for z in (-30.0, 60.0):
        with pytest.raises(InputError, match="beyond"):
            preview(request, (0.0, 0.0, z))


def test_what_the_whole_refuses_the_preview_refuses() -> None:
    image = Image(hounsfield((5, 60, 70)), make_affine((1.0, 1.0, 3.0)), "T1")
    with pytest.raises(RefusedError) as caught:
        preview(SynthesisRequest("mr-to-ct", {"T1": image}), (0.0, 0.0, 0.0))
    assert any(check.outcome == "refuse" for check in caught.value.checks)


def test_it_can_be_cancelled(a_random_bundle: Callable[..., str]) -> None:
    image = Image(limb((6, 40, 48)).astype(np.float32), make_affine((1.0, 1.0, 3.0)), "T1")
    request = SynthesisRequest("mr-to-ct", {"T1": image}, model=a_random_bundle())
    with pytest.raises(CancelledError):
        preview(request, (0.0, 0.0, 3.0), cancelled=lambda: True)
