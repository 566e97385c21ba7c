"""Text burned into pixels: found by what letters are, and by standing still from slice to slice.

Two signs, each enough:

- pixels that have exactly one value in every slice of a series, and not that of the background,
  gathered in pieces of the size of letters: nothing in a patient does that;
- in one image, rows of small bright or dark pieces of one height, close to each other, with sharp
  edges and one top value.

It is a light detector, made to tell a person where to look. It reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

_SMALLEST, _TALLEST = 4, 48
"""Height of letters in pixels."""

_WIDEST = 3.0
"""Width of a piece over its height: letters may touch."""

_IN_A_ROW = 4
_CONTRAST = 0.45
"""Of a letter against its surroundings, as a fraction of the image's range."""

_FEWEST_SLICES = 4
_ONE_TOP = 0.12
"""How far the top values of the letters of one row spread, as a fraction of the range."""


@dataclass(frozen=True)
class TextRegion:
    """A box in pixels, the ends not included."""

    row: int
    column: int
    row_end: int
    column_end: int


def find_text(frames: np.ndarray) -> tuple[TextRegion, ...]:
    """Where text seems to be burned into the images of one series.

    Parameters
    ----------
    frames : numpy.ndarray
        Stored values, shape ``(n, rows, columns)``; of color images the brightest channel.

    Returns
    -------
    tuple of TextRegion
        Boxes that hold for every frame, with a margin; empty where nothing was found.
    """
    shape = frames.shape[1:]
    found = np.zeros(shape, bool)
    if len(frames) >= _FEWEST_SLICES:
        found |= _still(frames)
        # in the mean of all slices a patient is blurred and letters are not
        found |= _rows_of_letters(frames.mean(axis=0, dtype=np.float32))
    for frame in _some(frames):
        found |= _rows_of_letters(frame)
    return _boxes(found)


def _some(frames: np.ndarray) -> np.ndarray:
    """At most five frames, spread evenly: what is burned in is in most of them."""
    chosen = np.unique(np.linspace(0, len(frames) - 1, 5).round().astype(int))
    return np.asarray(frames[chosen])


def _still(frames: np.ndarray) -> np.ndarray:
    """Pixels of one value in all frames, that are letters by their size and stand in rows."""
    first = frames[0]
    constant: np.ndarray = np.asarray(np.all(frames == first, axis=0))
    if not constant.any():
        return constant
    values, counts = np.unique(first[constant], return_counts=True)
    # padding, air that was set to one value, the black round an image: large areas of one value
    large = values[counts > max(0.002 * first.size, 64)]
    # the value of letters may be common too: what is large is so in one piece
    for value in large:
        area = constant & (first == value)
        labels, number = ndimage.label(area)
        sizes = np.bincount(labels.ravel())[1:]
        if number and sizes.max() > 0.001 * first.size:
            constant &= ~area
    letters = _pieces(constant)
    return _in_rows(letters, constant.shape, fewest=2)


def _rows_of_letters(frame: np.ndarray) -> np.ndarray:
    values = frame.astype(np.float32)
    low, high = np.percentile(values, 0.5), float(values.max())
    found = np.zeros(frame.shape, bool)
    if high <= low:
        return found
    for signed in (values - low, high - values):
        span = float(signed.max())
        stroke = signed - ndimage.grey_opening(signed, size=(9, 9))
        bright = stroke > _CONTRAST * span
        letters = [piece for piece in _pieces(bright) if _is_sharp(signed, piece, span)]
        found |= _in_rows(letters, frame.shape, fewest=_IN_A_ROW, tops=(signed, span))
    return found


Piece = tuple[slice, slice]


def _pieces(mask: np.ndarray) -> list[Piece]:
    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    pieces = []
    sizes = np.bincount(labels.ravel())
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        height, width = box[0].stop - box[0].start, box[1].stop - box[1].start
        right_size = _SMALLEST <= height <= _TALLEST and 1 <= width <= _WIDEST * height
        if right_size and sizes[number] >= 4 and sizes[number] >= 0.12 * height * width:
            pieces.append(box)
    return pieces


def _is_sharp(values: np.ndarray, piece: Piece, span: float) -> bool:
    """Whether the steepest step inside the piece is most of its height: letters have no slope."""
    rows, columns = (slice(max(s.start - 1, 0), s.stop + 1) for s in piece)
    part = values[rows, columns]
    step = np.abs(np.diff(part, axis=1))
    return bool(step.size) and float(np.percentile(step, 90)) > 0.5 * _CONTRAST * span


def _in_rows(
    pieces: list[Piece],
    shape: tuple[int, ...],
    *,
    fewest: int,
    tops: tuple[np.ndarray, float] | None = None,
) -> np.ndarray:
    """A mask of the pieces that stand in rows of at least `fewest`."""
    found = np.zeros(shape, bool)
    left = sorted(pieces, key=lambda p: p[1].start)
    while left:
        row = [left.pop(0)]
        for piece in list(left):
            if _continues(row[-1], piece):
                row.append(piece)
                left.remove(piece)
        if len(row) >= fewest and (tops is None or _one_top(row, *tops)):
            for piece in row:
                found[piece] = True
    return found


def _continues(before: Piece, piece: Piece) -> bool:
    heights = (before[0].stop - before[0].start, piece[0].stop - piece[0].start)
    gap = piece[1].start - before[1].stop
    shared = min(before[0].stop, piece[0].stop) - max(before[0].start, piece[0].start)
    return bool(
        -1 <= gap <= 1.2 * max(heights)
        and shared >= 0.6 * min(heights)
        and max(heights) <= 2.2 * min(heights)
    )


def _one_top(row: list[Piece], values: np.ndarray, span: float) -> bool:
    tops = np.array([values[piece].max() for piece in row])
    return float(np.percentile(tops, 80) - np.percentile(tops, 20)) <= _ONE_TOP * span


def _boxes(found: np.ndarray) -> tuple[TextRegion, ...]:
    """Boxes round what was found, letters and lines that are near each other together."""
    if not found.any():
        return ()
    joined = ndimage.binary_dilation(found, np.ones((7, 25), bool))
    labels, _ = ndimage.label(joined)
    boxes = []
    for rows, columns in ndimage.find_objects(labels):
        boxes.append(
            TextRegion(int(rows.start), int(columns.start), int(rows.stop), int(columns.stop))
        )
    return tuple(boxes)
