"""The evaluation: presets, masks, grids, refusals, and what is printed."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from SynthCore.quality.evaluate import default_preset, evaluate, onto_grid, tissue_mask
from SynthCore.quality.masks import body_mask_ct
from SynthCore.quality.presets import PRESETS, get_preset

HU_PRESETS = [name for name, preset in PRESETS.items() if preset.unit == "HU"]


def mask_like(image: Image, voxels: np.ndarray) -> Image:
    return image.with_voxels(voxels.astype(np.uint8), modality="", unit="1")


@pytest.fixture
def mr_pair() -> tuple[Image, Image]:
    rng = np.random.default_rng(5)
    k, j, i = np.mgrid[:16, :40, :44]
    head = (j - 20) ** 2 + (i - 22) ** 2 < 17**2
    reference = np.where(head, 300 + 100 * np.sin(i / 3) + 10 * k, 0.0)
    synthetic = np.where(head, reference + rng.normal(0, 20, reference.shape), 0.0)
    affine = make_affine((1.0, 1.0, 2.0))
    return Image(synthetic, affine, "T2"), Image(reference, affine, "T2")


@pytest.mark.parametrize("preset", HU_PRESETS)
def test_what_is_printed_in_hu(ct_pair, preset: str) -> None:
    synthetic, reference = ct_pair
    mask = body_mask_ct(reference.voxels, reference.spacing)
    found = evaluate(synthetic, reference, preset=preset, mask=mask_like(synthetic, mask))
    printed = found.to_json_dict()
    documented = ["preset", "metrics", "mask", "clip", "data_range", "voxels"]
    assert list(printed) == [*documented, "window", "notes"]
    assert printed["preset"] == preset
    assert {"mae_hu", "me_hu", "rmse_hu", "psnr_db", "ssim", "dice_bone"} <= set(printed["metrics"])
    assert printed["voxels"] == mask.sum()
    json.dumps(printed, allow_nan=False)
    error = synthetic.voxels[mask].astype(float) - reference.voxels[mask]
    assert found.metrics["mae_hu"] == pytest.approx(np.abs(error).mean())
    assert found.metrics["me_hu"] == pytest.approx(error.mean())
    assert found.metrics["dice_body"] > 0.98


def test_no_dice_of_a_body_that_fills_the_image(ct_pair) -> None:
    inner = [replace(one, voxels=one.voxels[:, 16:48, 16:56].copy()) for one in ct_pair]
    for image in inner:
        image.voxels[0, 0, 0] = -1000.0  # a bubble: CT numbers reach to that of air
    assert "dice_body" not in evaluate(*inner, preset="synthrad2023").metrics


def test_synthrad_psnr_and_ssim_follow_their_definition(ct_pair) -> None:
    synthetic, reference = ct_pair
    mask = np.zeros(reference.shape, dtype=bool)
    mask[2:11, 20:50, 25:60] = True
    found = evaluate(
        synthetic, reference, preset="synthrad2023", mask=mask_like(synthetic, mask)
    ).metrics
    a, b = (np.clip(v.voxels.astype(float), -1024, 3000) for v in (synthetic, reference))
    assert found["psnr_db"] == pytest.approx(10 * math.log10(4024**2 / ((a - b)[mask] ** 2).mean()))
    a, b = (np.where(mask, v, -1024.0) + 1024 for v in (a, b))
    _, similarity = structural_similarity(b, a, data_range=4024, full=True)
    inner = (slice(3, -3),) * 3
    assert found["ssim"] == pytest.approx(similarity[inner][mask[inner]].mean(), abs=1e-12)


def test_only_psnr_and_ssim_are_clipped(ct_pair) -> None:
    synthetic, reference = ct_pair
    metal = synthetic.voxels.copy()
    metal[5, 30, 38] = 20000.0
    beyond = synthetic.voxels.copy()
    beyond[5, 30, 38] = 3000.0
    preset = {"preset": "synthrad2023"}
    high = evaluate(synthetic.with_voxels(metal), reference, **preset).metrics
    low = evaluate(synthetic.with_voxels(beyond), reference, **preset).metrics
    assert high["mae_hu"] > low["mae_hu"]
    assert high["psnr_db"] == pytest.approx(low["psnr_db"])
    assert high["ssim"] == pytest.approx(low["ssim"])


def test_ldct_bench_windows_and_whole_slices(ct_pair) -> None:
    synthetic, reference = ct_pair
    small = np.zeros(reference.shape, dtype=bool)
    small[5, 30, 30] = True
    found = evaluate(
        synthetic, reference, preset="ldct-bench", mask=mask_like(synthetic, small)
    ).metrics
    # DICOM's window function: C 50, W 400 is 1 at 249 HU and 0 at -150 HU
    a, b = (np.clip((v.voxels.astype(float) + 150) / 399, 0, 1) for v in (synthetic, reference))
    psnr = [-10 * math.log10(((p - q) ** 2).mean()) for p, q in zip(a, b, strict=True)]
    ssim = [structural_similarity(q, p, data_range=1.0) for p, q in zip(a, b, strict=True)]
    assert found["psnr_db"] == pytest.approx(np.mean(psnr))
    assert found["ssim"] == pytest.approx(np.mean(ssim), abs=1e-12)
    a, b = (np.clip(v.voxels.astype(float), -1024, 1900) for v in (synthetic, reference))
    rmse = [math.sqrt(((p - q) ** 2).mean()) for p, q in zip(a, b, strict=True)]
    assert found["rmse_hu"] == pytest.approx(np.mean(rmse))
    assert 0 < found["vif"] < 1
    chest = evaluate(synthetic, reference, preset="ldct-bench:chest").metrics
    assert chest["psnr_db"] > found["psnr_db"]  # the wider window hides the noise
    assert chest["rmse_hu"] == pytest.approx(found["rmse_hu"])


def test_redcnn_follows_its_definition(ct_pair) -> None:
    synthetic, reference = ct_pair
    found = evaluate(synthetic, reference, preset="redcnn").metrics
    a, b = (np.clip(v.voxels.astype(float), -160, 240) for v in (synthetic, reference))
    ssim = [
        structural_similarity(
            q, p, data_range=400, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        for p, q in zip(a, b, strict=True)
    ]
    assert found["ssim"] == pytest.approx(np.mean(ssim), abs=1e-12)
    assert "vif" not in found


def test_brats_inpaint_by_hand(mr_pair) -> None:
    synthetic, reference = mr_pair
    hole = np.zeros(reference.shape, dtype=bool)
    hole[5:12, 15:25, 15:30] = True
    found = evaluate(synthetic, reference, preset="brats-inpaint", mask=mask_like(reference, hole))
    low, high = np.percentile(np.where(hole, 0, reference.voxels), (0.5, 99.5))
    a, b = (np.clip((v.voxels - low) / (high - low), 0, 1)[hole] for v in (synthetic, reference))
    assert found.clip == pytest.approx((low, high))
    assert found.metrics["mse"] == pytest.approx(((a - b) ** 2).mean())
    assert found.metrics["psnr_db"] == pytest.approx(-10 * math.log10(((a - b) ** 2).mean()))
    assert {"mae", "me", "rmse", "ssim"} <= set(found.metrics)
    # what lies outside the hole does not count
    spoiled = synthetic.with_voxels(np.where(hole, synthetic.voxels, 9999.0))
    again = evaluate(spoiled, reference, preset="brats-inpaint", mask=mask_like(reference, hole))
    assert again.metrics == pytest.approx(found.metrics)


def test_brasyn_scores_the_lesion_apart(mr_pair) -> None:
    synthetic, reference = mr_pair
    lesion = np.zeros(reference.shape, dtype=bool)
    lesion[6:10, 18:24, 18:26] = True
    spoiled = synthetic.with_voxels(np.where(lesion, 200.0, synthetic.voxels))
    found = evaluate(spoiled, reference, preset="brasyn", mask=mask_like(reference, lesion))
    whole = evaluate(spoiled, reference, preset="brasyn")
    assert found.metrics["ssim_lesion"] < 0.3 < found.metrics["ssim_rest"]
    assert found.metrics["ssim"] == pytest.approx(whole.metrics["ssim"])
    assert "ssim_lesion" not in whole.metrics
    assert "lesion" in found.mask


def test_a_scaled_mr_scores_as_the_image_it_is_a_multiple_of(mr_pair) -> None:
    synthetic, reference = mr_pair
    twice = synthetic.with_voxels(synthetic.voxels * 2)
    assert evaluate(twice, reference, preset="brasyn").metrics == pytest.approx(
        evaluate(synthetic, reference, preset="brasyn").metrics
    )


def test_without_a_mask_the_body_of_the_reference_counts(ct_pair) -> None:
    synthetic, reference = ct_pair
    found = evaluate(synthetic, reference, preset="synthrad2023")
    body = body_mask_ct(reference.voxels, reference.spacing)
    assert found.voxels == body.sum()
    assert found.mask.startswith("the body in the reference")
    given = evaluate(synthetic, reference, preset="synthrad2023", mask=mask_like(reference, body))
    assert given.mask.startswith("the mask given")
    assert given.metrics == pytest.approx(found.metrics)


def test_equal_images_print_valid_json(ct_pair) -> None:
    _, reference = ct_pair
    found = evaluate(reference, reference, preset="synthrad2025")
    assert found.metrics["psnr_db"] == math.inf
    printed = json.loads(json.dumps(found.to_json_dict(), allow_nan=False))
    assert printed["metrics"]["psnr_db"] is None
    assert printed["metrics"]["mae_hu"] == 0.0
    assert printed["metrics"]["ms_ssim"] == pytest.approx(1.0)


def test_a_metric_that_is_not_defined_is_said(ct_pair) -> None:
    thin = [Image(v.voxels[:3], v.affine, "CT", "HU") for v in ct_pair]
    found = evaluate(*thin, preset="synthrad2023")
    assert math.isnan(found.metrics["ssim"])
    assert found.to_json_dict()["metrics"]["ssim"] is None
    assert any("ssim" in note for note in found.notes)


def test_another_grid_is_refused_unless_resampling_is_asked_for(ct_pair) -> None:
    synthetic, reference = ct_pair
    moved = Image(reference.voxels, make_affine((1, 1, 3), (0.0, 0.0, 6.0)), "CT", "HU")
    with pytest.raises(InputError, match="different grids"):
        evaluate(synthetic, moved, preset="synthrad2023")
    found = evaluate(synthetic, moved, preset="synthrad2023", resample=True)
    assert "resampled" in found.notes[0]
    # two of the twelve slices lie below the moved reference and cannot be scored
    inside = Image(synthetic.voxels[2:], make_affine((1, 1, 3), (0, 0, 6)), "CT", "HU")
    apart = Image(reference.voxels[:10], make_affine((1, 1, 3), (0, 0, 6)), "CT", "HU")
    expected = evaluate(inside, apart, preset="synthrad2023")
    assert found.voxels == expected.voxels
    assert found.metrics["mae_hu"] == pytest.approx(expected.metrics["mae_hu"], rel=1e-5)


@pytest.mark.parametrize("preset", ["ldct-bench", "redcnn"])
def test_what_the_reference_does_not_cover_is_no_perfect_slice(ct_pair, preset: str) -> None:
    synthetic, reference = ct_pair
    k, j, i = slice(0, 9), slice(0, 50), slice(4, 60)
    affine = make_affine((1, 1, 3), (4.0, 0.0, 0.0))
    part = Image(reference.voxels[k, j, i].copy(), affine, "CT", "HU")
    found = evaluate(synthetic, part, preset=preset, resample=True)
    made = Image(synthetic.voxels[k, j, i].copy(), affine, "CT", "HU")
    expected = evaluate(made, part, preset=preset)
    for name in ("rmse_hu", "psnr_db", "ssim"):
        assert found.metrics[name] == pytest.approx(expected.metrics[name], rel=1e-4)
    assert any("9 of 12 slices, 50 x 56 of 64 x 72 pixels" in note for note in found.notes)


def test_a_hole_that_leaves_nothing_to_scale_by_is_refused(mr_pair) -> None:
    synthetic, reference = mr_pair
    body = mask_like(reference, reference.voxels > 0)
    with pytest.raises(InputError, match="of the body: the preset brats-inpaint takes its range"):
        evaluate(synthetic, reference, preset="brats-inpaint", mask=body)


def test_voxels_of_the_mask_beyond_the_reference_are_said(ct_pair) -> None:
    synthetic, reference = ct_pair
    short = Image(reference.voxels[:9], reference.affine, "CT", "HU")
    everywhere = mask_like(synthetic, np.ones(synthetic.shape))
    found = evaluate(synthetic, short, preset="synthrad2023", mask=everywhere, resample=True)
    assert found.voxels == 9 * 64 * 72
    assert any(f"{3 * 64 * 72} voxels" in note for note in found.notes)


def test_refusals_are_sentences(ct_pair, mr_pair) -> None:
    synthetic, reference = ct_pair
    mr = mr_pair[0]
    far = Image(reference.voxels, make_affine((1, 1, 3), (900, 0, 0)), "CT", "HU")
    nothing = mask_like(reference, np.zeros(reference.shape))
    elsewhere = Image(np.ones(reference.shape), make_affine((1, 1, 2)))
    bad = reference.voxels.copy()
    bad[0, 0, 0] = np.nan
    air = reference.with_voxels(np.full(reference.shape, -1000.0))
    cases = [
        ({"preset": "fid"}, reference, "no preset 'fid'"),
        ({"preset": "synthrad2023"}, mr, "arbitrary units"),
        ({"preset": "brasyn"}, reference, "in arbitrary units, but"),
        ({"preset": "synthrad2023", "mask": nothing}, reference, "mask is empty"),
        ({"preset": "synthrad2023", "mask": elsewhere}, reference, "not on the grid"),
        ({"preset": "synthrad2023", "resample": True}, far, "do not overlap"),
        ({"preset": "synthrad2023"}, reference.with_voxels(bad), "not finite"),
        ({"preset": "synthrad2023"}, air, "these are not CT numbers"),
    ]
    for arguments, other, words in cases:
        with pytest.raises(InputError, match=words) as caught:
            evaluate(synthetic, other, **arguments)
        assert "\n" not in str(caught.value)
        assert str(caught.value).endswith(".")
    with pytest.raises(InputError, match="hole"):
        evaluate(mr, mr, preset="brats-inpaint")


def test_helpers_of_the_command_line(ct_pair) -> None:
    synthetic, reference = ct_pair
    moved = Image(reference.voxels, make_affine((1, 1, 3), (2.0, 0.0, 0.0)), "CT", "HU")
    assert onto_grid(reference, synthetic) is reference
    shifted = onto_grid(moved, synthetic)
    assert shifted.same_grid(synthetic)
    np.testing.assert_allclose(shifted.voxels[:, :, 2:], reference.voxels[:, :, :-2], atol=0.01)
    assert (shifted.voxels[:, :, :2] == -1000).all()
    mr = Image(reference.voxels + 1000, reference.affine, "T1")
    mask = tissue_mask(mr, reference)
    assert mask.same_grid(reference)
    assert 0 < mask.voxels.sum() < (reference.voxels > -300).sum()
    with pytest.raises(InputError, match="different grids"):
        tissue_mask(mr, moved)
    with pytest.raises(InputError, match="no tissue"):
        tissue_mask(mr, reference.with_voxels(reference.voxels * 0 - 1000))
    for task in ("mr-to-ct", "ct-denoise", "mr-sequence", "inpaint"):
        assert default_preset(task) in PRESETS
    assert PRESETS[default_preset("inpaint", "CT")].unit == "HU"


def test_presets_say_all_four_things() -> None:
    assert get_preset(" SynthRAD2025 ").clip == (-1024.0, 3071.0)
    assert get_preset("ldct-bench").display == get_preset("ldct-bench:abdomen").display
    for preset in PRESETS.values():
        assert preset.window
        assert preset.mask_rule
        assert preset.data_range > 0
        assert preset.clip is not None or "percentiles" in " ".join(preset.uses.values())


@pytest.mark.data
def test_water_in_a_real_leg_scores_as_known(real_pair) -> None:
    """Water at 40 HU against the real CT in the tissue of both: known to be near 73 HU."""
    mr = real_pair["T1"]
    water = mr.with_voxels(np.full(mr.shape, 40.0, dtype=np.float32), modality="CT", unit="HU")
    mask = mask_like(mr, real_pair["mask"].voxels)
    found = evaluate(
        water, real_pair["CT"], preset="synthrad2023", mask=mask, resample=True
    ).metrics
    assert 65 < found["mae_hu"] < 85
    assert found["dice_bone"] == 0.0
    assert found["me_bone_hu"] < -300
    assert found["me_fat_hu"] > 100
