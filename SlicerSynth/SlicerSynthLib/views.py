"""Ways to look at a synthetic volume and what it was made from.

They use the views of Slicer's layout manager, so that the same code serves every window that has
one. The slice a person looks at stays, unless nothing was shown before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import slicer

from SlicerSynthLib.layouts import (
    LEFT,
    RIGHT,
    SIDE_BY_SIDE,
    align,
    composite_of,
    go_side_by_side,
    leave_side_by_side,
    link,
    middle_of,
    slice_widgets,
)


def show_side_by_side(source: Any, synthetic: Any) -> None:
    """`source` on the left, `synthetic` on the right, scrolled and zoomed together.

    Both show the orientation of the left view, axial unless it was turned.
    """
    manager = slicer.app.layoutManager()
    _fill([manager.sliceWidget(LEFT)], source)
    go_side_by_side(manager)
    left, right = manager.sliceWidget(LEFT), manager.sliceWidget(RIGHT)
    _fill([right], synthetic)
    _without_labels([left, right])
    align(right, left)
    link(manager)


def show_overlay(source: Any, synthetic: Any, opacity: float = 0.5) -> None:
    """`synthetic` over `source` in every slice view; fade it with `set_overlay_opacity`."""
    manager = slicer.app.layoutManager()
    leave_side_by_side(manager)
    _fill(slice_widgets(manager).values(), source, synthetic, opacity)
    link(manager)


def set_overlay_opacity(opacity: float) -> None:
    """How much of the upper volume is seen in every slice view, 0 to 1."""
    for widget in slice_widgets(slicer.app.layoutManager()).values():
        composite_of(widget).SetForegroundOpacity(min(1.0, max(0.0, opacity)))


def show_difference(reference: Any, difference: Any, opacity: float = 1.0) -> None:
    """A difference (`SlicerSynthLib.difference.difference_node`) over its reference."""
    show_overlay(reference, difference, opacity)
    _without_labels(slice_widgets(slicer.app.layoutManager()).values())


def show_uncertainty(synthetic: Any, uncertainty: Any, opacity: float = 0.6) -> None:
    """An uncertainty over its synthetic volume, which shows through where it is certain."""
    show_overlay(synthetic, uncertainty, opacity)


def show_dose(ct: Any, dose: Any, opacity: float) -> None:
    """A dose over its CT; label maps as outlines, for a target is where a dose is looked at."""
    show_overlay(ct, dose, opacity)
    for widget in slice_widgets(slicer.app.layoutManager()).values():
        widget.mrmlSliceNode().SetUseLabelOutline(True)


def show_single(node: Any) -> None:
    """One volume alone in every slice view."""
    manager = slicer.app.layoutManager()
    leave_side_by_side(manager)
    _fill(slice_widgets(manager).values(), node)


def looks() -> dict[str, tuple[str, ...]]:
    """What each slice view of the layout shows, by its name, and which layout it is (``""``)."""
    manager = slicer.app.layoutManager()
    found: dict[str, tuple[str, ...]] = {"": (str(manager.layout == SIDE_BY_SIDE),)}
    for name, widget in slice_widgets(manager).items():
        composite = composite_of(widget)
        ids = (composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID())
        found[name] = tuple(str(one or "") for one in ids)
    return found


def _fill(
    widgets: Iterable[Any], background: Any, foreground: Any = None, opacity: float = 0.0
) -> None:
    """Put volumes into slice views; a view that looked elsewhere is fitted to what it shows now."""
    for widget in widgets:
        composite = composite_of(widget)
        was_empty = composite.GetBackgroundVolumeID() is None
        modifying = composite.StartModify()
        composite.SetBackgroundVolumeID(background.GetID())
        composite.SetForegroundVolumeID(foreground.GetID() if foreground is not None else None)
        composite.SetForegroundOpacity(opacity)
        composite.EndModify(modifying)
        if was_empty or not _is_in(background, middle_of(widget.mrmlSliceNode())):
            widget.fitSliceToBackground()


def _without_labels(widgets: Iterable[Any]) -> None:
    """Take label maps out of slice views: a mask would hide what is to be compared."""
    for widget in widgets:
        composite_of(widget).SetLabelVolumeID(None)


def _is_in(volume: Any, point: tuple[float, float, float]) -> bool:
    """Whether a point (RAS mm) lies in the box around a volume."""
    bounds = [0.0] * 6
    volume.GetRASBounds(bounds)
    return all(
        bounds[2 * axis] <= value <= bounds[2 * axis + 1] for axis, value in enumerate(point)
    )
