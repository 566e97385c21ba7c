"""How volumes are shown at first."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from SlicerSynthLib.display import (
    CT_WINDOWS,
    DIFFERENCE,
    UNCERTAINTY,
    apply_display,
    difference_colors,
)
from SlicerSynthLib.nodes import node_from_image
from SynthCore.image import Image
from Testing.slicer.mrml_fixtures import an_affine

GREY = "vtkMRMLColorTableNodeGrey"


def shown(scene: Any, voxels: np.ndarray, role: str, like: Any = None) -> Any:
    """The display node of a volume of these voxels."""
    node = node_from_image(scene, Image(voxels, an_affine()), role)
    apply_display(node, role, like)
    return node.GetDisplayNode()


def bounds(display: Any) -> tuple[float, float]:
    return (
        display.GetLevel() - display.GetWindow() / 2,
        display.GetLevel() + display.GetWindow() / 2,
    )


@pytest.mark.parametrize("role", ["CT", "CBCT"])
def test_ct_opens_in_the_soft_tissue_window(a_scene: Any, role: str) -> None:
    display = shown(a_scene, np.full((3, 3, 3), 700, np.int16), role)
    assert (display.GetWindow(), display.GetLevel()) == (400, 40)
    assert not display.GetAutoWindowLevel()
    assert display.GetInterpolate()
    assert display.GetColorNodeID() == GREY
    assert display.GetNumberOfWindowLevelPresets() == len(CT_WINDOWS)


def test_mr_opens_at_the_percentiles_of_its_body(a_scene: Any) -> None:
    values = np.random.default_rng(0).normal(500, 100, 60 * 50 * 40)
    values[:90_000] = 0  # air set to zero by skull stripping
    values[-20:] = 1e6  # vessels
    voxels = np.random.default_rng(1).permutation(values).reshape(40, 50, 60).astype(np.float32)
    low, high = bounds(shown(a_scene, voxels, "T1"))
    assert 230 < low < 300
    assert 720 < high < 800


def test_a_window_is_taken_over_from_a_volume_of_the_same_role(a_scene: Any) -> None:
    like = shown(a_scene, np.zeros((3, 3, 3), np.int16), "CT")
    like.SetWindowLevel(90, 30)
    display = shown(a_scene, np.zeros((3, 3, 3), np.int16), "CT", like.GetDisplayableNode())
    assert (display.GetWindow(), display.GetLevel()) == (90, 30)


@pytest.mark.parametrize("role", ["T1", "PET", UNCERTAINTY, DIFFERENCE])
def test_a_volume_of_one_value_or_of_nan_is_shown(a_scene: Any, role: str) -> None:
    for value in (0.0, -7.0, np.nan):
        display = shown(a_scene, np.full((3, 3, 3), value, np.float32), role)
        assert display.GetWindow() > 0
        assert np.isfinite(display.GetLevel())


def test_uncertainty_lets_the_certain_show_through(a_scene: Any) -> None:
    voxels = np.zeros((20, 20, 20), np.float32)
    voxels[5:10] = np.linspace(0, 80, 2000).reshape(5, 20, 20)
    display = shown(a_scene, voxels, UNCERTAINTY)
    assert display.GetColorNodeID() != GREY
    assert display.GetApplyThreshold()
    assert 0 < display.GetLowerThreshold() < 2
    assert display.GetUpperThreshold() >= 80
    assert bounds(display)[0] == 0


def test_a_difference_is_white_where_there_is_none_and_as_wide_below_as_above(a_scene: Any) -> None:
    voxels = np.random.default_rng(0).normal(20, 30, (20, 30, 30)).astype(np.float32)
    display = shown(a_scene, voxels, DIFFERENCE)
    low, high = bounds(display)
    assert low == -high
    assert high == 100  # the 99th percentile of the size is near 91
    colors = display.GetColorNode()
    table = [colors.GetLookupTable().GetTableValue(n)[:3] for n in range(255)]
    assert table[127] == (1, 1, 1)
    assert table[0][2] > 0.5 > table[0][0]
    assert table[254][0] > 0.5 > table[254][2]
    away = [3 - sum(color) for color in table]
    assert np.all(np.diff(away[:128]) < 0)
    assert np.all(np.diff(away[127:]) > 0)


def test_a_small_difference_among_many_equal_voxels_has_the_whole_scale(a_scene: Any) -> None:
    voxels = np.zeros((40, 40, 40), np.float32)
    voxels[18:22, 18:22, 18:22] = np.linspace(-90, 90, 64).reshape(4, 4, 4)
    assert bounds(shown(a_scene, voxels, DIFFERENCE)) == (-100, 100)


def test_there_is_one_table_of_difference_colors(a_scene: Any) -> None:
    assert difference_colors(a_scene) is difference_colors(a_scene)


def test_a_saved_scene_keeps_the_difference_colors(
    a_slicer_app: Any, reopened: Callable[[Any, str], Any]
) -> None:
    shown(a_slicer_app.scene, np.linspace(-9, 9, 27).reshape(3, 3, 3), DIFFERENCE)
    other = reopened(a_slicer_app, ".mrb").scene
    node = other.GetFirstNodeByName(DIFFERENCE)
    table = node.GetDisplayNode().GetColorNode().GetLookupTable()
    assert table.GetNumberOfTableValues() == 255
    assert np.allclose(table.GetTableValue(127)[:3], 1)
    assert node.GetDisplayNode().GetColorNode() is difference_colors(other)


def test_a_large_volume_is_judged_by_a_part_of_it(a_scene: Any) -> None:
    rng = np.random.default_rng(2)
    voxels = rng.gamma(2.0, 100.0, (64, 256, 256)).astype(np.float32)
    node = node_from_image(a_scene, Image(voxels, an_affine()), "large")
    # the shortest of a few: a busy machine holds up now one, now the other
    whole, part = (
        min(timeit.repeat(run, number=1, repeat=5))
        for run in (lambda: np.percentile(voxels, (1, 99.5)), lambda: apply_display(node, "T2"))
    )
    assert part < whole
    low, high = bounds(node.GetDisplayNode())
    assert np.allclose((low, high), np.percentile(voxels, (1, 99.5)), rtol=0.1)


@pytest.mark.data
def test_a_real_mr_uses_most_of_the_gray_scale(a_slicer_app: Any, real_data: Path) -> None:
    path = real_data / "mr_ct_pairs" / "STS_010" / "MR_T1_image.nii.gz"
    node = a_slicer_app.io_manager.load_volumes(str(path))[0]
    apply_display(node, "T1")
    low, high = bounds(node.GetDisplayNode())
    import slicer

    voxels = slicer.util.arrayFromVolume(node)
    muscle = np.median(voxels[voxels > 0.1 * voxels.max()])
    assert low < 0.2 * muscle
    assert muscle < 0.8 * high < voxels.max()
