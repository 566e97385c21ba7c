"""A head made in slabs is the head made at once: values go on across their borders."""

from __future__ import annotations

import numpy as np
import torch

from SynthCore.people.grid import Grid
from SynthCore.people.heads import Head
from SynthCore.people.slabs import make_maps, slab_window
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.person import Person, apply_person, draw_person
from SynthCore.physics.generator.window import Window

MAPS = ("density", "t1", "t2", "t2_star", "hu", "agent")


def someone() -> Person:
    return draw_person(np.random.default_rng(4), healthy=0.0)


def grid(head: Head, shape: tuple[int, int, int], mm: float) -> Grid:
    middle = [o + (n - 1) / 2 for o, n in zip(head.anatomy.origin, head.anatomy.shape, strict=True)]
    return Grid((middle[0], middle[1], middle[2]), shape, (mm, mm, mm), 1)


def apart(first: TissueMaps, second: TissueMaps, k: int, other: int) -> float:
    """Share of voxels of two slices that differ by more than a thousandth, of any property."""
    differ = torch.zeros_like(first.t1[k], dtype=torch.bool)
    for name in MAPS:
        a, b = getattr(first, name)[k], getattr(second, name)[other]
        differ |= (a - b).abs() > 1e-3 * (a.abs() + 1e-2 * float(a.abs().max()))
    return float(differ.float().mean())


def test_neighbors_agree_in_the_slice_they_share(spheres: Head) -> None:
    """And windows that begin anywhere do not: the lattice lies elsewhere."""
    person, place = someone(), grid(spheres, (60, 70, 70), 1.3)
    high = 12
    for start in (11, 22, 33):
        lower, upper, shifted = (
            apply_person(person, spheres.anatomy, slab_window(place, spheres.anatomy, s, high))
            for s in (start, start + high - 1, start + high - 4)
        )
        assert apart(lower, upper, high - 1, 0) < 2e-3
        assert apart(lower, shifted, high - 1, 3) > 0.05


def test_slabs_give_what_one_window_gives(spheres: Head) -> None:
    # 41 slices of 1.05 mm have knots at every other voxel, as slabs of 21 have
    person, place = someone(), grid(spheres, (41, 60, 64), 1.05)
    slabs = make_maps(person, spheres.anatomy, place, slab_voxels=21 * 60 * 64)
    once = apply_person(person, spheres.anatomy, Window(place.center, place.shape, place.spacing))
    assert all(apart(slabs, once, k, k) < 5e-3 for k in range(41))
    assert float((slabs.tissue != once.tissue).float().mean()) < 1e-3
    assert bool((slabs.lesion == once.lesion).float().mean() > 0.999)
    assert bool(once.lesion.any())


def test_no_step_stands_at_the_borders(spheres: Head) -> None:
    """From slice to slice values change across a border as they do elsewhere."""
    person, place = someone(), grid(spheres, (92, 70, 70), 1.3)
    high = 8
    maps = make_maps(person, spheres.anatomy, place, slab_voxels=high * 70 * 70)
    inside = maps.brain[1:] & maps.brain[:-1]
    for values in (maps.t1, maps.hu, maps.density):
        steps = ((values[1:] - values[:-1]).abs() * inside).sum((1, 2)) / inside.sum((1, 2))
        border = np.arange(high - 1, 91, high - 1)
        # the step that leaves the shared slice, against its neighbors on both sides
        ratio = [float(steps[b] / (0.5 * (steps[b - 1] + steps[b + 1]))) for b in border
                 if b + 1 < 91 and inside[b - 1 : b + 2].sum((1, 2)).min() > 300]  # fmt: skip
        assert len(ratio) > 5
        assert 0.9 < float(np.mean(ratio)) < 1.1
        assert max(ratio) < 1.5


def test_the_last_slab_ends_with_the_grid(spheres: Head) -> None:
    person = someone()
    for count in (7, 15, 16, 17, 22):
        place = grid(spheres, (count, 30, 30), 3.0)
        maps = make_maps(person, spheres.anatomy, place, slab_voxels=8 * 30 * 30)
        assert maps.t1.shape == (count, 30, 30)
        assert bool(torch.isfinite(maps.t1).all())
        assert bool((maps.t2 > 0).all())
