"""Dose-volume histograms against doses computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.planning.dvh import figures, make_dvh


def test_a_uniform_dose_is_that_dose_everywhere() -> None:
    dvh = make_dvh("target", np.full((4, 5, 6), 60.0), np.ones((4, 5, 6)), 8.0)
    found = figures(dvh, doses=(59.9, 60.0, 60.1))
    assert [found[name] for name in ("D98", "D95", "D50", "D2", "mean")] == [60.0] * 5
    assert (found["V59.9Gy"], found["V60Gy"], found["V60.1Gy"]) == (100.0, 100.0, 0.0)
    assert dvh.volume_cm3 == pytest.approx(0.96)


def test_a_ramp_of_doses_has_the_percentiles_of_the_ramp() -> None:
    dose = np.linspace(0, 100, 100_001).reshape(1, 1, -1)
    dvh = make_dvh("ramp", dose, np.ones(dose.shape, dtype=bool), 1.0)
    for percent in (98, 95, 50, 20, 2):
        assert dvh.d(percent) == pytest.approx(100 - percent, abs=0.01)
    assert dvh.v(30) == pytest.approx(70, abs=0.01) and dvh.mean == pytest.approx(50)
    np.testing.assert_allclose(dvh.curve(np.array([0.0, 25.0, 101.0])), [100, 75, 0], atol=0.01)


def test_ten_voxels_by_hand() -> None:
    dose = np.arange(1.0, 11.0)
    dvh = make_dvh("ten", dose, np.ones(10, dtype=bool), 1000.0)
    # voxel n (1 to 10) is the middle of the share from 100 - 10 n to 110 - 10 n percent
    assert dvh.d(95) == 1.0 and dvh.d(5) == 10.0 and dvh.d(50) == pytest.approx(5.5)
    assert dvh.v(8) == 30.0 and dvh.volume_cm3 == 10.0


def test_half_a_voxel_counts_half() -> None:
    dvh = make_dvh("edge", np.array([10.0, 20.0]), np.array([1.0, 0.5]), 1000.0)
    assert dvh.mean == pytest.approx(40 / 3) and dvh.volume_cm3 == 1.5
    assert dvh.v(15) == pytest.approx(100 / 3)


def test_the_order_of_voxels_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    dose, share = rng.uniform(0, 70, 500), rng.uniform(0, 1, 500)
    order = rng.permutation(500)
    a, b = make_dvh("a", dose, share, 1.0), make_dvh("a", dose[order], share[order], 1.0)
    assert figures(a) == pytest.approx(figures(b), rel=1e-12)


def test_a_structure_that_the_dose_does_not_reach_is_named() -> None:
    with pytest.raises(InputError, match="cord"):
        make_dvh("cord", np.ones((2, 2, 2)), np.zeros((2, 2, 2)), 1.0)
