"""Key images of a case on the images as they were acquired.

A presentation state is drawn on an acquired image. A key image that the class page cuts another
way is drawn on the acquired image through its point, and only the arrows near that one.
"""

from __future__ import annotations

import numpy as np

from SynthCore.dicom.teaching.presentation import KeyPresentation, PixelArrow
from SynthCore.quality.orientation import PLANES
from SynthCore.teaching.arrows import arrow_from
from SynthCore.teaching.case import Arrow, KeyImage, Point
from SynthCore.teaching.dicom_series import CleanSeries, CleanStudy
from SynthCore.teaching.study import Study, StudySeries
from SynthCore.teaching.windows import window_for, windows_for

_NEAR = 1.5
"""Slices between an arrow's point and the image it is drawn on, at most."""


def key_presentations(
    study: Study, clean: CleanStudy
) -> tuple[list[KeyPresentation], tuple[str, ...]]:
    """Presentations of the key images, and notes on what could not be drawn."""
    made: list[KeyPresentation] = []
    notes: list[str] = []
    for number, key in enumerate(study.case.key_images, 1):
        series = next(one for one in study.series if one.asked.name == key.series)
        presentation, left_out = _presentation(key, series, clean.series[key.series])
        if presentation is None:
            notes.append(
                f"Key image {number} is a reformatted slice without a point; it has no DICOM "
                "presentation state."
            )
            continue
        if left_out:
            notes.append(
                f"{left_out} arrows of key image {number} lie on other acquired images and are "
                "not in its presentation state."
            )
        made.append(presentation)
    return made, tuple(notes)


def _presentation(
    key: KeyImage, series: StudySeries, clean: CleanSeries
) -> tuple[KeyPresentation | None, int]:
    k = _acquired(key, series)
    if k is None:
        return None, 0
    image = clean.image
    window = (
        windows_for(series.image, series.body, series.asked.windows)[0]
        if key.window is None
        else window_for(series.image, series.body, key.window)
    )
    near = [arrow for arrow in key.arrows if abs(_index(series, arrow.point)[2] - k) <= _NEAR]
    size = (float(image.shape[2]), float(image.shape[1]))
    return (
        KeyPresentation(
            header=clean.slices[k].header,
            frames=clean.slices[k].frames,
            center=(window.low + window.high) / 2,
            width=window.high - window.low,
            window_name=window.name,
            arrows=tuple(_drawn(arrow, series, size) for arrow in near),
            caption=key.caption,
        ),
        len(key.arrows) - len(near),
    )


def _acquired(key: KeyImage, series: StudySeries) -> int | None:
    """The acquired slice of a key image, None where it has none."""
    across = PLANES.index(series.cut.plane)
    if series.cut.axes.order[across] == 0:  # the page cuts as it was acquired
        index = series.slice_of(key)
        return series.image.shape[0] - 1 - index if series.cut.axes.flipped[across] else index
    point = key.point or (key.arrows[0].point if key.arrows else None)
    if point is None:
        return None
    k = round(_index(series, point)[2])
    return min(max(k, 0), series.image.shape[0] - 1)


def _drawn(arrow: Arrow, series: StudySeries, size: tuple[float, float]) -> PixelArrow:
    i, j, _ = _index(series, arrow.point)
    tail, head = arrow_from((i + 0.5, j + 0.5), size)  # DICOM counts from a pixel's corner
    return PixelArrow(tail, head, arrow.label)


def _index(series: StudySeries, point: Point) -> tuple[float, float, float]:
    """Column, row and slice of a point, counted from the center of the first voxel."""
    i, j, k = (float(v) for v in np.linalg.solve(series.image.affine, (*point, 1.0))[:3])
    return i, j, k
