"""The deformable registration follows a known bend, and is measured without a ground truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.training.deformable import LEVELS, deform_by_mutual_information
from SynthCore.training.placement import Placement
from SynthCore.training.registration_figures import gradients, registration_figures
from SynthCore.training.registration_picture import draw_registration
from SynthCore.training.splines import Field, bases, basis, evaluate, refit
from Testing.training.test_registration import _leg

QUICK = tuple(replace(level, steps=30) for level in LEVELS[:2])


def _bent() -> tuple[Image, Image, Image]:
    """The leg's MR, its CT, and the CT bent by up to 8 mm, the bone moved as a whole."""
    mr, ct = _leg()
    k, j, i = np.mgrid[:30, :120, :120].astype(np.float32)
    moved = ndimage.map_coordinates(
        ct.voxels, [k, j + 5 * np.sin(i / 35), i + 4 * np.cos(j / 30) + 2], order=1, mode="nearest"
    )
    return mr, ct, ct.with_voxels(moved)


@pytest.fixture(scope="module")
def found() -> tuple[Image, Image, Image, Placement]:
    mr, ct, bent = _bent()
    rigid = sitk.Euler3DTransform()
    return (
        mr,
        ct,
        bent,
        Placement(rigid, deform_by_mutual_information(mr, bent, rigid, levels=QUICK)),
    )


def test_a_bent_ct_comes_back_onto_the_mr(found: tuple[Image, Image, Image, Placement]) -> None:
    mr, ct, bent, place = found
    body = ct.voxels > -300
    before = np.abs(bent.voxels - ct.voxels)[body].mean()
    after = np.abs(place.place(mr, bent).voxels - ct.voxels)[body].mean()
    assert after < 0.6 * before
    bone = ct.voxels > 400
    dice = [
        2 * (bone & (one > 400)).sum() / (bone.sum() + (one > 400).sum())
        for one in (bent.voxels, place.place(mr, bent).voxels)
    ]
    assert dice[1] > dice[0] + 0.1


def test_the_figures_see_the_gain_and_no_fold(
    found: tuple[Image, Image, Image, Placement],
) -> None:
    mr, _, bent, place = found
    figures = registration_figures(mr, bent, place)
    assert figures.information > figures.information_rigid + 0.05
    assert figures.outline_mm < 0.6 * figures.outline_rigid_mm
    assert figures.folded == 0.0
    assert 0.4 < figures.jacobian_least < 1 < figures.jacobian_most < 2.5
    assert figures.bone_strain < 0.1
    assert registration_figures(mr, bent, Placement(place.rigid)).displacement_mm == 0


def test_a_fold_is_counted() -> None:
    mr, ct, _ = _bent()
    control = np.zeros((3, 8, 8, 8), dtype=np.float32)
    control[0, :, :, ::2] = 200.0
    grid = 40.0
    shape = [one.shape[1] for one in bases(mr.shape, mr.spacing, grid)]
    place = Placement(
        sitk.Euler3DTransform(),
        Field(np.ascontiguousarray(control[:, : shape[0], : shape[1], : shape[2]]), grid),
    )
    assert registration_figures(mr, ct, place).folded > 0.1


def test_the_same_images_give_the_same_field() -> None:
    mr, _, bent = _bent()
    rigid = sitk.Euler3DTransform()
    short = (replace(LEVELS[0], steps=3),)
    one, two = (deform_by_mutual_information(mr, bent, rigid, levels=short) for _ in range(2))
    assert np.array_equal(one.control, two.control)


def test_a_placement_is_kept_as_plain_arrays(
    found: tuple[Image, Image, Image, Placement], tmp_path: Path
) -> None:
    mr, _, bent, place = found
    place.save(tmp_path / "place.npz")
    again = Placement.load(tmp_path / "place.npz")
    assert np.array_equal(again.place(mr, bent).voxels, place.place(mr, bent).voxels)
    Placement(place.rigid).save(tmp_path / "rigid.npz")
    assert Placement.load(tmp_path / "rigid.npz").field is None


def test_a_picture_is_drawn(found: tuple[Image, Image, Image, Placement], tmp_path: Path) -> None:
    mr, _, bent, place = found
    draw_registration(mr, bent, place, tmp_path / "pair.png", "pair 1")
    assert (tmp_path / "pair.png").stat().st_size > 20_000


def test_splines_hold_a_constant_and_a_slope() -> None:
    along = bases((9, 30, 40), (1.5, 1.0, 3.0), 20.0)
    assert torch.allclose(along[1].sum(dim=1), torch.ones(30), atol=1e-6)
    k, j, i = np.mgrid[:9, :30, :40].astype(np.float32)
    slope = torch.from_numpy(np.stack([0.1 * i, 0.2 * j + 1, k - 0.3 * i]))
    assert torch.allclose(evaluate(refit(slope, along), along), slope, atol=1e-3)
    assert basis(1, 3.0, 20.0).shape[0] == 1


def test_gradients_are_in_the_order_of_the_axes() -> None:
    k, j, i = np.mgrid[:5, :6, :7].astype(np.float32)
    found = gradients(np.stack([2 * i, 3 * k, 4 * j]), (1.0, 2.0, 4.0))
    assert np.allclose(found[0, 0], 2) and np.allclose(found[0, 1:], 0)
    assert np.allclose(found[1, 2], 3 / 4) and np.allclose(found[2, 1], 4 / 2)


def test_a_bone_goes_where_the_mr_is_dark_though_flesh_lies_right() -> None:
    """Bones shift in a limb that lies otherwise; few voxels say so, and they count."""
    mr, ct = _leg()
    bone = ndimage.binary_fill_holes(ndimage.median_filter(ct.voxels, 3) > 400)
    bone = ndimage.binary_dilation(bone, np.ones((1, 3, 3)), iterations=2)
    moved = np.roll(ct.voxels, 4, axis=2)
    there = np.roll(bone, 4, axis=2)
    flesh = np.where(bone, np.float32(60), ct.voxels)
    shifted = ct.with_voxels(np.where(there, moved, flesh).astype(np.float32))
    rigid = sitk.Euler3DTransform()
    place = Placement(rigid, deform_by_mutual_information(mr, shifted, rigid, levels=QUICK))
    cortex = ct.voxels > 600
    dice = [
        2 * (cortex & (one > 600)).sum() / (cortex.sum() + (one > 600).sum())
        for one in (shifted.voxels, place.place(mr, shifted).voxels)
    ]
    assert dice[0] < 0.55 and dice[1] > 0.8
