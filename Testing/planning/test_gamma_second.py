"""Two engines of gamma on the same doses; and what happens where there is one alone."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.planning.acceptance import DEFAULTS
from SynthCore.planning.dose_check import dose_check
from SynthCore.planning.finding import Finding
from SynthCore.planning.gamma import Criteria, gamma
from SynthCore.planning.gamma_second import PROGRAM, second_gamma

pytest.importorskip("pymedphys", reason="gamma needs pymedphys")
needs_plastimatch = pytest.mark.skipif(
    shutil.which(PROGRAM) is None, reason="plastimatch is not installed"
)


def two_doses() -> tuple[Image, Image]:
    """A box of dose with soft edges, and the same moved by parts of a voxel and 1.5% higher."""
    box = np.zeros((30, 40, 36), np.float32)
    box[9:21, 12:28, 10:26] = 60
    box = ndimage.gaussian_filter(box, 3)
    moved = (ndimage.shift(box, (0.6, 0.7, 0.3), order=1) * 1.015).astype(np.float32)
    affine = np.diag([2.0, 2.0, 2.5, 1.0])
    return Image(box, affine, "", "Gy"), Image(moved, affine, "", "Gy")


@needs_plastimatch
@pytest.mark.parametrize(("percent", "mm"), [(3.0, 3.0), (2.0, 2.0), (1.0, 1.0)])
def test_both_engines_say_the_same_within_a_point_and_a_half(percent: float, mm: float) -> None:
    a, b = two_doses()
    first = gamma(a, b, Criteria(percent, mm))
    second = second_gamma(a, b, first.criteria, first.normalization_gy)
    assert second is not None and second.engine.startswith("plastimatch 1")
    assert second.voxels == first.voxels
    assert second.pass_percent == pytest.approx(first.pass_percent, abs=1.5)
    assert percent != 1.0 or 20 < second.pass_percent < 80, "else it says nothing"


@needs_plastimatch
def test_the_check_tells_of_both() -> None:
    a, b = two_doses()
    found, _ = dose_check(a, b, {}, (), 60.0, all_criteria=False)
    assert "pymedphys" in found[-1].reason and "by plastimatch" in found[-1].reason


@pytest.mark.parametrize(
    ("first", "second", "light"),
    [(95.5, 93.2, "warn"), (99.0, 93.2, "warn"), (99.0, 98.5, "pass"), (99.0, 96.0, "pass"),
     (94.0, 96.0, "fail"), (96.0, 96.0, "warn")],
)  # fmt: skip
def test_engines_on_either_side_of_the_limit_are_a_warning_that_says_so(
    first: float, second: float, light: str
) -> None:
    one = DEFAULTS.judge(Finding("dose", "gamma", "Gamma 2%/2mm", first, "%", second=second))
    assert one.light == light
    assert ("By the second engine it is 93.2 %, outside of that" in one.reason) == (second < 95)
    alone = DEFAULTS.judge(Finding("dose", "gamma", "Gamma 2%/2mm", first, "%"))
    assert "second engine" not in alone.reason


@needs_plastimatch
def test_what_is_judged_of_both_is_what_they_say() -> None:
    a, b = two_doses()
    found = [f for f in dose_check(a, b, {}, (), 60.0)[0] if f.id.startswith("gamma")]
    for one in found:
        assert one.second is not None and f" {one.second:.1f} % of" in one.reason


def test_without_a_second_engine_there_is_no_second_opinion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    a, b = two_doses()
    assert second_gamma(a, b, Criteria(2, 2), 60.0) is None
    found, _ = dose_check(a, b, {}, (), 60.0, all_criteria=False)
    assert found[-1].reason.rstrip(".").split(", ")[-1].startswith("pymedphys")
