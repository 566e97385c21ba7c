"""A page of pictures for each case, and one that lists them: plain HTML files, no network."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path

from SynthCore.bench.quality.case import Row
from SynthCore.bench.quality.run import Done
from SynthCore.bench.quality.score import comparable
from SynthCore.image import Image
from SynthCore.quality.figures import Shown, data_uri, three_planes
from SynthCore.staging import renewed

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:1400px;margin:2rem auto;padding:0 1rem}"
    "img{max-width:100%}table{border-collapse:collapse}td,th{padding:.2rem .7rem;text-align:right;"
    "border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}"
)


def write_case(done: Done, folder: Path) -> Path:
    """The page of one case: inputs, truth, what every model made, and differences."""
    case = done.case
    given = next(iter(case.inputs.values()))
    shown = []
    if given.same_grid(case.reference):
        shown += [Shown(f"{role}, given", image) for role, image in case.inputs.items()]
    real = _scaled(case.reference, done)
    shown.append(Shown(f"{case.target}, real", real))
    for name, image in done.images.items():
        made = _scaled(image, done)
        shown.append(Shown(name, made, synthetic=True))
        shown.append(Shown(f"{name} - real", made, minus=real))
    pictures = three_planes(shown, case.area, outline=case.lesion)
    body = [f"<h1>{html.escape(case.task)}: {html.escape(case.name)}</h1>"]
    if case.note:
        body.append(f"<p>{html.escape(case.note)}.</p>")
    body.append(_rows(done.rows))
    body += [
        f'<h2>{plane}</h2><img alt="{plane}" src="{data_uri(png)}">'
        for plane, png in pictures.items()
    ]
    path = folder / f"{file_name(case.task, case.name)}.html"
    _write(path, f"{case.task}: {case.name}", body)
    return path


def _scaled(image: Image, done: Done) -> Image:
    """CT as it is; MR in percent of a percentile, as it was scored."""
    if image.unit == "HU":
        return image
    return image.with_voxels(100 * comparable(image, done.case))


def write_index(rows: Sequence[Row], pages: Sequence[tuple[str, Path]], folder: Path) -> Path:
    """The page that lists the others, with all rows."""
    items = "".join(
        f'<li><a href="{html.escape(path.name)}">{html.escape(title)}</a></li>'
        for title, path in pages
    )
    body = [
        "<h1>Quality on real images</h1>",
        "<p>Errors are mean absolute errors in HU, or for MR in percent of the 99.5 percentile "
        "in the area scored (brain or hidden region): of the real image where a task keeps the "
        "gray levels of its input, else of each image itself. A model that was trained on a "
        "patient says so: such a row shows how well it remembers, not how well it works.</p>",
        _rows(rows),
        f"<ul>{items}</ul>",
    ]
    _write(folder / "index.html", "Quality on real images", body)
    return folder / "index.html"


def file_name(task: str, name: str) -> str:
    """A name for a file from that of a case."""
    return re.sub(r"[^a-z0-9]+", "-", f"{task} {name}".lower()).strip("-")


def _rows(rows: Sequence[Row]) -> str:
    head = ("case", "model", "trained on", "PSNR dB", "SSIM", "whole", "area", "lesion", "signed",
            "lower than baseline", "95% interval")  # fmt: skip
    lines = ["<tr>" + "".join(f"<th>{name}</th>" for name in head) + "</tr>"]
    for row in rows:
        cells = [row.case, row.model, row.trained_on]
        if row.refused:
            start = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
            lines.append(f'<tr>{start}<td colspan="8">{html.escape(row.refused)}</td></tr>')
            continue
        figures = (row.whole, row.area, row.lesion, row.signed, row.less)
        cells += [_number(row.psnr_db), _number(row.ssim, 3), *map(_number, figures)]
        low, high = _number(row.less_low), _number(row.less_high)
        cells.append(f"{low} to {high}" if low else "")
        lines.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    return "<table>" + "".join(lines) + "</table>"


def _number(value: float, digits: int = 2) -> str:
    return "" if value != value else f"{value:.{digits}f}"


def _write(path: Path, title: str, body: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style>{''.join(body)}</html>"
    )
    with renewed(path) as part:
        part.write_text(text, encoding="utf-8")
