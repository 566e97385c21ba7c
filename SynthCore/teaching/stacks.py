"""A series as the class page holds it: slices, pictures in every window, arrows and truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from SynthCore.image import Image
from SynthCore.quality.display import Window
from SynthCore.request import Progress, part_of
from SynthCore.teaching.arrows import arrow_from
from SynthCore.teaching.case import KeyImage
from SynthCore.teaching.pictures import gray_picture, picture_size, truth_picture
from SynthCore.teaching.plane import Cut, spread
from SynthCore.teaching.study import Study, StudySeries, twins_of
from SynthCore.teaching.windows import window_for, windows_for

Json = dict[str, Any]


@dataclass(frozen=True)
class Detail:
    """How much of a series goes into the page.

    Attributes
    ----------
    slices : int
        At most, besides those of key images, and one of the truth where none would show it.
    longest : int
        Pixels of a picture's longer side, at most.
    quality : int
        Of the JPEG.
    """

    slices: int
    longest: int
    quality: int


DETAILS = (
    Detail(64, 512, 88), Detail(48, 448, 85), Detail(36, 384, 82), Detail(24, 352, 78),
    Detail(16, 320, 72),
)  # fmt: skip
"""From the most to the least; a page takes the first with which it is small enough."""


def stack(study: Study, one: StudySeries, detail: Detail, progress: Progress | None = None) -> Json:
    """A series with the pictures of its slices.

    ``pictures`` and ``compare`` hold one list for each window with one address for each slice;
    ``truth`` one address or nothing for each slice.
    """
    cut, asked = one.cut, one.asked
    half = 1.0 if one.compare is None else 0.5
    # series of one grid have the same slices: the class goes from one to the other in place
    twins = {twin.asked.name: twin for twin in twins_of(one, study.series)}
    keys = {twins[k.series].slice_of(k) for k in study.case.key_images if k.series in twins}
    body = np.logical_or.reduce([twin.body for twin in twins.values()])
    indices = spread(cut, body, detail.slices, tuple(keys))
    for truth in (twin.truth for twin in twins.values() if twin.truth is not None):
        if not any(cut.take(cut.axes.turn(truth.voxels), index).any() for index in indices):
            keys.add(_largest(cut, truth))
            indices = spread(cut, body, detail.slices, tuple(keys))
    size = _size(one, detail)
    windows = windows_for(one.image, one.body, asked.windows)

    def pictures(image: Image, synthetic: bool, low: float, high: float) -> list[list[str]]:
        part = part_of(progress, low, high)
        return _pictures(one, image, synthetic, windows, indices, size, detail, part)

    made: Json = {
        "name": asked.name,
        "plane": asked.plane,
        "letters": list(cut.letters),
        "width": size[0],
        "height": size[1],
        "synthetic": one.synthetic,
        "windows": [_words(window) for window in windows],
        "of": cut.count,
        "slices": [
            {"number": index + 1, "place": cut.place(index), "text": cut.place_text(index)}
            for index in indices
        ],
        "pictures": pictures(one.image, one.synthetic, 0.0, half),
        "compare": None,
        "truth": _truth(one, indices, size),
    }
    if one.compare is not None:
        made["compare"] = {
            "name": asked.compare_name,
            "shown": asked.compare_shown,
            "synthetic": one.compare_synthetic,
            "pictures": pictures(one.compare, one.compare_synthetic, half, 1.0),
        }
    return made


def key_image(study: Study, key: KeyImage, stacks: Sequence[Json], detail: Detail) -> Json:
    """A key image: which slice of which stack, its own picture where its window is its own."""
    at = next(n for n, one in enumerate(study.series) if one.asked.name == key.series)
    one, made = study.series[at], stacks[at]
    number = one.slice_of(key)
    picture = words = None
    if key.window is not None:
        window = window_for(one.image, one.body, key.window)
        words = _words(window)
        picture = gray_picture(
            one.cut.take(one.cut.axes.turn(one.image.voxels), number),
            window,
            _size(one, detail),
            synthetic=one.synthetic,
            quality=detail.quality,
        )
    return {
        "series": at,
        "slice": [one["number"] for one in made["slices"]].index(number + 1),
        "caption": key.caption,
        "window": words,
        "picture": picture,
        "arrows": [_arrow(one, arrow.point, arrow.label) for arrow in key.arrows],
    }


def _arrow(one: StudySeries, point: tuple[float, float, float], label: str) -> Json:
    """Ends of an arrow as fractions of the picture's width and height."""
    width, height = one.cut.size_mm
    _, right, down = one.cut.locate(point)
    tail, head = arrow_from((right * width, down * height), (width, height))
    return {
        "tail": [round(tail[0] / width, 4), round(tail[1] / height, 4)],
        "head": [round(head[0] / width, 4), round(head[1] / height, 4)],
        "label": label,
    }


def _pictures(
    one: StudySeries,
    image: Image,
    synthetic: bool,
    windows: Sequence[Window],
    indices: Sequence[int],
    size: tuple[int, int],
    detail: Detail,
    progress: Progress,
) -> list[list[str]]:
    turned = one.cut.axes.turn(image.voxels)
    out: list[list[str]] = []
    for n, window in enumerate(windows):
        out.append([])
        for index in indices:
            progress((n + len(out[-1]) / len(indices)) / len(windows), "pictures")
            slice_ = one.cut.take(turned, index)
            made = gray_picture(slice_, window, size, synthetic=synthetic, quality=detail.quality)
            out[-1].append(made)
    return out


def _truth(
    one: StudySeries, indices: Sequence[int], size: tuple[int, int]
) -> list[str | None] | None:
    if one.truth is None:
        return None
    turned = one.cut.axes.turn(one.truth.voxels)
    slices = [one.cut.take(turned, index) for index in indices]
    return [truth_picture(inside, size) if inside.any() else None for inside in slices]


def _largest(cut: Cut, truth: Image) -> int:
    """The slice that shows most of the truth: a page without it would promise what is not there."""
    turned = cut.axes.turn(truth.voxels)
    return max(range(cut.count), key=lambda n: int(cut.take(turned, n).sum()))


def _size(one: StudySeries, detail: Detail) -> tuple[int, int]:
    columns = one.cut.columns.stop - one.cut.columns.start
    return picture_size(one.cut.size_mm, columns, detail.longest)


def _words(window: Window) -> Json:
    return {"name": window.name, "label": window.label}
