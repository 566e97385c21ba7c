"""Studies, looks, crops, batches and baselines of the recipe for missing sequences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from SynthCore.errors import InputError
from SynthCore.models.parse_card import LONGEST_ID
from SynthCore.training.recipe import Stage, fold
from SynthCore.training.run import GENERATED, shared_identity, take_over
from SynthCore.training.sequence.crops import Cut, cut_window, draw_cut, warp
from SynthCore.training.sequence.data import open_data
from SynthCore.training.sequence.looks import draw_curves
from SynthCore.training.sequence.lookup import LookupTable
from SynthCore.training.sequence.pool import read_pool, write_pool
from SynthCore.training.sequence.recipe import RECIPE
from SynthCore.training.sequence.register import onto_first
from SynthCore.training.sequence.sampler import SequenceSampler
from SynthCore.training.sequence.score import score
from SynthCore.training.sequence.studies import (
    QUANTILES,
    ROLES,
    Study,
    make_study,
    read_studies,
    shown,
)
from SynthCore.training.state import start

FOUR = ROLES[:4]
PLAIN = np.eye(2)


def study(
    patient: str, seed: int = 0, roles: tuple[str, ...] = FOUR, lesion: bool = False
) -> Study:
    """A ball of brain with noise, its own level in each sequence; a lesion is bright in all."""
    rng = np.random.default_rng(seed)
    k, j, i = np.mgrid[:12, :64, :64].astype(np.float32)
    brain = np.hypot(j - 32, i - 32) < 26
    sick = (np.hypot(j - 30, i - 26) < 5) & (np.abs(k - 6) < 4) if lesion else np.zeros_like(brain)
    images = np.stack(
        [brain * (100.0 * (n + 1) + rng.uniform(0, 50, brain.shape)) for n in range(len(roles))]
    ).astype(np.float32)
    images[:, sick] *= 1.5
    return make_study(patient, roles, images, brain, sick, (1.0, 1.0, 1.0))


def batch_of(*studies: Study, seed: int = 3, **more: object) -> SequenceSampler:
    settings = {"share_real": 1.0, "slices": 3, "batch": 6, "patch": 48, **more}
    return SequenceSampler(studies, (), **settings)  # type: ignore[arg-type]


def test_a_study_is_scaled_by_its_brain_and_zero_outside() -> None:
    one = study("a")
    for role in one.voxels.astype(np.float32):
        assert np.percentile(role[one.brain], 99.5) == pytest.approx(1.0, abs=2e-3)
        assert not role[~one.brain].any()
    assert one.quantiles.shape == (4, len(QUANTILES))


def test_a_look_takes_one_histogram_to_another_and_leaves_the_background() -> None:
    one, other = study("a", 1), replace(study("b", 2), patient="b")
    darker = replace(other, quantiles=other.quantiles * np.float32(0.5))
    for seed in range(40):
        curves = draw_curves(np.random.default_rng(seed), one, [darker], 1.0)
        if np.allclose(curves.target, darker.quantiles):
            break
    else:
        pytest.fail("no draw goes all the way")
    made = curves(one.voxels.astype(np.float32))
    assert not made[:, ~one.brain].any()
    found = np.stack([np.percentile(role[one.brain], QUANTILES) for role in made])
    np.testing.assert_allclose(found, darker.quantiles, atol=0.02)
    same = draw_curves(np.random.default_rng(0), one, [one], 1.0)
    np.testing.assert_array_equal(same(one.voxels.astype(np.float32)), one.voxels)


def test_a_plain_crop_is_the_image_and_thick_slices_are_means() -> None:
    one = study("a")
    still = Cut((6, 31.5, 31.5), 1, PLAIN, np.zeros((2, 5, 5), np.float32))
    window, corner = cut_window(list(one.voxels), still, 3, 32)
    made = warp(window, still, corner, 32).numpy()
    np.testing.assert_allclose(made, one.voxels[:, 5:8, 16:48, 16:48], atol=1e-3)
    thick = replace(still, thick=2)
    window, corner = cut_window(list(one.voxels), thick, 3, 32)
    made = warp(window, thick, corner, 32).numpy()
    expected = one.voxels[:, 5:7, 16:48, 16:48].astype(np.float32).mean(axis=1)
    np.testing.assert_allclose(made[:, 1], expected, atol=1e-3)


def test_what_is_given_is_not_asked_for_and_what_is_missing_has_no_weight() -> None:
    one = study("a", roles=("T1", "T2", "FLAIR"))
    seen = set()
    for seed in range(6):
        batch = batch_of(one).draw(np.random.default_rng(seed))
        given = (batch.x.reshape(6, 5, 3, 48, 48) > -1).flatten(2).any(dim=2)
        asked = batch.weight.flatten(2).sum(dim=2) > 0
        assert not (given & asked).any()
        assert (given | asked)[:, [0, 2, 3]].all()
        assert not (given | asked)[:, [1, 4]].any()
        seen |= {int(n) for n in given.sum(dim=1)}
    assert seen == {1, 2}


def test_nothing_is_learned_where_a_sequence_was_cut_away() -> None:
    """Each brain is cut out by itself; what one sequence lacks no other can tell."""
    raw = np.zeros((2, 12, 64, 64), np.float32)
    raw[0, :, 8:56, 8:56], raw[1, :, 8:56, 8:32] = 100.0, 50.0
    raw[1, 3:9, 30:34, 14:18] = 0.0  # black fluid is shown
    seen = shown(raw)
    assert seen[:, 8:56, 8:32].all() and seen.sum() == 12 * 48 * 24
    one = make_study(
        "a", ("T1", "T2"), raw, raw.any(axis=0), np.zeros_like(seen), (1.0, 1.0, 1.0), seen=seen
    )
    sampler = batch_of(one)
    cut = Cut((6, 27.5, 27.5), 1, PLAIN, np.zeros((2, 5, 5), np.float32))
    _, masks = sampler._cut(one, cut, draw_curves(np.random.default_rng(0), one, [], 0.0))
    assert masks[0].sum() == pytest.approx(one.seen[5:8].sum(), rel=0.02)
    assert masks[0].sum() < 0.6 * one.brain[5:8].sum()


def test_a_study_is_drawn_as_often_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    sampler = batch_of(study("a"), replace(study("b", 1), share=0.25))
    crop = SequenceSampler._crop
    monkeypatch.setattr(
        SequenceSampler,
        "_crop",
        lambda own, rng, one, at: (drawn.append(one.patient), crop(own, rng, one, at))[1],
    )
    for seed in range(50):
        sampler.draw(np.random.default_rng(seed))
    assert drawn.count("b") / len(drawn) == pytest.approx(0.2, abs=0.06)


def test_a_brain_that_is_moved_keeps_its_sharp_rim() -> None:
    """Beside the first sequence by a pixel and a half; linear interpolation alone has a rim."""
    k, j, i = np.mgrid[:12, :64, :64].astype(np.float32)
    images = []
    for shift in (0.0, 1.5):
        brain = np.hypot(j - 32, i - 32 - shift) < 24
        inner = np.hypot(j - 28, i - 38 - shift) < 9
        image = sitk.GetImageFromArray((brain * (200 + 100 * inner + 3 * k)).astype(np.float32))
        images.append(image)
    (_, moved), seen = onto_first(images, stripped=True)
    made, first = sitk.GetArrayFromImage(moved), sitk.GetArrayFromImage(images[0])
    assert seen[:, 8:56, 8:56].all()
    assert not ((made > 0) & (made < 90)).any()
    both = (made > 0) & (first > 0)
    assert both.sum() / (first > 0).sum() > 0.97
    assert np.abs(made - first)[both].mean() < 5.0


def test_the_same_draw_gives_the_same_batch() -> None:
    sampler = batch_of(study("a", 1, lesion=True), study("b", 2))
    a, b = (sampler.draw(np.random.default_rng(7)) for _ in range(2))
    assert torch.equal(a.x, b.x) and torch.equal(a.y, b.y) and torch.equal(a.weight, b.weight)
    assert sampler.patients == ["a", "b"]


def test_a_lesion_is_pasted_into_all_sequences_alike() -> None:
    sick, well = study("sick", 1, lesion=True), study("well", 2)
    sampler = batch_of(sick, well)
    cut = draw_cut(np.random.default_rng(0), (6, 32.0, 32.0), 1)
    curves = draw_curves(np.random.default_rng(0), well, [], 0.0)
    images, masks = sampler._cut(well, cut, curves)
    inside = (masks[0] > 0.5).float()
    for seed in range(30):  # the place is drawn: some lesions fall out of the crop
        rng = np.random.default_rng(seed)
        made, lesion = sampler._paste(rng, well, cut, curves, images, inside, masks[1])
        where = lesion > 0.9
        if where.any():
            break
    assert where.any()
    for before, after in zip(images, made, strict=True):
        assert (after - before)[where].mean() > 0.03
        assert torch.equal(
            after[(lesion == 0) & (inside == 0)], before[(lesion == 0) & (inside == 0)]
        )


def test_a_lookup_table_finds_any_function_of_its_inputs() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0, 1, (2, 4, 60, 60))
    brain = np.ones(a.shape, dtype=bool)
    table = LookupTable.fit([a, b], (a - b) ** 2, brain)
    c, d = rng.uniform(0, 1, (2, 4, 60, 60))
    assert np.abs(table([c, d]) - (c - d) ** 2).mean() < 0.02


def test_a_score_does_not_depend_on_the_unit_and_shows_a_lesion_turned_dark() -> None:
    one = study("a", lesion=True)
    real = one.voxels[0].astype(np.float32)
    perfect = score(real * 7, real, one.brain, one.lesion)
    assert perfect.psnr > 60 and perfect.ssim == pytest.approx(1, abs=1e-3)
    assert (
        perfect.contrast == pytest.approx(perfect.contrast_real, abs=1e-3) and perfect.contrast > 0
    )
    assert perfect.psnr_given < 10
    dark = np.where(one.lesion, 0.2, real).astype(np.float32)
    assert score(dark, real, one.brain, one.lesion).contrast < 0


def test_generated_slabs_come_back_from_disk(tmp_path: Path) -> None:
    slabs = [replace(study("x", n, ROLES, n == 0), generated=True) for n in range(3)]
    write_pool(slabs, 5, 2, tmp_path)
    back = read_pool(5, 2, 3, tmp_path)
    for one, kept in zip(slabs, back, strict=True):
        np.testing.assert_allclose(kept.voxels, one.voxels, atol=2e-3)
        np.testing.assert_array_equal(kept.lesion, one.lesion)
        np.testing.assert_array_equal(kept.brain, one.brain)
    for seed, heads, count in ((6, 2, 3), (5, 3, 3), (5, 2, 4)):
        assert read_pool(seed, heads, count, tmp_path) == []


def test_a_fold_has_a_name_and_keeps_its_patient(tmp_path: Path) -> None:
    left = fold(RECIPE, ["TCGA-FG-6692"])
    assert left.model == "mr-sequence-brain-without-tcga-fg-6692"
    assert left.validation == ("TCGA-FG-6692",)
    assert fold(RECIPE, []) is RECIPE
    many = fold(RECIPE, [f"open_ms_cross_patient{n}" for n in range(9)])
    assert many.model.startswith("mr-sequence-brain-without-9-patients-")
    assert len(many.model) <= LONGEST_ID
    with pytest.raises(InputError, match="no patient nobody"):
        open_data(fold(RECIPE, ["nobody"]), tmp_path, tmp_path, 0)


def test_folds_share_what_was_learned_without_patients(tmp_path: Path) -> None:
    small = replace(RECIPE, widths=(4, 8), stages=(Stage(3, 1e-3, "generated"), Stage(3, 1e-3)))
    one = start(fold(small, ["patient07"]), 0, torch.device("cpu"))
    with torch.no_grad():
        one.average.out.bias.fill_(0.7)  # type: ignore[union-attr,operator]
    one.next_stage(small)
    one.save(tmp_path / GENERATED, shared_identity(fold(small, ["patient07"]), 0, 1))
    other = fold(small, ["AURORA"])
    state = start(other, 0, torch.device("cpu"))
    take_over(state, other, 0, tmp_path)
    assert state.stage == 1 and float(state.network.out.bias[0].detach()) == pytest.approx(0.7)  # type: ignore[union-attr,index]
    with pytest.raises(InputError, match="another recipe, seed"):
        take_over(start(other, 1, torch.device("cpu")), other, 1, tmp_path)
    with pytest.raises(InputError, match="come so far"):
        take_over(state, other, 0, tmp_path / "empty")


def test_images_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="open_ms_cross_patient07"):
        read_studies(tmp_path)
