"""What is removed is gone in every sequence, and what lies outside is the very same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.files.mask import read_mask_of
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from SynthCore.lesions.agree import agree
from SynthCore.lesions.fade import fade_in
from SynthCore.lesions.place import place
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.remove import Removed, _regions, remove
from SynthCore.lesions.wish import LesionWish
from Testing.lesions.brain_phantom import brain

MODEL = "inpaint-biharmonic"


@pytest.fixture(scope="module")
def healthy() -> dict[str, Image]:
    images = brain(("T1", "T2"))
    # slices of the middle: enough for a lesion, and quick
    part = slice(24, 44)
    affine = images["T1"].affine.copy()
    affine[:3, 3] += affine[:3, 2] * part.start
    return {r: Image(i.voxels[part], affine, r) for r, i in images.items()}


@pytest.fixture(scope="module")
def placed(healthy: dict[str, Image]) -> Placed:
    wish = LesionWish("ms-plaques", 1.2, at=(36.0, 0.0, 6.0), seed=1)
    return place(healthy, wish)


@pytest.fixture(scope="module")
def removed(placed: Placed) -> Removed:
    return remove(placed.images, placed.mask, margin_mm=3.0, smoothing_mm=2.0, model=MODEL)


@pytest.mark.parametrize("center", [27.0, 28.0, 29.5])
@pytest.mark.parametrize("radius", [1.5, 4.0])
def test_a_thin_mask_reaches_every_thick_slice_that_shows_the_lesion(
    center: float, radius: float
) -> None:
    z, y, x = np.mgrid[:60, :40, :40]
    ball = (z - center) ** 2 + (y - 20) ** 2 + (x - 20) ** 2 <= radius**2
    mask = Image(ball.astype(np.uint8), make_affine((1.0, 1.0, 1.0)))
    thick = Image(np.zeros((12, 40, 40), np.float32), make_affine((1.0, 1.0, 5.0), (0, 0, 2)))
    core, wide = _regions(mask, thick, 2.0, "FLAIR")
    share = ball.reshape(12, 5, 40, 40).mean(axis=1)
    assert core.any() and not share[~wide].any()
    assert not core[share == 0].any(), "no slice more"


def test_outside_of_the_mask_and_its_margin_nothing_changes(
    placed: Placed, removed: Removed
) -> None:
    wide = removed.mask.voxels > 0
    assert wide.sum() > (placed.mask.voxels > 0).sum()
    for role, result in removed.results.items():
        given = placed.images[role].voxels
        np.testing.assert_array_equal(result.image.voxels[~wide], given[~wide])
        assert not removed.anomaly[role].voxels[~wide].any()


def test_tissue_under_the_mask_is_as_it_was_before_the_lesion(
    healthy: dict[str, Image], placed: Placed, removed: Removed
) -> None:
    inside = placed.mask.voxels > 0
    for role, result in removed.results.items():
        before = float(healthy[role].voxels[inside].mean())
        ill = float(placed.images[role].voxels[inside].mean())
        after = float(result.image.voxels[inside].mean())
        assert abs(after - before) < 0.25 * abs(ill - before), role
        # noise is put back: the fill is no smooth spot
        assert result.image.voxels[inside].std() > 0.5 * healthy[role].voxels[inside].std()


def test_the_anomaly_map_has_the_sign_of_the_lesion(placed: Placed, removed: Removed) -> None:
    inside = placed.mask.voxels > 0
    assert removed.anomaly["T1"].voxels[inside].mean() < -1
    assert removed.anomaly["T2"].voxels[inside].mean() > 1


def test_the_record_says_what_was_removed_and_fits_the_image(removed: Removed) -> None:
    for role, result in removed.results.items():
        told = result.record.options["remove"]
        assert told["margin_mm"] == 3.0 and told["smoothing_mm"] == 2.0
        assert role not in told["together_with"] and len(told["together_with"]) == 1
        assert result.record.output["sha256"] == result.image.sha256()
        assert result.record.model == MODEL


def test_the_seed_changes_the_noise_alone(placed: Placed, removed: Removed) -> None:
    again = remove(placed.images, placed.mask, margin_mm=3.0, smoothing_mm=2.0, model=MODEL)
    same = removed.results["T1"].image.voxels
    np.testing.assert_array_equal(again.results["T1"].image.voxels, same)
    other = remove(placed.images, placed.mask, margin_mm=3.0, smoothing_mm=2.0, model=MODEL, seed=5)
    difference = other.results["T1"].image.voxels - same
    assert difference.any()
    assert abs(float(difference[placed.mask.voxels > 0].mean())) < 15


def test_what_was_done_to_the_mask_is_told_and_recorded(placed: Placed) -> None:
    note = "The 2 labels of the mask were taken together."
    found = remove({"T1": placed.images["T1"]}, replace(placed.mask, notes=(note,)), model=MODEL)
    assert note in found.warnings
    assert note in found.results["T1"].warnings and note in found.results["T1"].record.warnings


def test_wrong_use_is_told(placed: Placed) -> None:
    image = placed.images["T1"]
    with pytest.raises(InputError, match="no image"):
        remove({}, placed.mask)
    with pytest.raises(InputError, match="margin is 40"):
        remove({"T1": image}, placed.mask, margin_mm=40)
    with pytest.raises(InputError, match="not removed from PET"):
        remove({"PET": image}, placed.mask)
    with pytest.raises(InputError, match="T1 and T2 are the same image"):
        remove({"T1": image, "T2": image}, placed.mask)
    far = placed.mask.affine.copy()
    far[0, 3] += 900
    with pytest.raises(InputError, match="does not lie in the T1"):
        remove({"T1": image}, replace(placed.mask, affine=far))


def test_fluid_that_one_sequence_alone_sees_is_none(placed: Placed) -> None:
    wide = placed.mask.voxels > 0
    t1, t2 = (placed.images[r].voxels.astype(np.float32).copy() for r in ("T1", "T2"))
    t1[wide], t2[wide] = 1000.0, 1300.0  # white matter, they say, and fluid
    fills, roles = agree(placed.images, {"T1": t1, "T2": t2}, wide)
    assert roles == ("T1", "T2")
    np.testing.assert_array_equal(fills["T1"], t1)
    assert np.median(fills["T2"][wide]) == pytest.approx(560, rel=0.1)
    np.testing.assert_array_equal(fills["T2"][~wide], t2[~wide])
    both = {"T1": np.where(wide, np.float32(250), t1), "T2": t2}
    kept = agree(placed.images, both, wide)[0]
    for role, fill in both.items():
        np.testing.assert_allclose(kept[role][wide], fill[wide], rtol=0.05)


def test_an_image_that_shows_a_part_of_the_mask_is_told(placed: Placed) -> None:
    """Its record and anomaly map look as if all of the lesion were gone."""
    half = placed.images["T2"]
    top = int(np.median(np.nonzero(placed.mask.voxels)[0]))
    cut = {"T1": placed.images["T1"], "T2": replace(half, voxels=half.voxels[:top])}
    found = remove(cut, placed.mask, model=MODEL, contralateral=False)
    told = [one for one in found.warnings if "of the mask" in one]
    assert len(told) == 1 and told[0].startswith("The T2 image shows ")
    assert told[0] in found.results["T2"].record.warnings
    whole = remove(placed.images, placed.mask, model=MODEL, contralateral=False)
    assert not [one for one in whole.warnings if "of the mask" in one]


def test_what_was_stripped_stays_empty() -> None:
    brain_ = np.zeros((8, 40, 40), np.float32)
    brain_[:, 8:32, 8:32] = 1000 + np.random.default_rng(0).normal(0, 20, (8, 24, 24))
    brain_[:, 18:22, 18:22] = 0  # a ventricle that was clipped: no outside
    image = Image(brain_, make_affine((1.0, 1.0, 1.0)), "T1")
    wide = np.zeros(brain_.shape, bool)
    wide[2:6, 2:24, 14:26] = True
    fill = np.where(wide, 400.0, brain_).astype(np.float32)
    made, _ = fade_in(image, fill, wide, wide, 0.0, seed=3)
    assert (made[:, :8] == 0).all()
    assert (made[2:6, 8:24, 14:26] > 0).all()
    noisy = replace(image, voxels=np.maximum(brain_, 3))
    assert (fade_in(noisy, fill, wide, wide, 0.0, seed=3)[0][2:6, 2:8, 14:26] > 0).mean() > 0.9


def test_an_empty_part_of_a_mask_at_the_border_of_a_brain_is_told(placed: Placed) -> None:
    t1 = placed.images["T1"]
    brain_ = np.where(t1.voxels > 0, t1.voxels + 10, 0).astype(np.float32)
    k, j, i = (int(n) // 2 for n in t1.shape)
    cut = np.zeros(t1.shape, bool)
    cut[k - 2 : k + 2, j - 6 : j + 6, : i - 6] = True  # from the middle to the edge of the image
    image = t1.with_voxels(np.where(cut, 0, brain_))
    mask = Image(cut.astype(np.uint8), t1.affine)
    mask.voxels[..., : i - 14] = 0
    found = remove({"T1": image}, mask, model=MODEL, contralateral=False)
    assert any("of the mask is 0 and hangs together" in told for told in found.warnings)


def test_a_mask_stays_on_the_grid_it_was_drawn_on(tmp_path: Path) -> None:
    thin = Image(np.zeros((40, 40, 40), np.float32), make_affine((1.0, 1.0, 1.0)), "T1")
    thick = Image(np.zeros((10, 40, 40), np.float32), make_affine((1.0, 1.0, 4.0), (0, 0, 1.5)),
                  "FLAIR")  # fmt: skip
    for image in (thin, thick):
        drawn = np.zeros(image.shape, np.uint8)
        drawn[image.shape[0] // 2, 18:22, 18:22] = 1
        path = tmp_path / f"{image.modality}.nii.gz"
        write_nifti(image.with_voxels(drawn), path, record_json=None)
        for order in ([thin, thick], [thick, thin]):
            found = read_mask_of(path, order)
            assert found.same_grid(image) and found.voxels.sum() == drawn.sum()
    off = Image(drawn, make_affine((1.0, 1.0, 4.0), (0.4, 0, 1.0)))
    write_nifti(off, tmp_path / "off.nii.gz", record_json=None)
    assert read_mask_of(tmp_path / "off.nii.gz", [thin, thick]).same_grid(thin)
