"""Text, tables and pictures one below the other on A4 pages, by matplotlib.

Lengths are points (1/72 inch) and run down from the top of the page. Text is measured with the
font it is drawn in, so that nothing runs into anything else.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from matplotlib import font_manager, rc_context
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle

WIDTH, HEIGHT = 595.28, 841.89
MARGIN, FOOT = 42.0, 48.0
INNER = WIDTH - 2 * MARGIN
LEADING = 1.32
"""Distance of lines over the size of the font."""

INK, GRAY, RULE = "#222222", "#555555", "#d5d5d5"
_FAMILY = "DejaVu Sans"
_MEASURED = 200.0


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Points that a line of text takes."""
    font = font_manager.get_font(
        font_manager.findfont(
            font_manager.FontProperties(family=_FAMILY, weight="bold" if bold else "normal")
        )
    )
    # measured large: small letters are hinted to whole pixels, which a PDF does not do
    font.set_size(_MEASURED, 72)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64 * size / _MEASURED


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Lines of at most `width` points; a word that is too long, such as a hash, is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}".strip()
        if text_width(joined, size, bold=bold) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        while text_width(word, size, bold=bold) > width and len(word) > 1:
            cut = len(word) - 1
            while cut > 1 and text_width(word[:cut], size, bold=bold) > width:
                cut -= 1
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    return [*lines, line] if line or not lines else lines


class Pages:
    """A PDF that grows downwards, page after page; a context manager.

    Parameters
    ----------
    target : file-like
        What is written to.
    title : str
        Of the document.
    foot : str
        At the bottom of every page, beside its number.
    """

    def __init__(self, target: Any, title: str, foot: str) -> None:
        self._rc = rc_context({"pdf.fonttype": 42, "pdf.compression": 6})
        self._rc.__enter__()
        self._pdf = PdfPages(target, metadata={"Title": title, "Creator": "SynthCore"})
        self._foot = foot
        self._figure: Figure | None = None
        self._y = 0.0
        self._number = 0

    def __enter__(self) -> Pages:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._finish()
        self._pdf.close()
        self._rc.__exit__(kind, error, trace)

    @property
    def left(self) -> float:
        """Points that are left on the page."""
        return HEIGHT - FOOT - self._y if self._figure is not None else 0.0

    def need(self, points: float) -> None:
        """Begin a new page where fewer points are left."""
        if self.left < points:
            self._finish()
            self._figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
            self._y = MARGIN
            self._number += 1

    def space(self, points: float) -> None:
        """Leave points free."""
        self._y += points

    def write(
        self, text: str, x: float, size: float, *, color: str = INK, bold: bool = False,
        below: float = 0.0, right: bool = False,
    ) -> None:  # fmt: skip
        """One line, its top `below` points under the present place."""
        assert self._figure is not None  # noqa: S101
        self._figure.text(
            x / WIDTH, 1 - (self._y + below + size) / HEIGHT, text, fontsize=size, color=color,
            family=_FAMILY, weight="bold" if bold else "normal", parse_math=False,
            ha="right" if right else "left", va="baseline",
        )  # fmt: skip

    def box(self, x: float, width: float, height: float, color: str, *, below: float = 0.0) -> None:
        """A filled rectangle."""
        assert self._figure is not None  # noqa: S101
        self._figure.add_artist(
            Rectangle(
                (x / WIDTH, 1 - (self._y + below + height) / HEIGHT), width / WIDTH,
                height / HEIGHT, facecolor=color, edgecolor="none", zorder=0,
            )
        )  # fmt: skip

    def rule(self) -> None:
        """A thin line across the page."""
        self.box(MARGIN, INNER, 0.5, RULE)

    def paragraph(
        self, text: str, size: float = 9.0, *, color: str = INK, bold: bool = False,
        x: float = MARGIN, width: float = INNER,
    ) -> None:  # fmt: skip
        """Wrapped text."""
        for line in wrap(text, width, size, bold=bold):
            self.need(size * LEADING)
            self.write(line, x, size, color=color, bold=bold)
            self._y += size * LEADING

    def heading(self, text: str, keep: float = 60.0) -> None:
        """A heading that stays with what follows: `keep` points of it."""
        self.need(30.0 + keep)
        self._y += 10.0
        self.write(text, MARGIN, 12.0, bold=True)
        self._y += 17.0
        self.rule()
        self._y += 4.0

    def columns(
        self, cells: Sequence[Sequence[str]], places: Sequence[tuple[float, float]], size: float,
        *, color: str = INK, bold: bool = False, right: Sequence[bool] = (),
    ) -> float:  # fmt: skip
        """Lines side by side; the height they take. The place does not move."""
        for n, (lines, (x, width)) in enumerate(zip(cells, places, strict=True)):
            to_right = bool(right) and right[n]
            for row, line in enumerate(lines):
                self.write(line, x + width if to_right else x, size, color=color, bold=bold,
                           below=row * size * LEADING, right=to_right)  # fmt: skip
        return max(len(lines) for lines in cells) * size * LEADING

    def picture(self, png: bytes, most: float) -> None:
        """A PNG as wide as the page, or `most` points high where it is a tall one."""
        assert self._figure is not None  # noqa: S101
        pixels = imread(io.BytesIO(png))
        high, wide = pixels.shape[:2]
        width = INNER
        height = width * high / wide
        if height > most:
            width, height = width * most / height, most
        axes = self._figure.add_axes((
            (WIDTH - width) / 2 / WIDTH, 1 - (self._y + height) / HEIGHT,
            width / WIDTH, height / HEIGHT,
        ))  # fmt: skip
        axes.imshow(pixels, aspect="auto", interpolation="none")
        axes.set_axis_off()
        self._y += height

    def _finish(self) -> None:
        if self._figure is None:
            return
        self._y = HEIGHT - FOOT + 10.0
        self.rule()
        self.write(self._foot, MARGIN, 7.0, color=GRAY, below=5.0)
        self.write(str(self._number), WIDTH - MARGIN, 7.0, color=GRAY, below=5.0, right=True)
        self._pdf.savefig(self._figure)
        self._figure = None


def picture_height(png: bytes, most: float) -> float:
    """Points that `Pages.picture` takes for it."""
    wide, high = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    return min(INNER * high / wide, most)
