"""A key image as a Grayscale Softcopy Presentation State: its window, arrows and words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore.dicom.guard import quiet
from SynthCore.dicom.marks import MANUFACTURER, MODEL_NAME
from SynthCore.dicom.object_marks import DEVICE_SERIAL, SOFTWARE
from SynthCore.dicom.teaching.objects import (
    SERIES_NUMBERS,
    base_of,
    described,
    referred,
    state_maker,
)
from SynthCore.dicom.texts import LO, ST

LAYER = "TEACHING"
_BARB = 0.03
"""Length of an arrowhead's sides, as a share of the image's longer side."""


@dataclass(frozen=True)
class PixelArrow:
    """An arrow on an image: columns and rows from its upper left corner, and words at its tail."""

    tail: tuple[float, float]
    head: tuple[float, float]
    label: str = ""


@dataclass(frozen=True)
class KeyPresentation:
    """How a key image is shown.

    Attributes
    ----------
    header : Dataset
        Of the image, de-identified.
    frames : tuple of int
        Frame numbers, where it is a multi-frame object.
    center, width : float
        Of the window, in the image's rescaled values.
    window_name : str
        Of the window, for a person; may be empty.
    arrows : tuple of PixelArrow
    caption : str
    """

    header: Dataset
    frames: tuple[int, ...]
    center: float
    width: float
    window_name: str = ""
    arrows: tuple[PixelArrow, ...] = ()
    caption: str = ""


@quiet()
def build_presentations(keys: Sequence[KeyPresentation], *, creator: str = "") -> list[Dataset]:
    """Make one object for each key image, all of one series.

    Parameters
    ----------
    keys : sequence of KeyPresentation
        Of one study.
    creator : str
        Person who made the case, as they want to be named.

    Returns
    -------
    list of pydicom.dataset.Dataset
        `highdicom.pr.GrayscaleSoftcopyPresentationState`, Explicit VR Little Endian.
    """
    series = generate_uid()
    return [_build(key, number, series, creator) for number, key in enumerate(keys, 1)]


def _build(key: KeyPresentation, number: int, series: str, creator: str) -> Dataset:
    from highdicom.pr import GrayscaleSoftcopyPresentationState, SoftcopyVOILUTTransformation

    image = referred([key.header])[0]
    words = key.caption or f"Key image {number}"
    layers, annotations = _graphics(key, image)
    made: Dataset = GrayscaleSoftcopyPresentationState(
        referenced_images=[image],
        series_instance_uid=series,
        series_number=SERIES_NUMBERS["presentation"],
        sop_instance_uid=generate_uid(),
        instance_number=number,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MODEL_NAME,
        software_versions=SOFTWARE,
        device_serial_number=DEVICE_SERIAL,
        content_label=f"KEY_IMAGE_{number}",
        content_description=words[:LO].replace("\\", "/"),
        content_creator_name=_person(creator),
        graphic_layers=layers,
        graphic_annotations=annotations,
        voi_lut_transformations=[
            SoftcopyVOILUTTransformation(
                # one of each as a sequence: a plain explanation is written letter by letter
                window_center=[float(f"{key.center:.6g}")],
                window_width=[float(f"{key.width:.6g}")],
                window_explanation=[key.window_name] if key.window_name else None,
            )
        ],
        series_description=described([key.header], "key images"),
    )
    _name_frames(made, key.frames)
    texts = words + creator + "".join(arrow.label for arrow in key.arrows)
    state_maker(made, base_of([key.header]), [key.header], texts)
    return made


def _graphics(key: KeyPresentation, image: Dataset) -> tuple[Any, Any]:
    from highdicom.pr import GraphicAnnotation, GraphicLayer, GraphicObject, TextObject

    if not key.arrows:
        return None, None
    layer = GraphicLayer(LAYER, order=1, description="Arrows of the teaching case")
    size = (int(image.Columns), int(image.Rows))
    lines = [
        GraphicObject("POLYLINE", _arrow_line(arrow, size), units="PIXEL") for arrow in key.arrows
    ]
    texts = [
        TextObject(
            arrow.label[:ST].replace("\\", "/"),
            units="PIXEL",
            anchor_point=_inside(arrow.tail, size),
            anchor_point_visible=False,
            bounding_box=_text_box(arrow, size),
        )
        for arrow in key.arrows
        if arrow.label
    ]
    frames = list(key.frames) or None
    annotation = GraphicAnnotation(
        [image], layer, referenced_frame_number=frames, graphic_objects=lines,
        text_objects=texts or None,
    )  # fmt: skip
    return [layer], [annotation]


def _arrow_line(arrow: PixelArrow, size: tuple[int, int]) -> Any:
    """Tail, head, one barb, head, the other: an arrow that every viewer draws."""
    (x0, y0), (x1, y1) = arrow.tail, arrow.head
    long = math.hypot(x1 - x0, y1 - y0) or 1.0
    dx, dy = (x1 - x0) / long, (y1 - y0) / long
    barb = _BARB * max(size)
    sides = [
        (x1 - barb * (dx * 0.85 + side * dy * 0.5), y1 - barb * (dy * 0.85 - side * dx * 0.5))
        for side in (1, -1)
    ]
    points = [arrow.tail, arrow.head, sides[0], arrow.head, sides[1]]
    return np.array([_inside(point, size) for point in points], dtype=np.float64)


def _text_box(arrow: PixelArrow, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """A box for the words beyond the tail, within the image."""
    width, height = 0.3 * size[0], 0.06 * size[1]
    below = arrow.tail[1] >= arrow.head[1]
    left = min(max(arrow.tail[0] - width / 2, 0.0), size[0] - width)
    top = arrow.tail[1] if below else arrow.tail[1] - height
    top = min(max(top, 0.0), size[1] - height)
    return left, top, left + width, top + height


def _inside(point: tuple[float, float], size: tuple[int, int]) -> tuple[float, float]:
    x, y = (float(min(max(v, 0.0), end)) for v, end in zip(point, size, strict=True))
    return x, y


def _name_frames(made: Dataset, frames: tuple[int, ...]) -> None:
    """Say which frames of a multi-frame object are meant, wherever it is referred to."""
    if not frames:
        return
    items = [
        item for series in made.ReferencedSeriesSequence for item in series.ReferencedImageSequence
    ]
    for area in made.DisplayedAreaSelectionSequence:
        items += list(area.get("ReferencedImageSequence") or ())
    for item in items:
        item.ReferencedFrameNumber = list(frames)


def _person(name: str) -> str | None:
    """A name as DICOM has it: family name first."""
    *given, family = name[:LO].replace("^", " ").replace("\\", "/").replace("=", " ").split() or [
        ""
    ]
    return f"{family}^{' '.join(given)}" if family else None
