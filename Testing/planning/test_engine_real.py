"""pyRadPlan itself, where it is installed: what it computes on water that is reckoned by hand."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from SynthCore.errors import CancelledError
from SynthCore.image import Image, make_affine
from SynthCore.planning.density import Curve
from SynthCore.planning.engine.compute import ComputedDoses, compute_doses
from SynthCore.planning.engine.environment import HOME_VARIABLE, python_of, status
from SynthCore.planning.engine.request import DosePlan
from SynthCore.planning.path_length import Beam

SPACING = 4.0
SHAPE = (22, 30, 22)
"""[k, j, i]: a box of water, 88 x 120 x 88 mm, without air around it."""

LINE = Curve("1 + HU/1000", "spr", (-1000.0, 1000.0), (0.0, 2.0))


@pytest.fixture(scope="module")
def python() -> Path:
    found = status()
    if not found.current:
        pytest.skip(f"the dose engine is not installed ({HOME_VARIABLE})")
    return python_of(found.folder)


def water(hu: float = 0.0) -> Image:
    voxels = np.full(SHAPE, hu, dtype=np.float32)
    return Image(voxels, make_affine((SPACING,) * 3, (-44.0, -60.0, -44.0)), "CT", "HU")


def target() -> np.ndarray:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[8:14, 12:18, 8:14] = True  # 24 mm, its back 72 mm deep for a beam from the front
    return mask


def run(python: Path, beam: Beam, modality: str = "protons", **cts: Image) -> ComputedDoses:
    plan = DosePlan(modality, (beam,), 50.0, SPACING, 8.0)  # type: ignore[arg-type]
    bodies = {name: np.ones(SHAPE, dtype=bool) for name in cts}
    return compute_doses(plan, cts, bodies, target(), LINE, python=python)


def depth_of_fall(dose: Image, share: float = 0.5) -> float:
    """Millimeters along y at which the dose in the middle falls to a share of its maximum."""
    k, _, i = (int(n) for n in np.unravel_index(int(dose.voxels.argmax()), dose.shape))
    line = dose.voxels[k - 1 : k + 2, :, i - 1 : i + 2].mean(axis=(0, 2)).astype(float)
    top = int(line.argmax())
    below = top + int(np.argmax(line[top:] < share * line.max()))
    a, b = line[below - 1], line[below]
    return float(dose.origin[1] + SPACING * (below - 1 + (a - share * line.max()) / (a - b)))


def test_protons_stop_as_much_sooner_as_the_water_is_denser(python: Path) -> None:
    found = run(python, Beam(0.0), real=water(), same=water(), denser=water(50.0))
    real, same, denser = (found.doses[name] for name in ("real", "same", "denser"))
    np.testing.assert_array_equal(real.voxels, same.voxels)
    front = -62.0
    # the same water-equivalent depth lies at 1/1.05 of the depth
    expected = (depth_of_fall(real) - front) / 1.05 + front
    assert depth_of_fall(denser) == pytest.approx(expected, abs=0.6)
    planned = real.voxels[_on(real)]
    assert np.median(planned) == pytest.approx(50.0, rel=0.02)
    assert planned.min() > 40 and found.engine.startswith("pyRadPlan") and found.spots > 10


def _on(dose: Image) -> tuple[slice, slice, slice]:
    """The inner voxels of the target on the dose's grid."""
    corner = np.array([-44.0 + 8 * SPACING, -60.0 + 12 * SPACING, -44.0 + 8 * SPACING])
    i, j, k = (int(n) for n in np.round((corner - np.array(dose.origin)) / SPACING))
    return slice(k + 1, k + 5), slice(j + 1, j + 5), slice(i + 1, i + 5)


def test_beams_come_from_where_iec_says_in_the_engine_too(python: Path) -> None:
    # gantry 90 on a couch at 90 degrees shines from the feet to the head
    dose = run(python, Beam(90.0, 90.0), real=water()).doses["real"]
    k, j, i = _on(dose)
    feet, head = dose.voxels[3, j, i].mean(), dose.voxels[-4, j, i].mean()
    assert feet > 5 * head
    assert feet > 5 * dose.voxels[k, j, 3].mean() and feet > 5 * dose.voxels[k, 3, i].mean()


def test_a_cancel_ends_the_engine_itself(python: Path) -> None:
    told: list[float] = []

    def cancelled() -> bool:
        if told and told[-1] > 0 and len(told) < 10_000:
            told.append(time.monotonic())
            return True
        return False

    plan = DosePlan("photons", (Beam(0.0), Beam(90.0)), 50.0, SPACING, 8.0)
    with pytest.raises(CancelledError):
        compute_doses(plan, {"real": water()}, {"real": np.ones(SHAPE, dtype=bool)}, target(),
                      LINE, python=python, progress=lambda f, s: told.append(f),
                      cancelled=cancelled)  # fmt: skip
    assert time.monotonic() - told[-1] < 20
