"""A plan check as PDF: A4 pages to print, sign and file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from SynthCore.planning.finding import Light
from SynthCore.planning.pdf_pages import (
    GRAY,
    INNER,
    LEADING,
    MARGIN,
    Pages,
    picture_height,
    wrap,
)
from SynthCore.planning.report_content import NOT_CLEARED, PURPOSE, Content, Row, Section
from SynthCore.staging import new_files

COLORS: Mapping[Light, str] = {
    "pass": "#1e7e45", "warn": "#b8860b", "fail": "#b02a37", "shown": "#6b7280",
}  # fmt: skip

SIZE, SMALL = 7.5, 6.5
_LIGHT, _VALUE, _LIMIT, _SOURCE, _BESIDE, _GAP = 36.0, 54.0, 64.0, 56.0, 54.0, 9.0
_FACT = 92.0
_TALL = 440.0
"""A picture takes at most so many points."""

_FOOT = f"Plan check of a synthetic CT. {NOT_CLEARED}"


def write_pdf(path: Path, content: Content) -> Path:
    """Write a report as PDF.

    Parameters
    ----------
    path : Path
        It must not exist.
    content : Content
        What `make_content` gathered.

    Raises
    ------
    InputError
        If the file exists or cannot be written.
    """
    with (
        new_files(path) as (part,),
        part.open("wb") as file,
        Pages(file, "Plan check of a synthetic CT", _FOOT) as pages,
    ):
        _first(pages, content)
        for section in content.sections:
            _section(pages, section)
        for picture in content.pictures:
            high = picture_height(picture.png, _TALL)
            pages.heading(picture.title, keep=high + 24.0)
            pages.paragraph(picture.caption, SIZE, color=GRAY)
            pages.space(3.0)
            pages.picture(picture.png, _TALL)
            pages.space(6.0)
    return path


def _first(pages: Pages, content: Content) -> None:
    pages.need(200.0)
    pages.write("Plan check of a synthetic CT", MARGIN, 17.0, bold=True)
    pages.space(28.0)
    lines = wrap(content.verdict, INNER - 24.0, 10.5, bold=True)
    height = len(lines) * 10.5 * LEADING + 12.0
    pages.box(MARGIN, INNER, height, "#f4f4f4")
    pages.box(MARGIN, 5.0, height, COLORS[content.light])
    pages.space(6.0)
    pages.paragraph(content.verdict, 10.5, bold=True, x=MARGIN + 14.0, width=INNER - 24.0)
    pages.space(14.0)
    pages.paragraph(f"{NOT_CLEARED} {PURPOSE}", 8.5)
    pages.space(8.0)
    for label, text in content.facts:
        lines = wrap(text, INNER - _FACT, SIZE)
        names = wrap(label, _FACT - _GAP, SIZE, bold=True)
        pages.need(max(len(lines), len(names)) * SIZE * LEADING + 6.0)
        pages.rule()
        pages.space(3.0)
        pages.columns([names], [(MARGIN, _FACT)], SIZE, bold=True)
        pages.columns([lines], [(MARGIN + _FACT, INNER - _FACT)], SIZE)
        pages.space(max(len(lines), len(names)) * SIZE * LEADING + 3.0)
    pages.rule()
    pages.space(8.0)
    for note in content.notes:
        pages.paragraph(note, 8.0, color=GRAY)
    pages.need(70.0)
    pages.space(34.0)
    for x, words in ((MARGIN, "Physicist, date"), (MARGIN + INNER / 2 + 10.0, "Signature")):
        pages.box(x, INNER / 2 - 10.0, 0.6, "#888888")
        pages.write(words, x, SIZE, color=GRAY, below=3.0)
    pages.space(16.0)


def _places(beside: int) -> list[tuple[float, float]]:
    """Left end and width of: light, check, value, accepted, threshold of, comparators."""
    fixed = [_VALUE, _LIMIT, _SOURCE, *[_BESIDE] * beside]
    check = INNER - _LIGHT - sum(fixed) - _GAP * (len(fixed) + 1)
    found, x = [], MARGIN
    for width in (_LIGHT, check, *fixed):
        found.append((x, width))
        x += width + _GAP
    return found


def _section(pages: Pages, section: Section) -> None:
    beside = section.names[:3]
    places = _places(len(beside))
    pages.heading(section.title)
    _head(pages, places, beside)
    for row in section.rows:
        cells = _cells(row, places, len(beside))
        reason = wrap(row.reason, MARGIN + INNER - places[1][0], SMALL) if row.reason else []
        lines = max(len(cell) for cell in cells)
        high = lines * SIZE * LEADING + len(reason) * SMALL * LEADING + 7.0
        if pages.left < high:
            pages.need(high + 40.0)
            _head(pages, places, beside)
        pages.box(places[0][0], _LIGHT, SIZE * LEADING + 1.0, COLORS[row.light], below=2.0)
        pages.space(3.0)
        pages.columns([[row.light]], [(places[0][0] + 4.0, _LIGHT)], SIZE, color="#ffffff",
                      bold=True)  # fmt: skip
        right = [False, True, False, False, *[True] * len(beside)]
        pages.space(pages.columns(cells, places[1:], SIZE, right=right))
        if reason:
            pages.space(pages.columns(
                [reason], [(places[1][0], 0.0)], SMALL, color=GRAY
            ))  # fmt: skip
        pages.space(3.0)
        pages.rule()


def _cells(row: Row, places: list[tuple[float, float]], beside: int) -> list[list[str]]:
    texts = [row.title, row.value, row.limit, row.source, *row.beside[:beside]]
    return [wrap(text, width, SIZE) for text, (_, width) in zip(texts, places[1:], strict=True)]


def _head(pages: Pages, places: list[tuple[float, float]], names: tuple[str, ...]) -> None:
    texts = ["Check", "Value", "Bounds", "Threshold of", *names]
    cells = [wrap(t, w, SMALL, bold=True) for t, (_, w) in zip(texts, places[1:], strict=True)]
    right = [False, True, False, False, *[True] * len(names)]
    pages.space(pages.columns(cells, places[1:], SMALL, color=GRAY, bold=True, right=right) + 2.0)
    pages.rule()
