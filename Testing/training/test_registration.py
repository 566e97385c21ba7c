"""Registration finds a known move; the deformation follows a known bend."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from SynthCore.training.deformation import Level, deform_onto
from SynthCore.training.placement import Placement
from SynthCore.training.registration import resample, rigid_by_mutual_information
from SynthCore.training.rigid_move import at_limit, moved


def _leg() -> tuple[Image, Image]:
    """An MR and a CT of one tapering, slightly twisted leg, on one grid."""
    rng = np.random.default_rng(0)
    affine = make_affine((1.0, 1.0, 3.0), (-60.0, -60.0, 100.0))
    k, j, i = np.mgrid[:30, :120, :120].astype(np.float32)
    mr, ct = np.zeros(k.shape, np.float32), np.full(k.shape, -1000, np.float32)
    angle = 0.02 * k
    for edge, dj, di, signal, hu in (
        (50, 0, 0, 950, -100), (42, 0, 0, 300, 60), (12, 8, 4, 20, 1200), (6, 8, 4, 900, -50),
        (9, -15, 12, 450, 30), (5, 2, -25, 700, -80),
    ):  # fmt: skip
        cj = 60 + dj * np.cos(angle) - di * np.sin(angle)
        ci = 60 + dj * np.sin(angle) + di * np.cos(angle)
        inside = np.hypot(j - cj, (i - ci) * 1.15) < edge * (1 - 0.008 * k)
        mr[inside], ct[inside] = signal, hu
    mr = np.abs(ndimage.gaussian_filter(mr, (0, 0.7, 0.7)) + rng.normal(0, 20, mr.shape))
    ct = ndimage.gaussian_filter(ct, (0, 0.7, 0.7)) + rng.normal(0, 25, ct.shape)
    return Image(mr, affine, "T1"), Image(ct, affine, "CT", "HU")


def _known() -> sitk.Euler3DTransform:
    known = sitk.Euler3DTransform()
    known.SetCenter((0.0, 0.0, 145.0))
    known.SetRotation(0.02, -0.03, 0.06)
    known.SetTranslation((5.0, -4.0, 3.0))
    return known


@pytest.fixture(scope="module")
def moved_ct() -> tuple[Image, Image]:
    """The MR, and the CT moved against it."""
    mr, ct = _leg()
    return mr, resample(ct, ct, _known().GetInverse())


@pytest.fixture(scope="module")
def found(moved_ct: tuple[Image, Image]) -> sitk.Transform:
    return rigid_by_mutual_information(*moved_ct)[1]


def test_mutual_information_recovers_a_known_rigid_move(found: sitk.Transform) -> None:
    known = _known()
    corners = [(x, y, z) for x in (-30.0, 30.0) for y in (-30.0, 30.0) for z in (115.0, 175.0)]
    away = [
        np.linalg.norm(np.subtract(known.TransformPoint(p), found.TransformPoint(p)))
        for p in corners
    ]
    assert max(away) < 1.5
    before = [np.linalg.norm(np.subtract(known.TransformPoint(p), p)) for p in corners]
    assert min(before) > 4


def test_the_same_images_give_the_same_transform(
    moved_ct: tuple[Image, Image], found: sitk.Transform
) -> None:
    again = rigid_by_mutual_information(*moved_ct)[1]
    assert again.GetParameters() == found.GetParameters()


def test_a_ct_bent_against_its_synthetic_twin_is_bent_back() -> None:
    _, ct = _leg()
    k, j, i = np.mgrid[:30, :120, :120].astype(np.float32)
    bent = ndimage.map_coordinates(
        ct.voxels, [k, j + 3 * np.sin(i / 25), i + 2 * np.cos(k / 6)], order=1, mode="nearest"
    )
    mask = np.ones(ct.shape, dtype=bool)
    levels = (Level(30.0, 2, 50, 1.0), Level(15.0, 2, 30, 0.5))
    back, _ = deform_onto(ct, ct.with_voxels(bent), sitk.Euler3DTransform(), mask, levels)
    bone = ct.voxels > 400
    assert np.abs(bent - ct.voxels)[bone].mean() > 150
    assert (
        np.abs(back.voxels - ct.voxels)[bone].mean() < 0.5 * np.abs(bent - ct.voxels)[bone].mean()
    )


@pytest.mark.parametrize("content", [b"", b"no registration", b"PK\x03\x04", None], ids=repr)
def test_a_broken_registration_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "run" / "pair.npz"
    path.parent.mkdir()
    Placement(_known()).save(path)
    assert Placement.load(path).rigid.GetParameters() == _known().GetParameters()
    path.write_bytes(path.read_bytes()[:100] if content is None else content)
    with pytest.raises(InputError, match=r"pair.npz in run is broken.*remove it"):
        Placement.load(path)


def test_a_move_tells_how_far_it_goes_and_whether_it_was_stopped() -> None:
    fixed, _ = _leg()
    center = np.mean([fixed.affine @ (i, j, k, 1) for i, j, k in ((0, 0, 0), (119, 119, 29))], 0)
    known = sitk.Euler3DTransform()
    known.SetCenter(center[:3].tolist())
    known.SetRotation(0.0, 0.0, 0.1)
    known.SetTranslation((3.0, -4.0, 12.0))
    assert moved(fixed, known) == pytest.approx((13.0, np.degrees(0.1)))
    assert not at_limit(fixed, known)
    known.SetTranslation((3.0, -19.8, 12.0))
    assert at_limit(fixed, known)
    known.SetTranslation((0.0, 0.0, 0.0))
    known.SetRotation(0.0, 0.0, 0.5)  # of a leg of 120 mm: an arc of 29 mm
    assert at_limit(fixed, known)


def test_a_search_that_was_stopped_is_told_from_one_that_ended(
    moved_ct: tuple[Image, Image], found: sitk.Transform
) -> None:
    assert not at_limit(moved_ct[0], found)
    fixed, ct = _leg()
    affine = ct.affine.copy()
    affine[2, 3] += 22.0
    assert at_limit(fixed, rigid_by_mutual_information(fixed, replace(ct, affine=affine))[1])
