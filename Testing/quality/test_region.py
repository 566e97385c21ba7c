"""What is scored, what is said of it, and what was found when the files were read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from SynthCore.errors import CancelledError, InputError
from SynthCore.image import Image, make_affine
from SynthCore.quality.evaluate import evaluate, tissue_mask
from SynthCore.quality.presets import PRESETS
from SynthCore.request import or_stop

Pair = tuple[Image, Image]


def mask_of(image: Image, voxels: np.ndarray) -> Image:
    return image.with_voxels(voxels.astype(np.uint8), modality="", unit="1")


def box(image: Image, *sides: slice) -> np.ndarray:
    found = np.zeros(image.shape, dtype=bool)
    found[sides] = True
    return found


@pytest.fixture
def mr_pair() -> Pair:
    """A round head in air, and a noisy copy: (synthetic, reference)."""
    k, j, i = np.mgrid[:16, :40, :44]
    head = (j - 20) ** 2 + (i - 22) ** 2 < 15**2
    reference = np.where(head, 300 + 100 * np.sin(i / 3) + 10 * k, 0.0)
    noise = np.random.default_rng(5).normal(0, 20, reference.shape)
    affine = make_affine((1.0, 1.0, 2.0))
    return Image(np.where(head, reference + noise, 0.0), affine, "T2"), Image(
        reference, affine, "T2"
    )


@pytest.mark.parametrize("preset", ["brasyn", "brats-inpaint"])
def test_a_mask_in_air_is_no_perfect_score(mr_pair: Pair, preset: str) -> None:
    corner = mask_of(mr_pair[1], box(mr_pair[1], slice(4), slice(4), slice(4)))
    with pytest.raises(InputError, match="lies in the air of the reference"):
        evaluate(*mr_pair, preset=preset, mask=corner)


def test_a_mask_in_air_is_refused_for_ct(ct_pair: Pair) -> None:
    corner = mask_of(ct_pair[1], box(ct_pair[1], slice(4), slice(3), slice(3)))
    with pytest.raises(InputError, match="lies in the air of the reference"):
        evaluate(*ct_pair, preset="synthrad2023", mask=corner)


def test_a_mask_on_a_part_that_was_not_found_as_body_is_scored_and_told(mr_pair: Pair) -> None:
    """An arm beside the trunk is less than a tenth of it."""
    reference = mr_pair[1]
    arm = box(reference, slice(4, 12), slice(18, 22), slice(0, 3))
    both = [image.with_voxels(np.where(arm, 350, image.voxels)) for image in mr_pair]
    found = evaluate(*both, preset="brasyn", mask=mask_of(reference, arm))
    assert any("100% of the mask lies outside the body" in note for note in found.notes)


def test_the_part_of_a_mask_outside_the_body_is_told(mr_pair: Pair) -> None:
    synthetic, reference = mr_pair
    half = mask_of(reference, box(reference, slice(4, 8), slice(18, 22), slice(1, 15)))
    found = evaluate(synthetic, reference, preset="brats-inpaint", mask=half)
    assert any("50% of the mask lies outside the body" in note for note in found.notes)
    inside = mask_of(reference, box(reference, slice(4, 8), slice(18, 22), slice(20, 26)))
    assert evaluate(synthetic, reference, preset="brats-inpaint", mask=inside).notes == ()


def test_a_lesion_does_not_enlarge_the_body(mr_pair: Pair) -> None:
    synthetic, reference = mr_pair
    everywhere = mask_of(reference, np.ones(reference.shape))
    alone = evaluate(synthetic, reference, preset="brasyn")
    found = evaluate(synthetic, reference, preset="brasyn", mask=everywhere)
    assert found.voxels == alone.voxels
    for name, value in alone.metrics.items():
        assert found.metrics[name] == value


def test_an_mr_whose_air_is_not_its_lowest_value_is_told(mr_pair: Pair) -> None:
    synthetic, reference = mr_pair
    head = reference.voxels > 0
    inside = reference.voxels[head]
    scaled = np.where(head, (reference.voxels - inside.mean()) / inside.std(), 0.0)
    found = evaluate(synthetic, reference.with_voxels(scaled), preset="brasyn")
    (told,) = found.notes
    assert "fills 100% of its grid" in told and "lowest value" in told
    assert evaluate(synthetic, reference, preset="brasyn").notes == ()


def test_the_share_of_the_body_that_a_reference_shows_is_told(ct_pair: Pair) -> None:
    synthetic, reference = ct_pair
    third = Image(reference.voxels[:4].copy(), reference.affine, "CT", "HU")
    found = evaluate(synthetic, third, preset="synthrad2023", resample=True)
    assert any("shows 33% of the body in the synthetic image" in note for note in found.notes)
    whole = evaluate(synthetic, reference, preset="synthrad2023", resample=True)
    assert whole.notes == ()


@pytest.mark.parametrize("preset", ["brasyn", "brats-inpaint"])
@pytest.mark.parametrize("start", [(4, 0, 0), (3, 6, 8)])
def test_figures_of_an_mr_are_of_what_the_reference_shows(
    mr_pair: Pair, preset: str, start: tuple[int, int, int]
) -> None:
    """As if the synthetic image had been cut to it before: what lies beyond gives no range."""
    # beyond the reference stands 0, which is darker than its air
    synthetic, reference = (image.with_voxels(image.voxels + 1000) for image in mr_pair)
    hole = mask_of(reference, box(reference, slice(6, 8), slice(18, 22), slice(20, 26)))
    shown = tuple(slice(n, m - n + 1) for n, m in zip(start, reference.shape, strict=True))
    affine = reference.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ start[::-1]

    def cut(image: Image) -> Image:
        return replace(image, voxels=image.voxels[shown].copy(), affine=affine)

    alone = evaluate(cut(synthetic), cut(reference), preset=preset, mask=cut(hole))
    found = evaluate(synthetic, cut(reference), preset=preset, mask=hole, resample=True)
    assert found.voxels == alone.voxels
    assert found.clip == pytest.approx(alone.clip, rel=1e-6)  # resampled images are float32
    assert found.metrics == pytest.approx(alone.metrics, rel=1e-4, nan_ok=True)


def test_images_that_only_clipping_makes_equal_are_told(ct_pair: Pair) -> None:
    _, reference = ct_pair
    metal = box(reference, slice(4, 6), slice(30, 34), slice(34, 38))
    made, real = (reference.with_voxels(np.where(metal, v, reference.voxels)) for v in (3200, 4000))
    found = evaluate(made, real, preset="synthrad2023")
    assert np.isinf(found.metrics["psnr_db"]) and found.metrics["mae_hu"] > 0
    assert any("equal once clipped" in note for note in found.notes)


@pytest.mark.parametrize("preset", ["ldct-bench", "redcnn"])
def test_slices_that_psnr_leaves_out_are_counted(ct_pair: Pair, preset: str) -> None:
    synthetic, reference = ct_pair
    voxels = reference.voxels.copy()
    voxels[:3] = synthetic.voxels[:3]
    found = evaluate(reference.with_voxels(voxels), reference, preset=preset)
    assert any(note.startswith("9 of 12 slices are equal") for note in found.notes)
    assert evaluate(synthetic, reference, preset=preset).notes == ()


def test_what_reading_found_is_told(mr_pair: Pair) -> None:
    synthetic, reference = mr_pair
    hole = mask_of(reference, box(reference, slice(4, 8), slice(18, 22), slice(20, 26)))
    found = evaluate(
        replace(synthetic, notes=("One.",)),
        replace(reference, notes=("Two.",)),
        preset="brats-inpaint",
        mask=replace(hole, notes=("Three.",)),
    )
    assert found.notes == ("synthetic image: One.", "reference: Two.", "Three.")


def turned(image: Image) -> Image:
    """The same voxels, rows stored from the other end."""
    affine = image.affine.copy()
    affine[:3, 3] += affine[:3, 1] * (image.shape[1] - 1)
    affine[:3, 1] *= -1
    return replace(image, voxels=image.voxels[:, ::-1].copy(), affine=affine)


def test_images_stored_in_another_order_share_their_tissue(ct_pair: Pair) -> None:
    synthetic, reference = ct_pair
    mr = Image(reference.voxels + 1000, reference.affine, "T1")
    plain = evaluate(synthetic, reference, preset="synthrad2023", mask=tissue_mask(mr, reference))
    for other, ct in ((mr, turned(reference)), (turned(mr), reference)):
        mask = tissue_mask(other, ct)
        found = evaluate(synthetic, ct, preset="synthrad2023", mask=mask)
        assert found.metrics == plain.metrics and found.voxels == plain.voxels


@pytest.mark.parametrize("preset", PRESETS)
def test_metrics_are_named_before_they_are_measured(
    ct_pair: Pair, mr_pair: Pair, preset: str
) -> None:
    pair = ct_pair if PRESETS[preset].unit == "HU" else mr_pair
    hole = mask_of(pair[1], box(pair[1], slice(4, 8), slice(18, 22), slice(20, 26)))
    told: list[tuple[float, str]] = []
    found = evaluate(
        *pair, preset=preset, mask=hole, progress=lambda done, what: told.append((done, what))
    )
    fractions, stages = zip(*told, strict=True)
    assert list(fractions) == sorted(fractions) and fractions[0] == 0 and fractions[-1] < 1
    assert {"MAE", "PSNR", "SSIM"} <= set(stages)
    assert evaluate(*pair, preset=preset, mask=hole).metrics == found.metrics


def test_it_ends_between_two_metrics_where_it_is_cancelled(ct_pair: Pair) -> None:
    told: list[str] = []

    def asked_before(stage: str) -> Callable[[], bool]:
        return lambda: stage in told

    stop = or_stop(lambda _, stage: told.append(stage), asked_before("PSNR"))
    with pytest.raises(CancelledError):
        evaluate(*ct_pair, preset="synthrad2023", progress=stop)
    assert told[-1] == "PSNR"
