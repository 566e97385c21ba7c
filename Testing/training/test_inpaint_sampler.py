"""What inpainting is trained on: hidden regions whose targets are healthy, drawn again alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.engine.prepare import first_guess
from SynthCore.errors import InputError
from SynthCore.image import make_affine
from SynthCore.training.inpaint.look import Contrast
from SynthCore.training.inpaint.recipe import RECIPE
from SynthCore.training.inpaint.sampler import Hole, HoleSampler, draw_hole, show
from SynthCore.training.inpaint.shapes import draw_shape
from SynthCore.training.inpaint.volumes import Volume, load, make_volume, save
from SynthCore.training.recipe import refuse_leakage

SHAPE, SPACING = (24, 72, 60), (2.0, 1.0, 1.0)
LESION = 0.999


def head(*, lesion: bool, patient: str = "one") -> Volume:
    """A head of two like halves with smooth tissue; a lesion on one side is what is brightest."""
    k, j, i = np.indices(SHAPE).astype(np.float32)
    away = np.sqrt(((k - 12) / 11) ** 2 + ((j - 36) / 30) ** 2 + ((i - 30) / 26) ** 2)
    noise = np.random.default_rng(0).standard_normal(SHAPE)
    noise = ndimage.gaussian_filter(noise + noise[:, :, ::-1], 2)
    tissue = np.where(away < 1, 500 + 120 * noise / noise.std() * 0.5, 0).clip(0, 780)
    brain = away < 1
    bright = ((k - 12) * 2) ** 2 + (j - 30) ** 2 + (i - 18) ** 2 < 8**2
    ill = np.where(bright, 800.0, tissue).astype(np.float32)
    everywhere = np.ones(SHAPE, dtype=bool)
    if lesion:
        return make_volume(
            patient, "T1", SPACING, ill, tissue.astype(np.float32), everywhere, brain, bright
        )
    return make_volume(patient, "T1", SPACING, ill, None, ~bright, brain)


def test_the_same_draws_give_the_same_batch() -> None:
    sampler = HoleSampler([head(lesion=False)], [head(lesion=True)], 0.5, 5, 4, 48)
    first, again = (sampler.draw(np.random.default_rng((3, 1))) for _ in range(2))
    other = sampler.draw(np.random.default_rng((3, 2)))
    for name in ("x", "y", "weight"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.x, other.x)
    assert first.x.shape == (4, 15, 48, 48)
    assert first.y.shape == first.weight.shape == (4, 1, 48, 48)


@pytest.mark.parametrize("lesion", [True, False], ids=["generated", "real"])
def test_a_target_never_holds_a_lesion(lesion: bool) -> None:
    volume = head(lesion=lesion)
    top = float(volume.image.max())
    met = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        drawn = draw_hole(rng, volume, 64)
        hole = Hole(**{**vars(drawn), "contrast": Contrast()})
        shown = show(volume, hole, 64, 5)
        if shown is None:
            continue
        counted = shown.weight > 0
        met += bool(counted.any())
        assert shown.target[counted].max() < 0.99 * top  # the lesion alone is as bright
    assert met > 20


def test_a_crop_is_what_the_engine_makes_of_the_whole_image() -> None:
    volume = head(lesion=False)
    rng = np.random.default_rng(5)
    shape = draw_shape(rng, (14.0, 15.0))
    k, j, i = (int(n) // 2 for n in volume.image.shape)
    hole = Hole(
        shape, (k, j, i + 4), False, (1.0, 0.0, 0.0, 1.0), (0.0, 0.0), Contrast(), (0.5, 0.5)
    )
    patch = 49  # odd: pixels of the crop are voxels of the volume
    shown = show(volume, hole, patch, 5)
    assert shown is not None
    rows = slice(j - 24, j + 25)
    columns = slice(i + 4 - 24, i + 4 + 25)
    region = np.zeros(volume.image.shape, dtype=bool)
    crop = shown.x[0, 10:15] > 0.5
    # the whole region, from its crops in every slice
    for share in np.linspace(0, 0.999, 60):
        each = show(volume, Hole(**{**vars(hole), "slices": (float(share),)}), patch, 1)
        assert each is not None
        layer = _layer(volume, each.target[0, 0], rows, columns)
        region[layer, rows, columns] = each.x[0, 2] > 0.5
    assert region.sum() > 0
    affine = make_affine((1.0, 1.0, 2.0))
    filled, _ = first_guess(volume.image.astype(np.float32), region, affine)
    layer = _layer(volume, shown.target[0, 0], rows, columns)
    np.testing.assert_array_equal(crop[2], region[layer, rows, columns])
    np.testing.assert_allclose(shown.x[0, 2], filled[layer, rows, columns], atol=2e-3)


def _layer(volume: Volume, target: np.ndarray, rows: slice, columns: slice) -> int:
    """Which slice of the volume a target is."""
    apart = np.abs(volume.image[:, rows, columns].astype(np.float32) - target).sum(axis=(1, 2))
    return int(apart.argmin())


def test_a_volume_comes_back_from_its_file(tmp_path: Path) -> None:
    for lesion in (True, False):
        volume = head(lesion=lesion)
        save(volume, tmp_path / f"{lesion}.npz")
        kept = load(tmp_path / f"{lesion}.npz")
        assert (kept.patient, kept.role, kept.spacing) == ("one", "T1", SPACING)
        assert kept.mirror == volume.mirror
        for name in ("image", "target", "seen", "allowed", "brain", "centers", "lesions"):
            np.testing.assert_array_equal(getattr(kept, name), getattr(volume, name))


def test_a_validation_patient_is_refused() -> None:
    sampler = HoleSampler([head(lesion=False, patient="TCGA-FG-6692")], [], 0.0, 5, 2, 48)
    with pytest.raises(InputError, match="TCGA-FG-6692"):
        refuse_leakage(RECIPE, sampler.patients)
