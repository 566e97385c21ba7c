"""Doses of our own: what of each structure they are judged in."""

from __future__ import annotations

import numpy as np

from SynthCore.image import Image, make_affine
from SynthCore.planning.computed_check import REAL, SYNTHETIC, computed_check
from SynthCore.planning.engine.compute import ComputedDoses
from SynthCore.planning.engine.request import DosePlan
from SynthCore.planning.path_length import Beam

AFFINE, COARSE = make_affine((2.0, 2.0, 2.0)), make_affine((4.0, 4.0, 4.0), (1.0, 1.0, 1.0))


def _mask(start: int, stop: int) -> Image:
    voxels = np.zeros((40, 40, 60), np.uint8)
    voxels[10:20, 10:20, start:stop] = 1
    return Image(voxels, AFFINE)


def test_each_target_has_its_own_figures_where_one_reaches_into_air() -> None:
    """A breast beside its nodes: the union of both hid a halved dose."""
    structures = {"breast": _mask(2, 14), "nodes": _mask(40, 50), "skin": _mask(0, 10),
                  "coil": _mask(0, 4)}  # fmt: skip
    body = np.zeros((20, 20, 30), np.uint8)
    body[:, :, 3:] = 1
    real = np.ones((20, 20, 30), np.float32)
    real[5:10, 5:10, 1:7], real[5:10, 5:10, 20:25] = 40.0, 60.0
    made = real.copy()
    made[5:10, 5:10, 1:7] = 20.0
    doses = {REAL: Image(real, COARSE, unit="Gy"), SYNTHETIC: Image(made, COARSE, unit="Gy")}
    plan = DosePlan("photons", (Beam(0.0), Beam(72.0), Beam(144.0)), 60.0)
    one = ComputedDoses(plan, doses, Image(body, COARSE), "engine", "code", 1, 1.0, None)
    both = structures["breast"].voxels | structures["nodes"].voxels
    notes: list[str] = []
    found, (comparison,), _ = computed_check(
        [one], structures, ("breast, nodes", Image(both, AFFINE)), ("breast", "nodes"), notes
    )
    values = {f.title: f.value for f in found}
    assert values["D50 of breast, photons"] == -50.0
    assert values["D50 of nodes, photons"] == 0.0
    assert set(comparison.histograms) == {"breast", "nodes"}
    assert notes == [
        "25% of the target breast lies beyond the body, where no dose is computed: its figures "
        "are of the rest.",
        "skin is left out: 50% of it lies beyond the body.",
        "No dose was computed in coil: it lies beyond the body.",
    ]


def test_a_target_of_which_less_than_a_voxel_of_dose_is_left_has_no_figures() -> None:
    thin = np.zeros((40, 40, 60), np.uint8)
    thin[10:20, 10:20, 2:7] = 1
    structures = {"bolus": Image(thin, AFFINE), "nodes": _mask(40, 50)}
    body = np.zeros((40, 40, 60), np.uint8)
    body[:, :, 6:] = 1
    dose = Image(np.full((20, 20, 30), 60.0, np.float32), COARSE, unit="Gy")
    plan = DosePlan("photons", (Beam(0.0), Beam(72.0), Beam(144.0)), 60.0)
    one = ComputedDoses(plan, {REAL: dose, SYNTHETIC: dose}, Image(body, AFFINE), "e", "c", 1, 1.0,
                        None)  # fmt: skip
    notes: list[str] = []
    both = structures["bolus"].voxels | structures["nodes"].voxels
    found, _, _ = computed_check(
        [one], structures, ("bolus, nodes", Image(both, AFFINE)), ("bolus", "nodes"), notes
    )
    assert "D50 of nodes, photons" in {f.title for f in found}
    assert not [f for f in found if "bolus" in f.title]
    assert notes[-1].startswith("No figure of bolus, photons: too little")
