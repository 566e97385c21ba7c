"""Dose-volume figures of a sphere in a penumbra that is known at every point."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from SynthCore.planning import dose_sampling
from SynthCore.planning.dose_check import dose_check
from SynthCore.planning.dose_sampling import MOST_POINTS, dvhs_of

RADIUS_MM, PENUMBRA_MM = 25.0, 2.5
MIDDLE = np.array([3.3, -7.1, 11.7])


def dose_at(points: np.ndarray, shift: float, edge: float) -> np.ndarray:
    """60 Gy with an edge at `edge` mm around a center moved by `shift` mm to the left, [...]."""
    far = np.linalg.norm(points - MIDDLE - [shift, 0, 0], axis=-1)
    return np.asarray(60 / (1 + np.exp((far - edge) / PENUMBRA_MM)))


def centers(shape: tuple[int, int, int], affine: np.ndarray) -> np.ndarray:
    """[k, j, i, 3] LPS mm."""
    k, j, i = np.indices(shape)
    return np.asarray(np.stack([i, j, k], axis=-1) @ affine[:3, :3].T + affine[:3, 3])


def sphere(radius: float = RADIUS_MM) -> Image:
    """On voxels of a CT, 1 x 1 x 3.3 mm."""
    affine = make_affine((1.0, 1.0, 3.3), (-36.0, -46.0, -32.0))
    shape = (28, 80, 80)
    inside = np.linalg.norm(centers(shape, affine) - MIDDLE, axis=-1) <= radius
    return Image(inside.astype(np.uint8), affine)


def dose(spacing: float, shift: float, edge: float) -> Image:
    count = int(110 / spacing)
    affine = make_affine((spacing,) * 3, tuple(MIDDLE - 54.0))
    values = dose_at(centers((count,) * 3, affine), shift, edge)
    return Image(values.astype(np.float32), affine, unit="Gy")


def true_d98(mask: Image, shift: float, edge: float) -> float:
    """Of the analytic dose at 3 x 3 x 5 points of every voxel."""
    voxels = np.argwhere(mask.voxels)[:, ::-1]
    offsets = np.array([[a, b, c] for a in (-1 / 3, 0, 1 / 3) for b in (-1 / 3, 0, 1 / 3)
                        for c in (-0.4, -0.2, 0, 0.2, 0.4)])  # fmt: skip
    index = (voxels[:, None] + offsets[None]).reshape(-1, 3)
    points = index @ mask.affine[:3, :3].T + mask.affine[:3, 3]
    return float(np.percentile(dose_at(points, shift, edge), 2))


@pytest.mark.parametrize(
    ("spacing", "low", "more"), [(2.5, 0.5, 0.4), (3.0, 0.75, 0.5), (4.0, 1.35, 0.65)]
)
@pytest.mark.parametrize("edge", [31.0, 33.0])
def test_d98_in_a_penumbra_is_that_of_the_analytic_dose(
    spacing: float, edge: float, low: float, more: float
) -> None:
    """`low` Gy and `more` percent are what linear interpolation leaves, always on that side."""
    mask = sphere()
    for shift in (1.5, 2.0, 2.5):
        pair = dvhs_of("PTV", mask, (dose(spacing, 0, edge), dose(spacing, shift, edge)))
        found = [one.d(98) for one in pair]
        true = [true_d98(mask, moved, edge) for moved in (0.0, shift)]
        for one, other in zip(found, true, strict=True):
            assert -low < one - other < 0.05
        changes = [100 * (b - a) / a for a, b in (found, true)]
        assert -more < changes[0] - changes[1] < 0.05


def test_a_plane_gradient_is_exact_and_the_volume_is_the_structures() -> None:
    mask = sphere()
    affine = make_affine((4.0, 4.0, 4.0), (-50.0, -60.0, -45.0))
    values = 30 + 0.5 * centers((28, 28, 28), affine)[..., 2]
    linear = Image(values.astype(np.float32), affine, unit="Gy")
    (one, _) = dvhs_of("PTV", mask, (linear, linear))
    assert one.volume_cm3 == pytest.approx(mask.voxels.sum() * 3.3 / 1000, rel=1e-9)
    k = np.argwhere(mask.voxels)[:, 0]
    heights = (k[:, None] + (np.arange(4) + 0.5)[None] / 4 - 0.5) * 3.3 - 32.0
    assert one.mean == pytest.approx(30 + 0.5 * heights.mean(), abs=1e-4)
    assert one.d(98) == pytest.approx(np.percentile(30 + 0.5 * heights, 2), abs=0.01)


def test_a_large_structure_is_drawn_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = sphere()
    doses = dose(3.0, 0, 31.0), dose(3.0, 2.0, 31.0)
    whole = dvhs_of("PTV", mask, doses)
    assert whole[0].dose.size < MOST_POINTS
    monkeypatch.setattr(dose_sampling, "MOST_POINTS", 20_000)
    drawn = dvhs_of("PTV", mask, doses)
    assert drawn[0].dose.size == 20_000
    for a, b in zip(drawn, whole, strict=True):
        assert a.volume_cm3 == pytest.approx(b.volume_cm3)
        for percent in (98, 50, 2):
            assert a.d(percent) == pytest.approx(b.d(percent), abs=0.1)


def test_on_the_doses_own_voxels_nothing_is_interpolated() -> None:
    one, other = dose(4.0, 0, 31.0), dose(4.0, 2.0, 31.0)
    inside = one.voxels > 50
    real, made = dvhs_of("PTV", one.with_voxels(inside.astype(np.uint8)), (one, other))
    np.testing.assert_array_equal(real.dose, np.sort(one.voxels[inside]))
    np.testing.assert_array_equal(made.dose, np.sort(other.voxels[inside]))


def test_doses_on_two_grids_are_each_read_once_and_together() -> None:
    """What one of them does not reach counts in neither."""
    mask = sphere()
    finer, coarser = dose(2.5, 0, 31.0), dose(3.0, 0, 31.0)
    pytest.importorskip("pymedphys", reason="pymedphys is not installed")
    _, compared = dose_check(coarser, finer, {"PTV": mask}, ("PTV",), 60.0, all_criteria=False)
    alone = dvhs_of("PTV", mask, (finer, finer))[0]
    assert compared.histograms["PTV"][1].d(98) == pytest.approx(alone.d(98), abs=1e-6)
    half = Image(finer.voxels[:24], finer.affine, unit="Gy")
    a, b = dvhs_of("PTV", mask, (finer, half))
    assert a.dose.size == b.dose.size and 0.5 < a.volume_cm3 / alone.volume_cm3 < 0.95
    np.testing.assert_allclose(a.dose, b.dose, atol=0.05)  # its last half voxel is its nearest
    moved = finer.affine.copy()
    moved[0, 3] += 500
    with pytest.raises(InputError, match="Nothing of the structure PTV lies in the dose"):
        dvhs_of("PTV", mask, (finer, Image(finer.voxels, moved, unit="Gy")))
