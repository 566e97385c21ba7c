"""What super-resolution is trained on and judged by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from SynthCore.models.networks import SliceUNet
from SynthCore.models.parse_card import parse_card
from SynthCore.physics.thick_slices import ThickStack, along_first
from SynthCore.training.cards import finish_block
from SynthCore.training.recipe import fold, refuse_leakage
from SynthCore.training.registry import get_recipe, open_data
from SynthCore.training.super_resolution import apply, card, sampler, thinned, validate
from SynthCore.training.super_resolution.volumes import MR_NORMALIZATION, Volume, volumes

RECIPE = get_recipe("super-resolution-mr-ct")


def a_volume(
    patient: str = "one", *, kind: str = "brain", isotropic: bool = True, contrast: bool = False
) -> Volume:
    rng = np.random.default_rng(4)
    k, j, i = np.indices((60, 110, 100)) / 15
    voxels = 0.6 + 0.3 * np.sin(k + 0.3 * j) * np.cos(i - 0.2 * k)
    voxels += rng.normal(0, 0.02, voxels.shape)
    points = np.argwhere(np.ones((60, 110, 100))[::9, ::9, ::9]) * 9
    apart = 1.0 if isotropic else 3.0
    return Volume(patient, kind, voxels.astype(np.float16), contrast, isotropic, apart, points)


@pytest.mark.parametrize("isotropic", [True, False])
def test_a_batch_is_what_the_smoothest_slices_lack(isotropic: bool) -> None:
    drawn = sampler.ThinnedPlanes([a_volume(isotropic=isotropic)], 6, 48)
    batch = drawn.draw(np.random.default_rng(0))
    again = drawn.draw(np.random.default_rng(0))
    assert batch.x.shape == (6, 6, 48, 48)
    assert batch.y.shape == batch.weight.shape == (6, 1, 48, 48)
    assert torch.equal(batch.x, again.x)
    assert torch.equal(batch.y, again.y)
    whole = batch.x[:, 1:2] + sampler.CHANGE_SCALE * batch.y
    # the truth is sharper along the slices than what the network sees
    assert whole.diff(dim=2).abs().mean() > 1.02 * batch.x[:, 1:2].diff(dim=2).abs().mean()
    assert 0.2 < float(whole.mean()) < 1.0
    # where a made slice lies is the same along a row
    place = batch.x[:, 3:]
    assert torch.equal(place, place[:, :1, :, :1].expand_as(place))
    assert 0 <= float(place.min()) <= float(place.max()) <= 1.05


@pytest.mark.parametrize(("kind", "isotropic"), [("brain", True), ("limb", False)])
def test_what_was_interpolated_before_has_less_to_add(kind: str, isotropic: bool) -> None:
    volume = a_volume(kind=kind, isotropic=isotropic)

    def added(interpolated: float) -> float:
        drawn = sampler.ThinnedPlanes([volume], 8, 48, interpolated)
        batches = [drawn.draw(np.random.default_rng(n)) for n in range(4)]
        assert all(batch.x.shape == (8, 6, 48, 48) for batch in batches)
        return float(torch.cat([batch.y for batch in batches]).abs().mean())

    assert added(1.0) < 0.7 * added(0.0)


def test_contrast_is_bent_only_where_intensities_have_no_scale() -> None:
    def spread(contrast: bool) -> float:
        drawn = sampler.ThinnedPlanes([a_volume(contrast=contrast)], 8, 48)
        batches = [drawn.draw(np.random.default_rng(n)) for n in range(4)]
        return float(torch.cat([b.x[:, 1].mean(dim=(1, 2)) for b in batches]).std())

    assert spread(True) > 1.25 * spread(False)


def test_a_network_that_adds_nothing_leaves_the_smoothest_slices() -> None:
    network = SliceUNet(6, (4, 4, 4, 4)).eval()
    torch.nn.init.zeros_(network.out.weight)
    torch.nn.init.zeros_(network.out.bias)  # type: ignore[arg-type]
    rng = np.random.default_rng(2)
    thick = 500 + 100 * rng.random((6, 24, 20), dtype=np.float32)
    stack = ThickStack(6, 21)
    made = apply.made(network, thick, stack, MR_NORMALIZATION, 0.0)
    np.testing.assert_allclose(made, along_first(stack.smoothest, thick), atol=1e-2)


def a_case(tmp_path: Path, spacing: float) -> thinned.Thinned:
    """A body in a file, as `thinned` reads it."""
    import SimpleITK as sitk

    k, j, i = np.indices((26, 60, 56))
    inside = ((j - 30) / 24) ** 2 + ((i - 28) / 22) ** 2 < 1
    waves = 400 + 200 * np.sin(k / 2.2 + i / 6) * np.cos(j / 5)
    image = sitk.GetImageFromArray((inside * waves).astype(np.float32))
    image.SetSpacing((1.0, 1.0, spacing))
    image.SetDirection((1, 0, 0, 0, -1, 0, 0, 0, -1))
    image.SetOrigin((5.0, 6.0, 7.0))
    sitk.WriteImage(image, str(tmp_path / "body.nii.gz"))
    return thinned.thinned(tmp_path, "somebody", "body.nii.gz", "T1", 3)


@pytest.mark.parametrize("spacing", [1.0, 2.9])
def test_a_thinned_volume_is_judged_on_its_original_slices(tmp_path: Path, spacing: float) -> None:
    case = a_case(tmp_path, spacing)
    assert case.full.shape[0] == 3 * case.thick.shape[0] == 24
    means = case.full.voxels.reshape(8, 3, *case.full.shape[1:]).mean(axis=1)
    np.testing.assert_allclose(case.thick.voxels, means, rtol=1e-5)
    # the first thick slice lies where the middle of its three does
    first = case.thick.affine[:3, 3]
    np.testing.assert_allclose(first, (case.full.affine @ (0, 0, 1, 1))[:3], atol=1e-6)
    perfect = thinned.score(case.full.voxels, case)
    assert perfect["psnr_db"] > 100
    assert perfect["ssim"] == pytest.approx(1)
    stack = ThickStack(8, round(8 * 3 * spacing))
    scores = {n: thinned.score(make(case, stack), case) for n, make in validate.PEERS.items()}
    assert scores["smoothest"]["psnr_db"] > scores["B-spline"]["psnr_db"]
    assert scores["B-spline"]["psnr_db"] > 15
    assert scores["cubic"]["mae"] > scores["smoothest"]["mae"]


def test_cubic_convolution_keeps_ramps() -> None:
    stack = ThickStack(10, 40)
    matrix = validate.cubic_matrix(stack)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-12)
    ramp = matrix @ np.arange(10.0)
    np.testing.assert_allclose(np.diff(ramp)[8:-8], 0.25, atol=1e-9)


def test_the_card_is_one_the_engine_reads() -> None:
    block = finish_block(
        RECIPE, card.block(RECIPE, ["open_ms_cross_patient07", "STS_003"]), seed=0, steps=1,
        minutes=1.0, machine="a machine", parameters=1, statistics={}, quality=[],
    )  # fmt: skip
    block["weights_sha256"] = "0" * 64
    metadata: dict[str, Any] = {"version": "0.1.0", "synthcore": block}
    read = parse_card(metadata, "here")
    assert read.channels == RECIPE.channels
    assert read.prepare.planes == "through"
    assert read.output.denormalize
    assert set(read.prepare.normalization) == set(RECIPE.roles)
    assert all(read.makes(role) for role in RECIPE.roles)


@pytest.mark.data
def test_a_patient_can_be_left_out_and_nobody_unknown(real_data: Path, tmp_path: Path) -> None:
    kept = fold(RECIPE, ["STS_003"])
    assert "STS_003" not in {volume.patient for volume in volumes(real_data, kept.validation)}
    with pytest.raises(InputError, match="no patient STS_3"):
        open_data(fold(RECIPE, ["STS_3"]), real_data, tmp_path, 0)


@pytest.mark.data
def test_nobody_that_is_judged_is_trained_on(real_data: Path) -> None:
    found = {volume.patient for volume in volumes(real_data, RECIPE.validation)}
    judged = {patient for patient, *_ in thinned.cases(real_data)}
    assert found
    assert judged
    assert not found & judged
    assert judged <= set(RECIPE.validation)
    refuse_leakage(RECIPE, found)


def test_an_image_of_nothing_is_not_scored_as_perfect() -> None:
    rng = np.random.default_rng(0)
    full = Image(100 + rng.random((8, 20, 20), dtype=np.float32), make_affine((1, 1, 1)), "T1")
    thick = Image(full.voxels.reshape(4, 2, 20, 20).mean(axis=1), make_affine((1, 1, 2)), "T1")
    case = thinned.Thinned("x T1", 2, full, thick, np.ones(full.shape, dtype=bool))
    assert thinned.score(np.zeros_like(full.voxels), case)["psnr_db"] < 5
