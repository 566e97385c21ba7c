"""Images lie where the truth lies, hold the whole head, and change where the lesion is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from SynthCore.people.draws import Draws, draw
from SynthCore.people.heads import Head
from SynthCore.people.scanning import image_of, lesions_of, tissues_of, volume_ml
from SynthCore.people.slabs import make_maps
from SynthCore.people.wish import LESIONS, Wish
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.tissue_values import INDEX
from Testing.people.label_maps import BELOW, MM

ALL = ("T1", "T1c", "T2", "FLAIR", "PD", "DIR", "CT")


def made(wish: Wish, head: Head, number: int = 1) -> tuple[Draws, TissueMaps]:
    draws = draw(wish, number, head)
    return draws, make_maps(draws.person, head.anatomy, draws.grid)


def spread(image: npt.NDArray[np.int16], tissues: npt.NDArray[np.int16]) -> float:
    """Variance within tissues: least where labels and image lie on each other."""
    found = 0.0
    for name in ("air", "fat", "compact bone", "white matter", "gray matter", "csf"):
        values = image[tissues == INDEX[name]].astype(np.float64)
        found += values.size * float(values.var()) if values.size else 0.0
    return found


@pytest.mark.parametrize("slices_mm", [None, 5.0])
def test_every_image_is_registered_with_the_labels(spheres: Head, slices_mm: float | None) -> None:
    wish = Wish(ALL, ("none",), 1.6, slices_mm, 3)
    draws, maps = made(wish, spheres)
    tissues = tissues_of(draws.grid, maps)
    for role in ALL:
        image = image_of(draws, role, maps)
        assert image.same_grid(tissues)
        assert image.voxels.dtype == np.int16
        here = spread(image.voxels, tissues.voxels)
        for axis in range(3):
            for step in (-2, 2) if axis else (-1, 1):
                moved = np.roll(tissues.voxels, step, axis)
                assert spread(image.voxels, moved) > 1.1 * here, (role, axis, step)


def test_ct_numbers_and_contrasts_are_those_of_tissues(spheres: Head) -> None:
    draws, maps = made(Wish(("T1", "T2", "FLAIR", "CT"), ("none",), 1.6, None, 8), spheres)
    tissues = tissues_of(draws.grid, maps).voxels
    level = {
        role: {
            name: float(np.median(image_of(draws, role, maps).voxels[tissues == INDEX[name]]))
            for name in ("air", "compact bone", "white matter", "gray matter", "csf")
        }
        for role in draws.images
    }
    assert level["CT"]["air"] < -950
    assert level["CT"]["compact bone"] > 600
    assert 15 < level["CT"]["white matter"] < 50
    assert level["CT"]["white matter"] < level["CT"]["gray matter"]
    assert level["T1"]["white matter"] > level["T1"]["gray matter"] > level["T1"]["csf"]
    assert level["T2"]["csf"] > level["T2"]["gray matter"] > level["T2"]["white matter"]
    assert level["FLAIR"]["csf"] < 0.6 * level["FLAIR"]["white matter"]
    for role in ("T1", "T2", "FLAIR"):
        assert level[role]["air"] < 0.2 * level[role]["white matter"]


@pytest.mark.parametrize("kind", LESIONS)
def test_images_change_where_the_mask_is(spheres: Head, kind: str) -> None:
    """Against the same person by the same scans without the lesion."""
    draws, maps = made(Wish(("T1", "T2", "FLAIR", "CT"), (kind,), 1.6, None, 21), spheres)
    # in the window's own slices: thick ones would carry the lesion beyond its mask
    draws = replace(
        draws, scans=tuple(replace(one, resolution=None, motion=None) for one in draws.scans)
    )
    masks = lesions_of(draws.grid, maps)
    assert kind in masks
    assert sum(volume_ml(one) for one in masks.values()) > 0.3
    mask = np.any([one.voxels > 0 for one in masks.values()], axis=0)
    well = replace(draws.person, lesions=())
    without = make_maps(well, spheres.anatomy, draws.grid)
    assert not lesions_of(draws.grid, without)
    for role in ("T1", "T2", "FLAIR"):
        ill, healthy = (
            image_of(draws, role, one).voxels.astype(np.float64) for one in (maps, without)
        )
        changed = np.abs(ill - healthy)
        assert changed[mask].mean() > 10 * changed[~mask].mean(), role
    # what the equations see: density and times; CT is too soft for small parts
    other = np.abs(maps.t2.numpy() - without.t2.numpy())
    differs = other > 0.25 * np.median(other[mask])
    overlap = 2 * (differs & mask).sum() / (differs.sum() + mask.sum())
    assert overlap > 0.75


def test_the_whole_head_is_in_the_image(spheres: Head) -> None:
    for number in range(1, 5):
        _, maps = made(Wish(("T1",), ("none",), 3.0, None, 5), spheres, number)
        body = maps.body.numpy()
        faces = [np.take(body, side, axis) for axis in range(3) for side in (0, -1)]
        assert not any(face.any() for face in faces)
        # and not in a sea of air
        assert body.mean() > 0.2


def test_a_neck_that_the_map_cuts_off_goes_to_the_end_of_the_image(necked: Head) -> None:
    assert necked.floor == round(30 / MM)
    for number in range(1, 6):
        draws, maps = made(Wish(("T1",), ("none",), 3.0, None, 5), necked, number)
        area = maps.body.sum((1, 2)).numpy()
        # no corner of air below, however the head is tilted
        assert area[0] > 0.9 * area[4]
        # nor is more of the neck invented than the tilt needs
        length = (96 - BELOW - 6) * MM / draws.person.deformation.scale[0]
        assert draws.grid.shape[0] * draws.grid.slices_mm < length + 30


def test_slices_are_acquired_where_they_lie(spheres: Head) -> None:
    """Of thick slices each is the average over its thickness, centered on its place."""
    wish = Wish(("T2",), ("none",), 2.0, 6.0, 2)
    draws, maps = made(wish, spheres)
    scan = draws.scans[0]
    assert draws.grid.every == 5
    assert scan.resolution is not None
    assert scan.resolution.distance == pytest.approx(6.0)
    quiet = replace(scan, noise=None, motion=None, ghosts=None, receive=None, transmit=None)
    image = image_of(replace(draws, scans=(quiet,)), "T2", maps).voxels.astype(np.float64)
    fine = image_of(
        replace(draws, scans=(replace(quiet, resolution=None),), grid=replace(draws.grid, every=1)),
        "T2", maps,
    ).voxels.astype(np.float64)  # fmt: skip
    blocks = fine.reshape(-1, 5, *fine.shape[1:])
    errors = [
        np.abs(image[2:-2] - np.roll(fine, s, 0)[2::5][2:-2]).mean() for s in (-2, -1, 0, 1, 2)
    ]
    assert int(np.argmin(errors)) == 2
    assert np.abs(image - blocks.mean(axis=1))[2:-2].mean() < min(errors)
    assert draws.grid.affine[2, 2] == pytest.approx(6.0)


def test_who_a_person_is_does_not_depend_on_what_is_asked_of_them(spheres: Head) -> None:
    few = draw(Wish(("FLAIR",), ("plaque",), 2.0, None, 6), 3, spheres)
    many = draw(Wish(("CT", "T1", "FLAIR"), ("plaque",), 3.0, None, 6), 3, spheres)
    assert few.person == many.person
    assert few.scans[0] == many.scans[1]
    assert many.images == ("CT", "T1", "FLAIR")
    others = [
        draw(Wish(("FLAIR",), ("plaque",), 2.0, None, s), n, spheres) for s, n in ((7, 3), (6, 4))
    ]
    assert few.person not in [one.person for one in others]


def test_lesions_are_taken_in_turn(spheres: Head) -> None:
    wish = Wish(("T1",), ("hemorrhage", "none", "plaque"), 3.0, None, 1)
    kinds = [{one.kind for one in draw(wish, n, spheres).person.lesions} for n in range(1, 5)]
    assert kinds == [{"hemorrhage"}, set(), {"plaque"}, {"hemorrhage"}]
    random = [draw(Wish(("T1",), ("random",), 3.0, None, 1), n, spheres) for n in range(1, 6)]
    assert all(one.person.lesions for one in random)
    assert len({one.person.lesions[0].kind for one in random}) > 1
