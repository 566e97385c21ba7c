"""Text burned into pixels: found by what letters are, and by standing still from slice to slice.

Two signs, each enough:

- pixels that have exactly one value in every slice of a series, and not that of the background,
  gathered in pieces of the size of letters: nothing in a patient does that;
- in one image, rows of small bright or dark pieces of one height, close to each other, with sharp
  edges and one top value.

Two things look like the second. Clumps of noise in an image of air alone: so letters must stand
out of the image's own texture, too. The cavities of a skull: so in a series at least one row must
have letters of one height on one line; where there is one, the others are doubtful no more. Single
images have no second look, and are reported at the first doubt.

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

_OVER_TEXTURE = 3.0
"""Of a letter against its surroundings, in multiples of the median of the image's own details."""

_FEWEST_SLICES = 4
_ONE_TOP = 0.12
"""How far the top values of the letters of one row spread, as a fraction of the range."""

_ALIKE, _ALIKE_PART = 4, 0.7
"""Letters of one height on one line that make a row sure, and which part of a short row; where
capitals, small letters and `gjpqy` share one end only, one more."""

_SLIMMEST = 0.35
"""Median width of such letters over their height: the walls of a nose are slimmer."""

_OFF_A_LINE = 0.06
"""How far ends on a line differ, as a fraction of a letter's height, beside one pixel: round
letters reach a little further."""

Piece = tuple[slice, slice]
Row = list[Piece]


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
    found = np.zeros(frames.shape[1:], bool)
    images = [*_some(frames)]
    if len(frames) >= _FEWEST_SLICES:
        found |= _still(frames)
        # in the mean of all slices a patient is blurred and letters are not
        images.append(frames.mean(axis=0, dtype=np.float32))
    rows = [row for image in images for row in _rows_of_letters(image)]
    single = len(frames) < _FEWEST_SLICES
    if single or found.any() or any(_on_a_line(row) for row in rows):
        found |= _mask(rows, found.shape)
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
    return _mask(_in_rows(letters, 2), constant.shape)


def _rows_of_letters(frame: np.ndarray) -> list[Row]:
    values = frame.astype(np.float32)
    low, high = np.percentile(values, 0.5), float(values.max())
    rows: list[Row] = []
    if high <= low:
        return rows
    for signed in (values - low, high - values):
        span = float(signed.max())
        stroke = signed - ndimage.grey_opening(signed, size=(9, 9))
        bright = stroke > max(_CONTRAST * span, _OVER_TEXTURE * float(np.median(stroke)))
        letters = [piece for piece in _pieces(bright) if _is_sharp(signed, piece, span)]
        rows += [row for row in _in_rows(letters, _IN_A_ROW) if _one_top(row, signed, span)]
    return rows


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


def _in_rows(pieces: list[Piece], fewest: int) -> list[Row]:
    """The rows of at least `fewest` that pieces stand in, from left to right."""
    rows: list[Row] = []
    left = sorted(pieces, key=lambda p: p[1].start)
    while left:
        row = [left.pop(0)]
        for piece in list(left):
            if _continues(row[-1], piece):
                row.append(piece)
                left.remove(piece)
        if len(row) >= fewest:
            rows.append(row)
    return rows


def _mask(rows: list[Row], shape: tuple[int, ...]) -> np.ndarray:
    found = np.zeros(shape, bool)
    for row in rows:
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


def _one_top(row: Row, values: np.ndarray, span: float) -> bool:
    tops = np.array([values[piece].max() for piece in row])
    return float(np.percentile(tops, 80) - np.percentile(tops, 20)) <= _ONE_TOP * span


def _on_a_line(row: Row) -> bool:
    """Whether enough pieces have one height on one line, or more one end, and are no slits."""
    upper, lower = (np.array([getattr(p[0], end) for p in row]) for end in ("start", "stop"))
    slim = np.array([p[1].stop - p[1].start for p in row]) / (lower - upper)
    off = 1 + _OFF_A_LINE * float(np.median(lower - upper))
    tops = [(upper >= top) & (upper <= top + off) for top in np.unique(upper)]
    bottoms = [(lower >= bottom) & (lower <= bottom + off) for bottom in np.unique(lower)]
    fewest = min(_ALIKE, _ALIKE_PART * len(row))
    alike = [top & bottom for top in tops for bottom in bottoms]
    chosen = [some for some in alike if some.sum() >= fewest]
    chosen += [some for some in tops + bottoms if some.sum() > _ALIKE]
    return any(float(np.median(slim[some])) >= _SLIMMEST for some in chosen)


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
