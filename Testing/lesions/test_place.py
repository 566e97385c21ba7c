"""Lesions in a brain of ellipsoids: volume, sign, sameness on every grid, untouched voxels."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.dicom.seg.codes import site_of
from SynthCore.errors import InputError, RefusedError
from SynthCore.image import Image, make_affine
from SynthCore.lesions.described import lesion_of, tissues_of
from SynthCore.lesions.grow import grow
from SynthCore.lesions.hemispheres import may_be_cortex, right_of_middle
from SynthCore.lesions.place import place
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.regions import NAMES, region_numbers
from SynthCore.lesions.results import results_of
from SynthCore.lesions.scene import Scene, make_scene
from SynthCore.lesions.wish import LesionWish
from Testing.lesions.brain_phantom import brain

AT = (34.0, 0.0, 6.0)


@pytest.fixture(scope="module")
def images() -> dict[str, Image]:
    return brain(("T1", "T1c", "T2", "FLAIR"))


@pytest.fixture(scope="module")
def scene(images: dict[str, Image]) -> Scene:
    return make_scene(images, LesionWish("glioma", 5.0))


@pytest.fixture(scope="module")
def glioma(images: dict[str, Image], scene: Scene) -> Placed:
    return place(images, LesionWish("glioma", 9.0, at=AT, seed=2), scene=scene)


def test_an_image_that_does_not_show_the_lesion_is_told(images: dict[str, Image]) -> None:
    wish = LesionWish("metastasis", 3.0, at=AT, seed=1)
    whole = images["T1"]
    middle = int(np.linalg.solve(whole.affine, [*AT, 1.0])[2])
    below, half = (
        replace(images["FLAIR"], voxels=images["FLAIR"].voxels[:top])
        for top in (middle - 8, middle)
    )
    for slab, low, high in ((below, 0.0, 0.0), (half, 0.2, 0.8)):
        placed = place({"T1": whole, "FLAIR": slab}, wish)
        shown = placed.facts["levels"]["FLAIR"]["share_shown"]
        assert low <= shown <= high
        assert placed.facts["levels"]["T1"]["share_shown"] == pytest.approx(1.0, abs=0.02)
        told = [one for one in placed.warnings if "FLAIR image" in one]
        assert len(told) == 1 and ("does not reach" in told[0]) is (high == 0.0)
        results = results_of(placed, {"T1": whole, "FLAIR": slab})
        assert [results[role].checks[1].outcome for role in ("T1", "FLAIR")] == ["pass", "warn"]


def median(placed: Placed, role: str, part: str) -> float:
    label = next(n for n, name in placed.part_names.items() if name == part)
    return float(np.median(placed.images[role].voxels[placed.parts.voxels == label]))


def test_tissues_are_found(scene: Scene) -> None:
    assert scene.organ_ml == pytest.approx(4 / 3 * np.pi * 5.6 * 7.0 * 5.4, rel=0.05)
    assert float(scene.fluid.sum()) * scene.grid.voxel_ml == pytest.approx(
        2 * 4 / 3 * np.pi * 0.6 * 2.4 * 0.9, rel=0.4
    )
    center = tuple(int(v) for v in scene.grid.index(np.array(AT, dtype=np.float32)))
    assert scene.white[center] > 0.8


@pytest.mark.parametrize(
    ("kind", "volume"),
    [("glioma", 9.0), ("metastasis", 1.5), ("ms-plaques", 2.0), ("infarct", 12.0),
     ("hemorrhage", 6.0)],
)  # fmt: skip
def test_the_volume_is_what_was_asked(
    images: dict[str, Image], scene: Scene, kind: str, volume: float
) -> None:
    placed = place({"T1": images["T1"]}, LesionWish(kind, volume, seed=3), scene=scene)
    counted = float(placed.mask.voxels.sum()) * 8 / 1000
    assert counted == pytest.approx(volume, rel=0.02)
    assert placed.volume_ml == pytest.approx(counted)
    named = sum(ml for name, ml in placed.facts["parts_ml"].items() if name != "edema")
    assert named == pytest.approx(counted, rel=1e-3)
    assert not (placed.parts.voxels[placed.mask.voxels > 0] == 0).any()


def test_a_glioma_is_bright_and_dark_where_it_must_be(glioma: Placed) -> None:
    white = {"T1": 1000.0, "T1c": 1000.0, "T2": 400.0, "FLAIR": 600.0}
    level = {
        (role, part): median(glioma, role, part) / white[role]
        for role in white
        for part in ("edema", "enhancing tumor", "necrosis")
    }
    assert level["T1", "edema"] < 0.95 and level["T2", "edema"] > 1.25
    assert level["FLAIR", "edema"] > 1.2
    assert level["T1", "necrosis"] < level["T1", "edema"]
    assert level["T1c", "enhancing tumor"] > 1.25 > level["T1", "enhancing tumor"]
    assert level["T1c", "necrosis"] < 0.9
    assert level["T2", "necrosis"] > level["T2", "enhancing tumor"]


def test_blood_is_dark_in_t2_and_bright_in_ct_and_not_in_t1c(
    images: dict[str, Image], scene: Scene
) -> None:
    placed = place(images, LesionWish("hemorrhage", 5.0, at=AT), scene=scene)
    assert median(placed, "T2", "hematoma") < 0.7 * 400
    assert median(placed, "T1c", "hematoma") < 1000


def test_voxels_beyond_the_reach_are_the_very_same(
    images: dict[str, Image], glioma: Placed
) -> None:
    reach = 1.7 * glioma.facts["displacement_reach_mm"]
    points = (
        np.stack(np.meshgrid(*(np.arange(n) for n in images["T1"].shape), indexing="ij"), axis=-1)[
            ..., ::-1
        ]
        @ images["T1"].affine[:3, :3].T
        + images["T1"].affine[:3, 3]
    )
    far = np.linalg.norm(points - np.array(AT), axis=-1) > reach
    assert far.any()
    for role, image in images.items():
        made = glioma.images[role].voxels
        np.testing.assert_array_equal(made[far], image.voxels[far])
        outside = image.voxels == 0
        np.testing.assert_array_equal(made[outside], image.voxels[outside])
        assert (made != image.voxels).any()


def test_the_same_wish_gives_the_same_voxels_and_another_seed_another_lesion(
    images: dict[str, Image], scene: Scene, glioma: Placed
) -> None:
    again = place(images, LesionWish("glioma", 9.0, at=AT, seed=2), scene=scene)
    np.testing.assert_array_equal(again.images["T2"].voxels, glioma.images["T2"].voxels)
    other = place({"T1": images["T1"]}, LesionWish("glioma", 9.0, at=AT, seed=3), scene=scene)
    assert (other.mask.voxels != glioma.mask.voxels).any()


def test_sequences_on_other_grids_get_the_same_lesion(images: dict[str, Image]) -> None:
    thick = brain(("T2",), step_mm=1.5, slice_mm=5.0)["T2"]
    placed = place({"T1": images["T1"], "T2": thick}, LesionWish("glioma", 9.0, at=AT, seed=2))
    bright = placed.images["T2"].voxels - thick.voxels > 120
    index = np.argwhere(bright).mean(axis=0)[::-1]
    center = thick.affine[:3, :3] @ index + thick.affine[:3, 3]
    assert np.linalg.norm(center - np.array(placed.center_lps)) < 6


def test_sequences_have_noise_of_their_own(images: dict[str, Image], scene: Scene) -> None:
    """The same in all of them would give a placed lesion away."""
    wish = LesionWish("hemorrhage", 16.0, at=AT, seed=3, texture=0.0, mass_effect=0.0)
    made = place(images, wish, scene=scene)
    core = ndimage.binary_erosion(made.mask.voxels > 0, iterations=3)
    fine = []
    for image in made.images.values():
        voxels = image.voxels.astype(np.float64)
        fine.append((voxels - ndimage.gaussian_filter(voxels, (0, 1, 1)))[core])
    apart = np.corrcoef(fine)[np.triu_indices(len(fine), 1)]
    assert core.sum() > 400 and np.abs(apart).max() < 0.3  # one noise for all gives 0.6 to 1


def test_contrast_and_texture_do_what_they_say(images: dict[str, Image], scene: Scene) -> None:
    one = {"T2": images["T2"]}
    wish = {"kind": "metastasis", "volume_ml": 4.0, "at": AT, "seed": 5}
    weak = place(one, LesionWish(**wish, contrast=0.4), scene=scene)  # type: ignore[arg-type]
    full = place(one, LesionWish(**wish), scene=scene)  # type: ignore[arg-type]
    assert 1.05 * 400 < median(weak, "T2", "necrosis") < 0.85 * median(full, "T2", "necrosis")


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"kind": "glioma", "volume_ml": 5.0, "at": (500.0, 0.0, 0.0)}, "outside of the image"),
        ({"kind": "glioma", "volume_ml": 5.0, "at": (62.0, 0.0, 0.0)}, "does not lie in the brain"),
        ({"kind": "glioma", "volume_ml": 5.0, "at": (12.0, 0.0, 4.0)}, "cerebrospinal fluid"),
    ],
)
def test_a_lesion_that_cannot_lie_there_is_refused_in_a_sentence(
    images: dict[str, Image], scene: Scene, wish: dict[str, object], told: str
) -> None:
    with pytest.raises(RefusedError, match=told) as caught:
        place({"T1": images["T1"]}, LesionWish(**wish), scene=scene)  # type: ignore[arg-type]
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_a_lesion_larger_than_its_organ_or_the_room_in_it_is_refused(
    images: dict[str, Image],
) -> None:
    small = images["T1"].with_voxels(np.zeros(images["T1"].shape, dtype=np.uint8))
    small.voxels[27:35, 38:46, 45:53] = 1  # 4.1 ml
    one, at = {"T1": images["T1"]}, (28.0, 0.0, -6.0)
    with pytest.raises(RefusedError, match="too large for the brain"):
        place(one, LesionWish("metastasis", 5.0, at=(34.0, 6.0, 0.0)), organ=small)
    with pytest.raises(RefusedError, match="no room for a metastasis") as caught:
        place(one, LesionWish("metastasis", 2.8, at=at), organ=small)
    told = re.search(r"only for about ([\d.]+) ml", str(caught.value))
    assert told is not None and 0.5 < float(told[1]) < 2.8
    # what the sentence says there is room for is placed there
    smaller = place(one, LesionWish("metastasis", float(told[1]), at=at), organ=small)
    assert smaller.volume_ml == pytest.approx(float(told[1]), rel=0.02)


def test_roles_and_frames_that_do_not_fit_are_wrong_use(images: dict[str, Image]) -> None:
    with pytest.raises(InputError, match="not placed in T1"):
        place({"T1": images["T1"]}, LesionWish("lung-nodule-solid", 1.0))
    away = images["T2"]
    far = Image(away.voxels, make_affine((2.0, 2.0, 2.0), (900.0, 0.0, 0.0)), "T2")
    with pytest.raises(InputError, match="frame of reference"):
        place({"T1": images["T1"], "T2": far}, LesionWish("glioma", 5.0))
    with pytest.raises(InputError, match="T1 and T1c are the same image"):
        place({"T1": images["T1"], "T1c": images["T1"]}, LesionWish("glioma", 5.0))


def test_growth_holds_what_it_held_and_doubles_in_its_time(
    images: dict[str, Image], scene: Scene
) -> None:
    days = [date(2024, 1, 1), date(2024, 3, 1), date(2024, 5, 1)]
    series = grow({"T1": images["T1"]}, LesionWish("glioma", 3.0, at=AT), days,
                  doubling_days=60, scene=scene)  # fmt: skip
    placed = [one for _, one in series]
    assert [one.volume_ml for one in placed] == pytest.approx([3.0, 6.0, 12.0], rel=0.03)
    masks = [one.mask.voxels > 0 for one in placed]
    assert all(later[earlier].all() for earlier, later in itertools.pairwise(masks))
    with pytest.raises(InputError, match="2024-03-01 does not lie after 2024-05-01"):
        grow({"T1": images["T1"]}, LesionWish("glioma", 3.0), days[::-1], [1, 2, 3])
    with pytest.raises(InputError, match="would double 2000 times"):
        grow({"T1": images["T1"]}, LesionWish("glioma", 3.0), days, doubling_days=121 / 2000)
    with pytest.raises(InputError, match="falls from 3 to 2 ml on 2024-03-01"):
        grow({"T1": images["T1"]}, LesionWish("glioma", 3.0), days, [3, 2, 1])


@pytest.mark.parametrize("kind", ["infarct", "metastasis"])
def test_what_lies_in_the_cortex_stays_on_its_side_and_out_of_the_middle(
    images: dict[str, Image], scene: Scene, kind: str
) -> None:
    """Both thalami were one infarct: the cisterns below them are an outline of the brain, too."""
    volume = 20.0 if kind == "infarct" else 2.0
    placed = 0
    for seed in range(8):
        wish = LesionWish(kind, volume, site="cortical", seed=seed)
        try:
            found = place(images, wish, scene=scene)
        except RefusedError:
            continue
        placed += 1
        points = scene.grid.points()[found.mask.voxels > 0]
        right = right_of_middle(scene, points)
        assert min((right > 1).mean(), (right < -1).mean()) < 0.01, (seed, right.min(), right.max())
    assert placed >= 4
    deep = region_numbers(scene.coordinates) == NAMES.index("deep")
    assert deep.any() and not may_be_cortex(scene)[deep].any()


def test_the_side_is_known_where_the_brain_is_cut_off(images: dict[str, Image]) -> None:
    middle = {r: replace(i, voxels=i.voxels[18:36],
                         affine=i.affine @ _shift(18)) for r, i in images.items()}  # fmt: skip
    part = make_scene(middle, LesionWish("infarct", 4.0))
    with pytest.raises(RefusedError):
        part.proportions  # noqa: B018
    points = np.float32([[-30, 10, 0], [30, -20, 5]])  # LPS: right, left
    right = right_of_middle(part, points)
    assert right == pytest.approx([30, -30], abs=3)
    assert may_be_cortex(part).any()


def _shift(slices: int) -> np.ndarray:
    moved = np.eye(4)
    moved[2, 3] = slices
    return moved


def test_a_lesion_is_the_same_one_at_every_date(images: dict[str, Image], scene: Scene) -> None:
    wish = LesionWish("metastasis", 1.0, at=AT, seed=3)
    days = (date(2024, 1, 1), date(2024, 3, 1))
    (_, one), (_, two) = grow(images, wish, days, (0.5, 1.5), scene=scene)
    first, second = lesion_of(one), lesion_of(two)
    assert first.tracking_uid == second.tracking_uid == one.uid
    parts = [{t.label: t.tracking_uid for t in tissues_of(p)} for p in (one, two)]
    shared = parts[0].keys() & parts[1].keys()
    assert shared and all(parts[0][name] == parts[1][name] for name in shared)
    assert len({first.tracking_uid, *parts[1].values()}) == 1 + len(parts[1])
    assert lesion_of(place(images, wish, scene=scene)).tracking_uid != one.uid


def test_words_of_a_site_give_its_code(images: dict[str, Image], scene: Scene) -> None:
    found = place(images, LesionWish("metastasis", 1.0, seed=3), scene=scene)
    assert lesion_of(found).site == found.facts["site"] == "cortical"
    assert site_of("left deep gray matter, deep-white-matter", "glioma") == (
        "389081007", "SCT", "Gray Matter",
    )  # fmt: skip
    assert site_of("left hemisphere, cortical") == ("372073000", "SCT", "Cerebral hemisphere")
    at = place(images, LesionWish("metastasis", 1.0, at=AT, seed=3), scene=scene)
    assert lesion_of(at).site == "brain"


def test_plaques_of_the_cortex_lie_on_both_sides(images: dict[str, Image], scene: Scene) -> None:
    """Those of the other side went, and the rest grew for them."""
    for seed in (1, 2):
        wish = LesionWish("ms-plaques", 1.8, site="cortical", seed=seed)
        found = place(images, wish, scene=scene)
        right = right_of_middle(scene, scene.grid.points()[found.mask.voxels > 0])
        assert min((right > 3).mean(), (right < -3).mean()) > 0.1
