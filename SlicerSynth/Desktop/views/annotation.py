"""What Slicer writes into its slice views: where the patient's sides are, and what is shown.

Texts are asked for anew at the start of each picture, so that none tells of the last one.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import vtk

_TOWARD = (("R", "L"), ("A", "P"), ("S", "I"))
"""Letters along RAS axes, upward and downward."""

_SLANTED = 0.35
"""Part along a second axis from which on its letter is written as well: 20 degrees."""

_GRAY = (0.85, 0.85, 0.85)
_EDGES = (
    (0.985, 0.53, 0, 1.0),
    (0.015, 0.53, 0, -1.0),
    (0.47, 0.985, 1, 1.0),
    (0.47, 0.015, 1, -1.0),
)
"""Parts of width and height (beside the middle, where the crosshair often is), the column of
slice-to-RAS, and the direction along it."""

_CORNER = (0.015, 0.015)
_LINE = 13
"""Pixels of a line of names."""

_LONGEST = 44
"""Letters of a name that are written."""


class SliceAnnotation:
    """Letters at the edges of a slice view, and the names of its volumes in a corner.

    Parameters
    ----------
    view : NodeSliceView
        It keeps the annotation.
    """

    def __init__(self, view: Any) -> None:
        self._view = weakref.ref(view)
        self._letters = [_text(x, y, 15) for x, y, _, _ in _EDGES]
        self._names = _text(*_CORNER, 12)
        for actor in (*self._letters, self._names):
            view.first_renderer().AddViewProp(actor)
        view.render_window().AddObserver(vtk.vtkCommand.StartEvent, _weakly(self))

    def update(self) -> None:
        """Write what is shown now; nothing where the view is empty."""
        view = self._view()
        if view is None:
            return
        lines = names(view.logic.GetSliceCompositeNode(), view.logic.GetMRMLScene())
        matrix = view.get_view_node().GetSliceToRAS()
        for actor, (_, _, column, sign) in zip(self._letters, _EDGES, strict=True):
            axis = [sign * matrix.GetElement(row, column) for row in range(3)]
            actor.SetInput(letters(axis))
            actor.SetVisibility(bool(lines))
        self._names.SetInput("\n".join(lines))
        # the lowest letter stands above the names
        x, y, _, _ = _EDGES[-1]
        height = max(1, view.render_window().GetSize()[1])
        self._letters[-1].SetPosition(x, min(0.3, y + _LINE * len(lines) / height))
        self._names.SetVisibility(bool(lines))


def letters(direction: Any) -> str:
    """Letters of a direction in RAS, the nearest axis first; of a slanted one two or three."""
    unit = np.asarray(direction, dtype=float)
    unit = unit / max(float(np.linalg.norm(unit)), 1e-9)
    order = sorted(range(3), key=lambda axis: -abs(unit[axis]))
    return "".join(_TOWARD[a][int(unit[a] < 0)] for a in order if abs(unit[a]) >= _SLANTED)


def names(composite: Any, scene: Any) -> list[str]:
    """Lines for what lies on top and at the bottom, as far as it can be seen."""
    if composite is None or scene is None:
        return []
    found = []
    for letter, volume, seen in (
        ("L", composite.GetLabelVolumeID(), composite.GetLabelOpacity()),
        ("F", composite.GetForegroundVolumeID(), composite.GetForegroundOpacity()),
        ("B", composite.GetBackgroundVolumeID(), 1.0),
    ):
        node = scene.GetNodeByID(volume) if volume and seen > 0 else None
        if node is not None:
            share = f" ({100 * seen:.0f}%)" if seen < 1 else ""
            found.append(f"{letter}: {_short(node.GetName() or '')}{share}")
    return found


def _short(name: str) -> str:
    """The beginning and the end of a long name: those of one study begin alike."""
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST // 2]}...{name[-(_LONGEST // 2 - 3) :]}"


def _text(x: float, y: float, points: int) -> Any:
    actor = vtk.vtkTextActor()
    actor.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
    actor.SetPosition(x, y)
    actor.SetVisibility(False)
    text = actor.GetTextProperty()
    text.SetColor(*_GRAY)
    text.SetFontFamilyToArial()
    text.SetFontSize(points)
    text.ShadowOn()  # legible over bright tissue
    text.SetJustification(2 if x > 0.9 else 0 if x < 0.1 else 1)
    text.SetVerticalJustification(2 if y > 0.9 else 0 if y < 0.1 else 1)
    return actor


def _weakly(annotation: SliceAnnotation) -> Any:
    """An observer that does not keep what it calls alive."""
    reference = weakref.ref(annotation)

    def call(*_: Any) -> None:
        alive = reference()
        if alive is not None:
            alive.update()

    return call
