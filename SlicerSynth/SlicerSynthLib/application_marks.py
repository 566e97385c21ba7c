"""Corner marks from the application's start on, whether or not the panel is ever opened."""

from __future__ import annotations

from typing import Any

import slicer

from SlicerSynthLib.corner_mark import CornerMarks

_marks: list[CornerMarks] = []
"""One, once the application has started with views; it stays until the application ends."""


def mark_from_start() -> None:
    """Mark all views as soon as the application has its window."""
    slicer.app.connect("startupCompleted()", mark_views)


def mark_views(*_args: Any) -> None:
    """Mark all views, once; nothing where Slicer runs without its window."""
    views = slicer.app.layoutManager()
    if views is not None and not _marks:
        _marks.append(CornerMarks(views, slicer.mrmlScene))


def own_marks() -> CornerMarks | None:
    """Marks for whoever opens views without that start, to be released by them."""
    views = slicer.app.layoutManager()
    return None if views is None or _marks else CornerMarks(views, slicer.mrmlScene)
