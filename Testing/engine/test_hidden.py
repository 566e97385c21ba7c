"""What lies under a mask has no part in what is put there, whatever the spacing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.engine.grid import network_grid, resample
from SynthCore.engine.hidden import without
from SynthCore.engine.preview import moved_along_k, preview
from SynthCore.engine.synthesize import synthesize
from SynthCore.image import Image, make_affine
from SynthCore.lesions.remove import remove
from SynthCore.request import Check, SynthesisRequest, SynthesisResult
from Testing.engine.test_first_guess import ball, bundle, network
from Testing.lesions.head_phantom import stripped_head

HIDDEN = (0.0, 7000.0, -900.0, float("nan"))
"""Air, what is far brighter than any tissue, what looks like CT, and no number at all."""


def part_of_a_head(step_mm: float) -> tuple[Image, np.ndarray]:
    """Some slices of a stripped head with pixels of that size, and a ball in them."""
    whole = stripped_head()
    part = replace(whole, voxels=whole.voxels[20:34], affine=moved_along_k(whole.affine, 20))
    grid = network_grid(part, (step_mm, step_mm, None))
    assert grid is not None
    image = Image(resample(part.voxels, part.affine, *grid), grid[1], "T1")
    index = np.indices(image.shape)[::-1].reshape(3, -1)
    points = image.affine[:3, :3] @ index + image.affine[:3, 3:]
    middle = part.affine @ (0.0, 0.0, 7.0, 1.0)
    away = np.linalg.norm(points - np.array([[28.0], [12.0], [middle[2]]]), axis=0)
    return image, (away <= 6).reshape(image.shape)


def holding(image: Image, region: np.ndarray, value: float) -> Image:
    return image.with_voxels(np.where(region, value, image.voxels).astype(np.float32))


def filled(image: Image, region: np.ndarray, model: str | None) -> SynthesisResult:
    mask = image.with_voxels(region.astype(np.uint8), modality="", unit="")
    return synthesize("inpaint", {"T1": image}, mask=mask, model=model)


def checks(result: SynthesisResult) -> list[Check]:
    """All but that of the mask, which compares it with the patient as given."""
    return [check for check in result.checks if check.name != "mask"]


@pytest.mark.parametrize("model", ["inpaint-brain", "inpaint-biharmonic"])
@pytest.mark.parametrize("step_mm", [0.5, 0.8, 1.0, 1.3])
def test_a_fill_does_not_depend_on_what_it_replaces(step_mm: float, model: str) -> None:
    image, region = part_of_a_head(step_mm)
    wanted = filled(image, region, model)
    for value in HIDDEN:
        found = filled(holding(image, region, value), region, model)
        np.testing.assert_array_equal(found.image.voxels, wanted.image.voxels)
        assert checks(found) == checks(wanted)
    assert 500 < wanted.image.voxels[region].mean() < 1100


@pytest.mark.parametrize("spacing", [[1.0, 1.0, None], [1.0, 1.0, 4.0], [None, None, 1.5]])
def test_nor_does_it_where_slices_are_resampled(tmp_path: Path, spacing: list[float]) -> None:
    image, region = part_of_a_head(1.4)
    model = bundle(tmp_path, network(), spacing_mm=spacing)
    wanted = filled(image, region, model).image.voxels
    middle = image.affine @ (0.0, 0.0, 3.0, 1.0)
    shown = []
    for value in HIDDEN:
        given = holding(image, region, value)
        np.testing.assert_array_equal(filled(given, region, model).image.voxels, wanted)
        mask = image.with_voxels(region.astype(np.uint8), modality="", unit="")
        request = SynthesisRequest("inpaint", {"T1": given}, model=model, mask=mask)
        shown.append(preview(request, (middle[0], middle[1], middle[2])).image.voxels)
        np.testing.assert_array_equal(shown[-1], shown[0])


@pytest.mark.parametrize("model", ["inpaint-brain", "inpaint-biharmonic"])
def test_a_removal_leaves_nothing_of_the_lesion(model: str) -> None:
    first, region = part_of_a_head(1.5)
    images = {"T1": first, "T2": first.with_voxels(1500 - first.voxels, modality="T2")}
    images["T2"].voxels[first.voxels == 0] = 0
    mask = Image(region.astype(np.uint8), first.affine)
    made = [
        remove({r: holding(i, region, value) for r, i in images.items()}, mask, model=model)
        for value in (5.0, 9000.0)
    ]
    for role in images:
        one, other = (found.results[role].image.voxels for found in made)
        np.testing.assert_array_equal(one, other)


def test_what_is_outside_of_the_region_stays_and_so_does_the_type() -> None:
    voxels = np.random.default_rng(0).integers(100, 200, (6, 20, 24)).astype(np.uint8)
    region = ball(voxels.shape, 5, (1.0, 1.0, 1.0))
    made = without(Image(voxels, make_affine((1.0, 1.0, 1.0)), "T1"), region).voxels
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(made[~region], voxels[~region])
    assert abs(float(made[region].mean()) - 150) < 10
