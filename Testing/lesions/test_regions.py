"""Sides and lobes by proportions: on a digital head whose anatomy is known, on any grid."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

from SynthCore.errors import InputError, RefusedError
from SynthCore.image import Image, make_affine
from SynthCore.itk import empty_itk, to_itk
from SynthCore.lesions.place import place
from SynthCore.lesions.proportions import fit_proportions
from SynthCore.lesions.regions import NAMES, region_numbers
from SynthCore.lesions.scene import Scene, make_scene
from SynthCore.lesions.wish import LesionWish
from Testing.lesions.brain_phantom import brain
from Testing.lesions.head_phantom import AC, stripped_head

PUTAMEN, THALAMUS = (25.5, -4.0, 2.0), (10.5, 9.5, 7.0)


@pytest.fixture(scope="module")
def head() -> dict[str, Image]:
    return {"T1": stripped_head()}


@pytest.fixture(scope="module")
def scene(head: dict[str, Image]) -> Scene:
    return make_scene({"T1": head["T1"]}, LesionWish("glioma", 5.0))


def oblique(image: Image) -> Image:
    """The same head on slices that are thick, turned about all axes, and stored the other way."""
    turn = sitk.Euler3DTransform()
    turn.SetRotation(0.16, -0.12, 0.2)
    matrix = np.array(turn.GetMatrix()).reshape(3, 3) @ np.diag([-1.0, 1.0, -1.0])
    affine = np.eye(4)
    affine[:3, :3] = matrix * np.array([2.0, 2.5, 4.0])
    sizes = np.array([110, 100, 54])
    affine[:3, 3] = np.array([0.0, 5.0, 5.0]) - affine[:3, :3] @ ((sizes - 1) / 2)
    like = empty_itk((54, 100, 110), affine)
    moved = sitk.Resample(to_itk(image.voxels.astype(np.float32), image.affine), like)
    return Image(sitk.GetArrayFromImage(moved), affine, image.modality)


def test_the_atlas_lies_where_the_commissures_are(scene: Scene) -> None:
    found = scene.proportions
    assert np.linalg.norm(np.subtract(found.ac, AC)) < 12
    assert abs(found.ac[0]) < 2.5
    assert found.axes[0][0] < -0.99  # the patient's right is -x
    points = np.array([PUTAMEN, THALAMUS], dtype=np.float32)
    assert (region_numbers(found.coordinates(points)) == NAMES.index("deep")).all()


def test_every_side_is_the_side_of_the_patient(scene: Scene) -> None:
    x = scene.grid.points()[..., 0]
    right = scene.coordinates[..., 0]
    assert np.mean(right[scene.organ & (x > 4)] < 0) > 0.98
    assert np.mean(right[scene.organ & (x < -4)] > 0) > 0.98


@pytest.mark.parametrize(
    ("point", "region"),
    [
        # as Talairach and Tournoux have them: x to the right, y to the front, z up
        ((0.0, 60.0, 5.0), "frontal"),  # frontal pole
        ((37.0, -14.0, 58.0), "frontal"),  # hand area, before the central sulcus
        ((-40.0, -30.0, 52.0), "parietal"),  # behind it
        ((-50.0, -40.0, 35.0), "parietal"),  # supramarginal gyrus
        ((5.0, -58.0, 42.0), "parietal"),  # precuneus
        ((45.0, 8.0, -24.0), "temporal"),  # temporal pole
        ((-58.0, -25.0, -10.0), "temporal"),  # middle temporal gyrus
        ((24.0, -14.0, -18.0), "temporal"),  # hippocampus
        ((8.0, -82.0, 6.0), "occipital"),  # calcarine cortex
        ((-12.0, -18.0, 8.0), "deep"),  # thalamus
        ((25.0, 2.0, 0.0), "deep"),  # putamen
        ((20.0, -60.0, -32.0), "cerebellum"),
        ((0.0, -24.0, -28.0), "other"),  # pons
    ],
)
def test_known_places_are_in_their_region(point: tuple[float, ...], region: str) -> None:
    assert NAMES[int(region_numbers(np.array(point, dtype=np.float32)))] == region


@pytest.fixture(scope="module")
def turned(head: dict[str, Image]) -> tuple[Image, Scene]:
    image = oblique(head["T1"])
    assert image.affine[0, 0] < 0 and abs(image.affine[0, 2]) > 0.2  # stored toward the right
    return image, make_scene({"T1": image}, LesionWish("glioma", 5.0))


@pytest.mark.parametrize("side", ["left", "right"])
def test_left_is_the_left_of_the_patient_on_any_grid(
    turned: tuple[Image, Scene], side: str
) -> None:
    image, scene = turned
    assert np.linalg.norm(np.subtract(scene.proportions.ac, AC)) < 14
    wish = LesionWish("metastasis", 3.0, side=side, region="frontal", seed=4)
    placed = place({"T1": image}, wish, scene=scene)
    x, y, z = placed.center_lps
    assert x > 6 if side == "left" else x < -6
    assert y < -5 + 0.5 * z  # before the central sulcus
    inside = np.argwhere(placed.mask.voxels > 0)[:, ::-1]
    lps = inside @ image.affine[:3, :3].T + image.affine[:3, 3]
    assert np.all(lps[:, 0] > 0 if side == "left" else lps[:, 0] < 0)
    assert placed.facts["share_in_region"] > 0.8
    assert (placed.facts["side"], placed.facts["region"]) == (side, "frontal")


@pytest.mark.parametrize(
    ("region", "kind", "tissue"),
    [
        ("parietal", "ms-plaques", "deep-white-matter"),
        ("occipital", "metastasis", "cortical"),
        ("temporal", "glioma", None),
        ("deep", "hemorrhage", None),
    ],
)
def test_a_region_and_a_rule_of_tissue_hold_together(
    head: dict[str, Image], scene: Scene, region: str, kind: str, tissue: str | None
) -> None:
    wish = LesionWish(kind, 1.0, site=tissue, side="right", region=region, seed=2)
    placed = place({"T1": head["T1"]}, wish, scene=scene)
    assert placed.center_lps[0] < 0
    assert placed.facts["share_in_region"] > 0.6
    assert placed.facts["site"] == (tissue or placed.facts["site"])
    assert placed.volume_ml == pytest.approx(1.0, rel=0.02)


def test_a_lesion_larger_than_its_region_warns(head: dict[str, Image], scene: Scene) -> None:
    wish = LesionWish("hemorrhage", 40.0, side="left", region="temporal", seed=1)
    placed = place({"T1": head["T1"]}, wish, scene=scene)
    share = placed.facts["share_in_region"]
    assert share < 0.6
    assert f"Only {share:.0%} of the lesion lies in the left temporal lobe" in placed.warnings[0]


def test_a_region_that_the_image_does_not_reach_is_refused(head: dict[str, Image]) -> None:
    whole = head["T1"]
    upper = _slices(whole, slice(31, None))
    with pytest.raises(RefusedError, match="does not reach the left cerebellum"):
        place({"T1": upper}, LesionWish("metastasis", 0.5, side="left", region="cerebellum"))
    lower = _slices(whole, slice(0, 50))
    with pytest.raises(RefusedError, match="cuts the brain off at its top"):
        place({"T1": lower}, LesionWish("metastasis", 0.5, region="frontal"))


def test_a_brain_without_any_rule_for_it_is_refused(scene: Scene, head: dict[str, Image]) -> None:
    with pytest.raises(RefusedError, match=r"rule cortical for ms-plaques .* in the deep gray"):
        place({"T1": head["T1"]}, LesionWish("ms-plaques", 0.1, site="cortical", region="deep"),
              scene=scene)  # fmt: skip


def test_the_grid_scales_with_the_brain() -> None:
    image = brain(("T1",), step_mm=3.0)["T1"]
    scene = make_scene({"T1": image}, LesionWish("glioma", 5.0))
    small = fit_proportions(scene.organ, scene.white, scene.grid)
    assert small.scale[0] == pytest.approx(112 / 136, abs=0.06)
    assert small.scale[1] == pytest.approx(140 / 172, abs=0.06)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"kind": "glioma", "side": "Left"}, "no side 'Left'"),
        ({"kind": "glioma", "region": "insular"}, "no region 'insular'"),
        ({"kind": "glioma", "side": "left", "at": (1.0, 2.0, 3.0)}, "a point or by a side"),
        ({"kind": "lung-nodule-solid", "side": "left"}, "only lesions of the brain"),
    ],
)
def test_sides_and_regions_that_cannot_be_say_why(wish: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        LesionWish(**({"volume_ml": 1.0} | wish))  # type: ignore[arg-type]


def _slices(image: Image, part: slice) -> Image:
    affine = np.array(make_affine(image.spacing, direction=image.direction))
    affine[:3, 3] = image.affine[:3, 3] + image.affine[:3, 2] * (part.start or 0)
    return Image(image.voxels[part], affine, image.modality)
