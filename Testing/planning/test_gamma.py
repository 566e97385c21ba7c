"""Gamma against cases that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.errors import CancelledError, InputError
from SynthCore.image import Image, make_affine
from SynthCore.planning.gamma import Criteria, gamma

pytest.importorskip("pymedphys", reason="pymedphys is not installed")
AFFINE = make_affine((2.0, 2.0, 2.0))
TWO = Criteria(2.0, 2.0)


def dose(voxels: np.ndarray) -> Image:
    return Image(voxels.astype(np.float32), AFFINE, unit="Gy")


def ramp(shift_mm: float = 0.0) -> np.ndarray:
    """1 Gy/mm along i, on 60 mm."""
    x = np.arange(30) * 2.0 + shift_mm
    return np.broadcast_to(x, (12, 10, 30)).copy()


def test_a_dose_agrees_with_itself() -> None:
    found = gamma(dose(ramp()), dose(ramp()), TWO)
    assert found.pass_percent == 100 and found.mean == pytest.approx(0, abs=1e-6)
    assert found.engine.startswith("pymedphys ") and found.normalization_gy == 58


def test_a_uniform_difference_of_one_percent_is_half_of_two() -> None:
    flat = np.full((12, 10, 30), 50.0)
    found = gamma(dose(flat), dose(flat * 1.01), TWO)
    np.testing.assert_allclose(found.values, 0.5, atol=1e-3)
    assert gamma(dose(flat), dose(flat * 1.021), TWO).pass_percent == 0


@pytest.mark.parametrize("shift", [0.5, 1.0, 1.5])
def test_a_moved_ramp_has_the_gamma_of_the_formula(shift: float) -> None:
    found = gamma(dose(ramp()), dose(ramp(shift)), TWO)
    # the nearest point of a line: shift * slope / sqrt((dose criterion)^2 + (slope * distance)^2)
    criterion = 0.02 * 58
    expected = shift / np.hypot(criterion, 2.0)
    middle = found.values[4:8, 3:7, 8:22]
    np.testing.assert_allclose(middle, expected, atol=0.04)


def test_what_lies_below_the_cutoff_does_not_count() -> None:
    wrong = ramp()
    wrong[..., :2] += 30  # doses of 0 and 2 Gy are below 10% of 58
    found = gamma(dose(ramp()), dose(wrong), TWO)
    assert np.isnan(found.values[..., :3]).all()
    assert found.voxels == 12 * 10 * 27
    assert found.values[..., 5:].max() < 1


def test_progress_is_told_and_a_cancel_heard() -> None:
    told: list[float] = []
    gamma(dose(ramp()), dose(ramp()), TWO, progress=lambda f, _: told.append(f))
    assert told == sorted(told) and told[-1] == 1.0
    with pytest.raises(CancelledError):
        gamma(dose(ramp()), dose(ramp()), TWO, cancelled=lambda: True)


def test_doses_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(InputError, match="different grids"):
        gamma(dose(ramp()), Image(ramp(), make_affine((3.0, 2.0, 2.0))), TWO)
    with pytest.raises(InputError, match="cutoff"):
        gamma(dose(np.zeros((4, 4, 4))), dose(np.ones((4, 4, 4))), TWO)
