"""Saves what the screen shows of a window, whole or in part, as small pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

COLORS = 200
MARGIN = 6
"""Pixels around the widgets of a picture of a part."""


class Photographer:
    """Stands behind a person at the window.

    Parameters
    ----------
    person : Person
        Of the journeys through the window (`Testing/slicer/journeys`).
    folder : Path
        For the pictures.
    """

    def __init__(self, person: Any, folder: Path) -> None:
        self._person, self._folder = person, folder

    def window(self, name: str) -> None:
        """The whole window."""
        self._save(self._person.see(), name)

    def part(self, name: str, widgets: Sequence[Any], margin: int = MARGIN) -> None:
        """The part of the window that holds these widgets, or those of these names."""
        boxes = []
        for one in widgets:
            widget = self._person.find(one) if isinstance(one, str) else one
            corner = widget.mapTo(self._person.window, widget.rect().topLeft())
            x, y = corner.x(), corner.y()
            boxes.append((x, y, x + widget.width(), y + widget.height()))
        left, top, right, bottom = zip(*boxes, strict=True)
        rows = slice(max(min(top) - margin, 0), max(bottom) + margin)
        columns = slice(max(min(left) - margin, 0), max(right) + margin)
        self._save(self._person.see()[rows, columns], name)

    def _save(self, pixels: np.ndarray, name: str) -> None:
        picture = Image.fromarray(np.ascontiguousarray(pixels))
        # the rare colors count as well: a red that is turned into another one misleads
        flat = picture.quantize(
            COLORS, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
        )
        flat.save(self._folder / f"{name}.png", optimize=True)
