"""How a volume is shown at first: CT by a window, MR by what it holds, differences in color."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from SlicerSynthLib.scalars import array_of_data
from SynthCore.image import Array
from SynthCore.tasks import CT_ROLES

CT_WINDOWS = {
    "soft tissue": (400.0, 40.0),
    "bone": (1800.0, 400.0),
    "lung": (1500.0, -600.0),
    "brain": (80.0, 40.0),
}
"""Width and level in HU; the first one is how CT is shown at first."""

UNCERTAINTY = "uncertainty"
DIFFERENCE = "difference"
"""Roles beside those of the catalogue that `apply_display` takes."""

_GREY = "vtkMRMLColorTableNodeGrey"
_IRON = "vtkMRMLColorTableNodeIron"
_DIVERGING = "SynthCoreDifferenceColors"
_SAMPLES = 100_000


def apply_display(node: Any, role: str, like: Any = None) -> None:
    """Set window, level, color and interpolation of a volume node for its role.

    Parameters
    ----------
    node : vtkMRMLScalarVolumeNode
        In its scene.
    role : str
        A role of the catalogue, `UNCERTAINTY` or `DIFFERENCE`.
    like : vtkMRMLScalarVolumeNode, optional
        A volume of the same role whose window is taken over.
    """
    display = node.GetDisplayNode() or _new_display(node)
    modifying = display.StartModify()
    display.AutoWindowLevelOff()
    display.ApplyThresholdOff()
    display.SetInterpolate(True)
    if role == DIFFERENCE:
        _show_difference(display, node)
    elif role == UNCERTAINTY:
        _show_uncertainty(display, node)
    else:
        display.SetAndObserveColorNodeID(_GREY)
        if role in CT_ROLES:
            _offer_ct_windows(display)
        shown = like.GetDisplayNode() if like is not None else None
        window, level = (
            (shown.GetWindow(), shown.GetLevel()) if shown is not None else _window(node, role)
        )
        display.SetWindowLevel(window, level)
    display.EndModify(modifying)


def _new_display(node: Any) -> Any:
    """A display node for a volume that has none, without the automatic window.

    MRML's own default looks at every voxel for it, which a person would wait for.
    """
    scene = node.GetScene()
    display = scene.CreateNodeByClass("vtkMRMLScalarVolumeDisplayNode")
    display.UnRegister(None)
    display.AutoWindowLevelOff()
    scene.AddNode(display)
    node.SetAndObserveDisplayNodeID(display.GetID())
    return display


def _window(node: Any, role: str) -> tuple[float, float]:
    """Width and level."""
    if role in CT_ROLES:
        return next(iter(CT_WINDOWS.values()))
    values = sample(node)
    # air and whatever was set to one value around the body says nothing of the body
    body = values[values > values.min()] if values.size else values
    if not body.size:
        return 1.0, float(values[0]) if values.size else 0.0
    low, high = (float(v) for v in np.percentile(body, (1, 99.5)))
    return max(high - low, 1e-6), (high + low) / 2


def _show_uncertainty(display: Any, node: Any) -> None:
    values = sample(node)
    high = float(np.percentile(values, 99.5)) if values.size else 0.0
    high = high if high > 0 else 1.0
    display.SetAndObserveColorNodeID(_IRON)
    display.SetWindowLevel(high, high / 2)
    # what is certain lets the image below show through
    display.SetThreshold(high / 256, max(float(values.max(initial=0.0)), high))
    display.ApplyThresholdOn()


def _show_difference(display: Any, node: Any) -> None:
    values = np.abs(sample(node))
    values = values[values > 0]  # a task under a mask leaves most voxels as they were
    limit = _round_up(float(np.percentile(values, 99))) if values.size else 1.0
    display.SetAndObserveColorNodeID(difference_colors(node.GetScene()).GetID())
    display.SetWindowLevel(2 * limit, 0.0)


def difference_colors(scene: Any) -> Any:
    """The color table from blue (lower) over white (equal) to red (higher)."""
    found = scene.GetSingletonNode(_DIVERGING, "vtkMRMLColorTableNode")
    if found is not None:
        return found
    node = slicer.vtkMRMLColorTableNode()
    node.SetName("Difference")
    node.SetSingletonTag(_DIVERGING)
    node.SetTypeToUser()
    node.SetNumberOfColors(255)
    for index, (red, green, blue) in enumerate(_blue_white_red(255)):
        node.SetColor(index, f"{index - 127:+d}", red, green, blue, 1.0)
    node.SetHideFromEditors(True)
    return scene.AddNode(node)


def _blue_white_red(count: int) -> Array:
    """Colors of equal lightness steps to both sides of white, shape (count, 3)."""
    part = np.linspace(-1.0, 1.0, count)
    away = np.abs(part)[:, np.newaxis]
    end = np.where(part[:, np.newaxis] < 0, (0.02, 0.19, 0.58), (0.58, 0.03, 0.12))
    middle = np.where(part[:, np.newaxis] < 0, (0.26, 0.58, 0.76), (0.84, 0.38, 0.30))
    near = 1 + (middle - 1) * np.minimum(2 * away, 1.0)
    colors: Array = near + (end - middle) * np.maximum(2 * away - 1, 0.0)
    return colors


def _offer_ct_windows(display: Any) -> None:
    display.ResetWindowLevelPresets()
    for window, level in CT_WINDOWS.values():
        display.AddWindowLevelPreset(window, level)


def _round_up(value: float) -> float:
    """1, 2 or 5 times a power of ten, not below `value`."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value * 0.999999))


def sample(node: Any) -> Array:
    """At most some 100,000 finite values, spread over the volume."""
    voxels = array_of_data(node.GetImageData())
    if voxels is None:
        return np.zeros(0)
    flat = voxels.reshape(-1)
    # an odd step does not run along one column of an even row
    values = flat[:: max(1, flat.size // _SAMPLES) | 1].astype(np.float64)
    finite: Array = values[np.isfinite(values)]
    return finite
