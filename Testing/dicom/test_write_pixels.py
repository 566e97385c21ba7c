"""Stored pixel values: exact where they can be, and never off without saying so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SynthCore.dicom.stored import Stored, store_ct, store_mr
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import ComputationError
from Testing.dicom.results import an_image, numbers, result_of

RNG = np.random.default_rng(3)


def undone(stored: Stored) -> np.ndarray:
    return stored.values / stored.scale + stored.offset


def cube(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32).reshape(1, 1, -1)


def test_hounsfield_units_to_the_unit() -> None:
    voxels = RNG.uniform(-1024, 3071, (3, 4, 5)).astype(np.float32)
    stored = store_ct(voxels)
    assert stored.values.dtype == np.uint16
    assert np.abs(undone(stored) - voxels).max() <= 0.5
    assert stored.notes == ()


def test_hounsfield_units_out_of_range_are_told() -> None:
    stored = store_ct(cube(-3000, -1024, 0, 70000))
    assert undone(stored).ravel().tolist() == [-1024, -1024, 0, 64511]
    assert len(stored.notes) == 2


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, np.bool_])
def test_whole_mr_values_stay(dtype: type) -> None:
    voxels = RNG.integers(0, 2 if dtype == np.bool_ else 200, (3, 4, 5)).astype(dtype)
    stored = store_mr(voxels)
    assert (stored.scale, stored.offset, stored.notes) == (1.0, 0.0, ())
    assert np.array_equal(stored.values, voxels)


def test_mr_values_of_a_scanner_are_rounded() -> None:
    voxels = RNG.uniform(0, 1500, (3, 4, 5))
    stored = store_mr(voxels)
    assert stored.scale == 1.0
    assert np.abs(undone(stored) - voxels).max() <= 0.5


@pytest.mark.parametrize("top", [1e-6, 0.02, 1.0, 7.3, 999.0, 40000.5, 3e9])
def test_other_mr_values_are_scaled_by_a_power_of_ten(top: float) -> None:
    voxels = RNG.uniform(0, 1, (3, 4, 5)) * top
    stored = store_mr(voxels)
    assert 3276 <= stored.values.max() <= 32767 or stored.scale == 1.0
    assert round(np.log10(stored.scale), 9) % 1 == 0
    assert np.abs(undone(stored) - voxels).max() <= top / 2000


def test_ripple_below_zero_becomes_zero() -> None:
    stored = store_mr(cube(-2, 0, 1500.5))
    assert stored.values.ravel().tolist() == [0, 0, 1500]
    assert stored.offset == 0 and "negative" in stored.notes[0]


def test_deep_negatives_shift() -> None:
    voxels = cube(-2, 0, 1.5)
    stored = store_mr(voxels)
    assert stored.offset == -2
    assert np.allclose(undone(stored), voxels, atol=1e-3)
    assert "offset" in stored.notes[0]


def test_nothing_but_zero() -> None:
    stored = store_mr(np.zeros((2, 2, 2), np.float32))
    assert stored.scale == 1.0 and not stored.values.any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("role", ["CT", "T1"])
def test_not_a_number_is_not_written(bad: float, role: str, tmp_path: Path) -> None:
    voxels = numbers()
    voxels[2, 3, 4] = bad
    with pytest.raises(ComputationError, match="not numbers"):
        export_dicom(result_of(an_image(voxels, role=role)), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_windows() -> None:
    assert store_ct(cube(0, 1, 2)).windows[0][:2] == ("40", "400")
    tissue = RNG.normal(500, 50, (8, 32, 32)).astype(np.float32)
    ((center, width, _),) = store_mr(tissue.round()).windows
    assert float(center) == pytest.approx(500, abs=15)
    assert 200 < float(width) < 300
