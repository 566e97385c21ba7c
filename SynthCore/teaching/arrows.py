"""Where an arrow begins: outside of what it points to, and inside the picture."""

from __future__ import annotations

import math

LENGTH = 0.13
"""Of an arrow, as a share of the picture's longer side."""

GAP = 0.012
"""Between its tip and the point, so that the point is not covered."""

_EDGE = 0.03


def arrow_from(
    tip: tuple[float, float], size: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both ends of an arrow that points inwards.

    Parameters
    ----------
    tip : tuple of float
        What it points to, in the unit of `size`, from the upper left.
    size : tuple of float
        Width and height of the picture, in any unit.

    Returns
    -------
    tuple
        Tail and head.
    """
    width, height = size
    longer = max(size)
    x, y = tip[0] - width / 2, tip[1] - height / 2
    far = math.hypot(x, y)
    # from the upper left where the point lies in the middle and no side is nearer
    direction = (x / far, y / far) if far > 0.02 * longer else (-math.sqrt(0.5), -math.sqrt(0.5))
    tail = _along(tip, direction, LENGTH * longer)
    edge = _EDGE * longer
    if not (edge <= tail[0] <= width - edge and edge <= tail[1] <= height - edge):
        direction = (-direction[0], -direction[1])
        tail = _along(tip, direction, LENGTH * longer)
    return tail, _along(tip, direction, GAP * longer)


def _along(
    start: tuple[float, float], direction: tuple[float, float], length: float
) -> tuple[float, float]:
    return start[0] + direction[0] * length, start[1] + direction[1] * length
