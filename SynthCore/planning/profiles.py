"""CT numbers along lines: where two images part, at an edge or all along."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.image import Image

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]

STEP_MM = 0.5
BEYOND_MM = 10.0
"""How far a line of ours goes past the body."""


@dataclass(frozen=True)
class Line:
    """From one point to another, LPS mm."""

    name: str
    start: tuple[float, float, float]
    end: tuple[float, float, float]


def parse_line(text: str) -> Line:
    """A line as typed: ``X,Y,Z/X,Y,Z`` in LPS mm.

    Raises
    ------
    InputError
        If it is none, or has no length.
    """
    try:
        ends = [tuple(float(v) for v in part.split(",")) for part in text.split("/")]
    except ValueError:
        ends = []
    finite = all(np.isfinite(v) for end in ends for v in end)
    if len(ends) != 2 or any(len(end) != 3 for end in ends) or not finite or ends[0] == ends[1]:
        raise InputError(f"--profile {text[:60]!r} is not a line: give X,Y,Z/X,Y,Z in mm (LPS).")
    (a, b, c), (d, e, f) = ends
    return Line(f"{text} mm", (a, b, c), (d, e, f))


def require_within(line: Line, image: Image) -> None:
    """Refuse a line that misses an image: a sign of its coordinates is another, most likely.

    Raises
    ------
    InputError
        If no point of it lies in the image.
    """
    part = np.linspace(0, 1, 200)[:, None]
    points = np.array(line.start) * (1 - part) + np.array(line.end) * part
    inverse = np.linalg.inv(image.affine)
    voxels = points @ inverse[:3, :3].T + inverse[:3, 3]
    inside = np.all((voxels >= -0.5) & (voxels <= np.array(image.shape[::-1]) - 0.5), axis=1)
    if not inside.any():
        raise InputError(f"The profile {line.name} misses the image: give LPS mm, not RAS.")


def lines_through(focus: Mask, body: Mask, image: Image) -> tuple[Line, ...]:
    """Through the center of a region from right to left, front to back and foot to head.

    Parameters
    ----------
    focus, body : numpy.ndarray of bool
        [k, j, i]; lines end where the body does, and a little beyond.
    """
    if not focus.any() or not body.any():
        return ()
    points = [np.argwhere(m)[:, ::-1] @ image.affine[:3, :3].T + image.affine[:3, 3]
              for m in (focus, body)]  # fmt: skip
    center, low, high = points[0].mean(axis=0), points[1].min(axis=0), points[1].max(axis=0)
    found = []
    for axis, name in enumerate(("right to left", "front to back", "foot to head")):
        ends = [center.copy(), center.copy()]
        ends[0][axis], ends[1][axis] = low[axis] - BEYOND_MM, high[axis] + BEYOND_MM
        (a, b, c), (d, e, f) = (tuple(float(v) for v in end) for end in ends)
        shown = f"{name}, ({a:.0f}, {b:.0f}, {c:.0f}) to ({d:.0f}, {e:.0f}, {f:.0f})"
        found.append(Line(shown, (a, b, c), (d, e, f)))
    return tuple(found)


def along(line: Line, image: Image) -> tuple[Values, Values]:
    """Values of an image along a line, linearly interpolated.

    Returns
    -------
    numpy.ndarray
        [n] mm from the start.
    numpy.ndarray
        [n], NaN outside the image.
    """
    start, end = np.array(line.start), np.array(line.end)
    length = float(np.linalg.norm(end - start))
    steps = min(max(2, int(length / STEP_MM) + 1), 20_000)
    distance = np.linspace(0.0, length, steps)
    points = start + distance[:, None] / length * (end - start)
    inverse = np.linalg.inv(image.affine)
    index = points @ inverse[:3, :3].T + inverse[:3, 3]
    values = ndimage.map_coordinates(
        image.voxels.astype(np.float32), index[:, ::-1].T, order=1, mode="constant", cval=np.nan
    )
    return distance, np.asarray(values, dtype=np.float64)
