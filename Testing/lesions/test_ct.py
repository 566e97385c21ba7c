"""Nodules in a chest of ellipsoids and lesions in a liver of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SynthCore.errors import InputError, RefusedError
from SynthCore.files.verify import verify_folder
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from SynthCore.lesions.levels import whole_numbers
from SynthCore.lesions.place import place
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.results import results_of
from SynthCore.lesions.wish import LesionWish
from Testing.lesions.brain_phantom import ball

LUNG, LIVER = (60.0, 0.0, 30.0), (-55.0, -5.0, -58.0)


@pytest.fixture(scope="module")
def chest() -> dict[str, Image]:
    spacing, origin = (3.0, 3.0, 3.0), (-150.0, -110.0, -100.0)
    k, j, i = np.meshgrid(np.arange(61), np.arange(74), np.arange(101), indexing="ij")
    x, y, z = (o + s * n for o, s, n in zip(origin, spacing, (i, j, k), strict=True))
    hu = -1000 + 1040 * ball(x, y, z, (0, 0, 0), (140, 100, 400))
    for side in (-1, 1):
        lung = ball(x, y, z, (70 * side, 0, 30), (48, 70, 62))
        hu = hu + (-860 - hu) * lung
    liver = ball(x, y, z, (-50, 0, -64), (62, 55, 32))
    hu = hu + (108 - hu) * liver
    vessel = np.hypot(y - 8, z - 30) < 4
    hu = np.where(vessel & (hu < -800), 30, hu)
    hu = hu + np.random.default_rng(0).normal(0, 12, hu.shape)
    voxels = np.rint(np.clip(hu, -1024, 3000)).astype(np.int16)
    return {"CT": Image(voxels, make_affine(spacing, origin), "CT", "HU")}


def median(placed: Placed, part: str) -> float:
    """Where a voxel is nearly all of that part."""
    return float(placed.facts["levels"]["CT"]["parts_median"][part])


@pytest.mark.parametrize("kind", ["lung-nodule-solid", "lung-nodule-part-solid"])
def test_nodules_lie_in_the_lung_with_their_volume_and_ct_number(
    chest: dict[str, Image], kind: str
) -> None:
    placed = place(chest, LesionWish(kind, 4.0, seed=1))
    inside = placed.mask.voxels > 0
    assert placed.volume_ml == pytest.approx(4.0, rel=0.02)
    assert np.mean(chest["CT"].voxels[inside] < -600) > 0.85
    if kind == "lung-nodule-solid":
        assert median(placed, "solid") == pytest.approx(35, abs=30)
    else:
        assert median(placed, "ground glass") == pytest.approx(-620, abs=60)
        assert median(placed, "solid") > -150
    changed = placed.images["CT"].voxels != chest["CT"].voxels
    assert changed[inside].mean() > 0.95
    assert changed.sum() < 3 * inside.sum()
    # whole numbers stay whole numbers
    assert np.array_equal(placed.images["CT"].voxels, np.rint(placed.images["CT"].voxels))


def test_ground_glass_leaves_a_vessel_to_be_seen(chest: dict[str, Image]) -> None:
    at = (60.0, 8.0, 30.0)
    placed = place(chest, LesionWish("lung-nodule-part-solid", 8.0, at=at, seed=2))
    glass = placed.parts.voxels == 1
    vessel = glass & (chest["CT"].voxels > -100)
    assert vessel.any()
    assert np.abs(placed.images["CT"].voxels[vessel] - chest["CT"].voxels[vessel]).max() < 90


@pytest.mark.parametrize(("kind", "sign"), [("liver-hypovascular", -1), ("liver-hypervascular", 1)])
def test_liver_lesions_are_darker_or_brighter_than_the_liver(
    chest: dict[str, Image], kind: str, sign: int
) -> None:
    placed = place(chest, LesionWish(kind, 8.0, at=LIVER, seed=1))
    assert placed.volume_ml == pytest.approx(8.0, rel=0.02)
    level = float(np.median(placed.images["CT"].voxels[placed.mask.voxels > 0]))
    assert 15 < sign * (level - 108) < 70
    assert placed.facts["organ_ml"] == pytest.approx(4 / 3 * np.pi * 6.2 * 5.5 * 3.2, rel=0.25)


@pytest.mark.parametrize(
    ("kind", "at", "told"),
    [
        ("lung-nodule-solid", (0.0, 0.0, 30.0), "does not lie in the lung"),
        ("lung-nodule-solid", (140.0, -105.0, 30.0), "does not lie in the lung"),
        ("lung-nodule-solid", (900.0, 0.0, 30.0), "outside of the image"),
        ("liver-hypovascular", LUNG, "no liver"),
        ("liver-hypovascular", (140.0, -105.0, -50.0), "no liver"),
        ("glioma", LIVER, "shows a body and no brain"),
    ],
)
def test_over_air_or_in_another_organ_is_refused(
    chest: dict[str, Image], kind: str, at: tuple[float, float, float], told: str
) -> None:
    with pytest.raises(RefusedError, match=told) as caught:
        place(chest, LesionWish(kind, 2.0, at=at))
    assert caught.value.exit_code == 3


def test_a_liver_needs_a_point_or_a_mask(chest: dict[str, Image]) -> None:
    with pytest.raises(InputError, match="point in it"):
        place(chest, LesionWish("liver-hypovascular", 2.0))


def test_a_file_of_integers_holds_what_the_record_says(
    chest: dict[str, Image], tmp_path: Path
) -> None:
    """Rounding made -0 of what was just below 0, which no such file holds."""
    assert not np.signbit(whole_numbers(np.float32([-0.4, -0.0, 0.3]))).any()
    placed = place(chest, LesionWish("lung-nodule-solid", 6.0, seed=1))
    made = placed.images["CT"].voxels
    none = made[(made == 0) & (chest["CT"].voxels != 0)]
    assert len(none) and not np.signbit(none).any()
    result = results_of(placed, chest)["CT"]
    write_nifti(result.image, tmp_path / "CT.nii.gz", record_json=result.record.to_json())
    assert verify_folder(tmp_path).ok
