"""The border of a lesion blended by the learned model: a shell changes, the truth does not."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from SynthCore.errors import CancelledError
from SynthCore.image import Image
from SynthCore.lesions.blend import MOST_WEIGHT, SHELL_MM
from SynthCore.lesions.grow import grow
from SynthCore.lesions.place import place
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.scene import Scene, make_scene
from SynthCore.lesions.wish import LesionWish
from Testing.lesions.head_phantom import stripped_head

AT = (28.0, 12.0, 28.0)
INFARCT = LesionWish("infarct", 9.0, at=AT, seed=1, mass_effect=0.0)


@pytest.fixture(scope="module")
def images() -> dict[str, Image]:
    return {"T1": stripped_head()}


@pytest.fixture(scope="module")
def scene(images: dict[str, Image]) -> Scene:
    return make_scene(images, INFARCT)


@pytest.fixture(scope="module")
def plain(images: dict[str, Image], scene: Scene) -> Placed:
    return place(images, INFARCT, scene=scene)


@pytest.fixture(scope="module")
def blended(images: dict[str, Image], scene: Scene) -> Placed:
    return place(images, INFARCT, scene=scene, blend=True)


def depth(placed: Placed) -> npt.NDArray[np.float32]:
    """Distance in mm from the mask's outline on either side, from centers of voxels."""
    mask = placed.mask.voxels > 0
    inner, outer = (ndimage.distance_transform_edt(m, 2.5) for m in (mask, ~mask))
    return np.asarray(np.where(mask, inner, outer) - 1.25, dtype=np.float32)


def test_a_thin_shell_changes_and_nothing_else(plain: Placed, blended: Placed) -> None:
    np.testing.assert_array_equal(blended.mask.voxels, plain.mask.voxels)
    np.testing.assert_array_equal(blended.parts.voxels, plain.parts.voxels)
    assert blended.volume_ml == plain.volume_ml
    changed = blended.images["T1"].voxels != plain.images["T1"].voxels
    assert changed.any()
    # the outline of the shell is that of half shares, the mask's that of the volume asked for
    assert depth(plain)[changed].max() < SHELL_MM + 2.5
    assert changed.sum() < 0.9 * (plain.mask.voxels > 0).sum()


def test_the_lesion_keeps_its_sign_and_its_inside(plain: Placed, blended: Placed) -> None:
    mask = plain.mask.voxels > 0
    before, after = (one.images["T1"].voxels for one in (plain, blended))
    inside = mask & (depth(plain) > SHELL_MM + 1)
    assert inside.sum() > 30
    np.testing.assert_array_equal(after[inside], before[inside])
    rim = mask & ~inside
    healthy = 1000.0
    assert before[rim].mean() < 0.9 * healthy  # an infarct is dark in T1
    assert healthy - after[rim].mean() > 0.6 * (healthy - before[rim].mean())
    assert blended.facts["levels"]["T1"]["parts_median"]["infarct"] < 0.85 * healthy


def test_what_was_done_is_told(plain: Placed, blended: Placed) -> None:
    assert plain.facts["blend"] == {"asked": False}
    told = blended.facts["blend"]["images"]["T1"]
    assert told["blended"] and told["model"] == "inpaint-brain"
    assert len(told["weights_sha256"]) == 64
    assert told["most_weight"] == MOST_WEIGHT
    assert 0 < told["shell_mm"] <= 2 * SHELL_MM


def test_it_stops_when_it_is_told_to(images: dict[str, Image], scene: Scene) -> None:
    def stop(fraction: float, stage: str) -> None:
        assert 0 <= fraction <= 1
        if stage.startswith("blend") and fraction > 0.6:
            raise CancelledError("Cancelled.")

    with pytest.raises(CancelledError):
        place(images, INFARCT, scene=scene, blend=True, progress=stop)


def test_every_date_of_a_growing_lesion_is_blended(
    images: dict[str, Image], scene: Scene, blended: Placed
) -> None:
    heard: list[tuple[float, str]] = []
    ((day, grown),) = grow(
        images, INFARCT, [date(2024, 1, 1)], [INFARCT.volume_ml], scene=scene, blend=True,
        progress=lambda fraction, stage: heard.append((fraction, stage)),
    )  # fmt: skip
    assert grown.facts["date"] == day.isoformat() == "2024-01-01"
    assert grown.facts["blend"]["images"]["T1"]["blended"]
    np.testing.assert_array_equal(grown.images["T1"].voxels, blended.images["T1"].voxels)
    assert "2024-01-01: blend T1" in {stage for _, stage in heard}
    fractions = [fraction for fraction, _ in heard]
    assert fractions == sorted(fractions) and fractions[-1] <= 1


def test_soft_edema_all_around_leaves_nothing_to_blend(
    images: dict[str, Image], scene: Scene
) -> None:
    wish = LesionWish("hemorrhage", 4.0, at=AT, seed=1)
    plain, blended = (place(images, wish, scene=scene, blend=b) for b in (False, True))
    changed = blended.images["T1"].voxels != plain.images["T1"].voxels
    edema = plain.parts.voxels == 1
    assert edema.sum() > 100
    assert changed[edema].mean() < 0.05


def test_an_image_that_no_learned_model_takes_stays_and_that_is_told(
    images: dict[str, Image], scene: Scene
) -> None:
    other = Image(images["T1"].voxels, images["T1"].affine, "DIR")
    plain, blended = (place({"DIR": other}, INFARCT, scene=scene, blend=b) for b in (False, True))
    np.testing.assert_array_equal(blended.images["DIR"].voxels, plain.images["DIR"].voxels)
    assert "no learned model" in " ".join(blended.warnings)
    assert not blended.facts["blend"]["images"]["DIR"]["blended"]
