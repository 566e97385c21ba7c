"""Two histograms as a picture for the panel, painted with Qt alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import qt

from SlicerSynthLib.compare import COLORS

WIDTH, HEIGHT, MARGIN, LETTER = 360, 170, 22, 7
PAPER, INK = (255, 255, 255), (60, 60, 60)


def histogram_picture(histogram: Mapping[str, Sequence[float]], unit: str) -> Any:
    """Both histograms over one axis, the square root of the share upwards.

    The root lets bone be seen beside the mountain of soft tissue.
    """
    pixmap = qt.QPixmap(WIDTH, HEIGHT)
    pixmap.fill(qt.QColor(*PAPER))
    edges = histogram["edges"]
    shares = {name: histogram[name.lower()] for name in COLORS}
    top = max(max(values, default=0.0) for values in shares.values()) ** 0.5 or 1.0
    painter = qt.QPainter()
    painter.begin(pixmap)
    _axis(painter, edges, "HU" if unit == "HU" else "")
    for row, (name, values) in enumerate(shares.items()):
        color = qt.QColor(*(round(255 * part) for part in COLORS[name]))
        painter.setPen(qt.QPen(color))
        points = [_place(n, len(values), share**0.5 / top) for n, share in enumerate(values)]
        for (x0, y0), (x1, y1) in pairwise(points):
            painter.drawLine(x0, y0, x1, y1)
        painter.drawText(WIDTH - 110, 16 + 15 * row, name)
    painter.end()
    return pixmap


def _place(number: int, count: int, height: float) -> tuple[int, int]:
    x = MARGIN + round(number / max(1, count - 1) * (WIDTH - 2 * MARGIN))
    return x, HEIGHT - MARGIN - round(height * (HEIGHT - 2 * MARGIN))


def _axis(painter: Any, edges: Sequence[float], unit: str) -> None:
    painter.setPen(qt.QPen(qt.QColor(*INK)))
    bottom = HEIGHT - MARGIN
    painter.drawLine(MARGIN, bottom, WIDTH - MARGIN, bottom)
    for part in (0.0, 0.5, 1.0):
        value = edges[0] + part * (edges[-1] - edges[0])
        x = MARGIN + round(part * (WIDTH - 2 * MARGIN))
        painter.drawLine(x, bottom, x, bottom + 3)
        words = f"{value:.0f} {unit}" if abs(edges[-1]) >= 10 else f"{value:.3g} {unit}"
        painter.drawText(x - round(part * LETTER * len(words)), bottom + 16, words.strip())
