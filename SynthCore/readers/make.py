"""Make a study: from a table of images to a folder that can be read blindly."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import SynthCore
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.quality.orientation import PlaneName
from SynthCore.readers.design import Presentation, concerns, concerns_of, design
from SynthCore.readers.fields import centers_of, fields_of, grid_only
from SynthCore.readers.frames import Frame, Shape, differing, frame_for, shape_of
from SynthCore.readers.pictures import (
    NOTICE,
    Place,
    gray_slices,
    place_of,
    png,
    read_entry,
    window_for,
)
from SynthCore.readers.study import (
    ANSWERS,
    KEY,
    PICTURES,
    README,
    RECORD,
    SCHEMA,
    STUDY,
    Study,
    open_study,
)
from SynthCore.readers.table import Entry, Point, read_table
from SynthCore.request import Progress
from SynthCore.staging import new_folder, refuse_filled

_README = """{notice}

This folder is the reader study "{title}". Its pictures come from real and synthetic images, and
they do not say which is which, because readers are asked just that. So they are kept together
here, and single pictures are not to be taken out: what leaves a study is its report, in which
every synthetic picture is marked.

study.json  what readers see        pictures/   the slices of every item, under random names
key.json    the truth and what it follows from: keep it from readers until they have finished
record.json how the study was made  answers/    one file for each reader

synthcore readers serve STUDY --reader NAME     read on this computer
synthcore readers page STUDY --out FILE         one page to hand out; it does not hold the truth
synthcore readers report STUDY ANSWERS... --out FILE
"""


@dataclass(frozen=True)
class Options:
    """How a study is made.

    Attributes
    ----------
    seed : int, optional
        Of the order; drawn where not given: studies of like tables would have one order.
    title : str
        Shown to readers: it must not tell the truth.
    plane : {'axial', 'coronal', 'sagittal'}
        Orientation of the slices.
    slices : int
        At most so many of each image.
    slice_mm, pixel_mm : float or None
        Their distances; the coarsest image's where not given.
    field_mm : float or None
        Width and height of what is shown; the smallest image's where not given.
    """

    seed: int | None = None
    title: str = "Reader study"
    plane: PlaneName = "axial"
    slices: int = 21
    slice_mm: float | None = None
    pixel_mm: float | None = None
    field_mm: float | None = None


def make_study(
    table: Path, folder: Path, options: Options, progress: Progress | None = None
) -> tuple[Study, tuple[str, ...]]:
    """Write a study into a new folder.

    Parameters
    ----------
    table : Path
        See `SynthCore.readers.table.read_table`.
    folder : Path
        Missing or empty.
    options : Options
        How.
    progress : callable, optional
        Told a fraction and a stage.

    Returns
    -------
    Study
        As written.
    tuple of str
        What could tell the truth or bias the result, in sentences.

    Raises
    ------
    InputError
        If the table or an image cannot be used, or the folder holds something.
    """
    tell = progress or (lambda fraction, stage: None)
    entries = read_table(table)
    refuse_filled(folder)
    facts, grids = [], []
    for n, entry in enumerate(entries):
        tell(0.5 * n / len(entries), "images")
        image = read_entry(entry, table.name)
        facts.append((shape_of(image, options.plane), image.sha256(), image.source.kind))
        grids.append(grid_only(image))
    shapes = [shape for shape, _, _ in facts]
    centers = centers_of(entries, grids)
    fields = fields_of(entries, grids, centers, options.plane)
    frame = frame_for(
        shapes, fields, options.plane, slices=options.slices, slice_mm=options.slice_mm,
        pixel_mm=options.pixel_mm, field_mm=options.field_mm,
    )  # fmt: skip
    hashes = [sha256 for _, sha256, _ in facts]
    seed = secrets.randbelow(2**31) if options.seed is None else options.seed
    options = replace(options, seed=seed)
    order = design(entries, hashes, seed)
    study_id = _identity(entries, hashes, frame, options)
    found = (
        *concerns(entries),
        *concerns_of(order, [entry.case for entry in entries]),
        *_concerns(entries, shapes, hashes),
    )
    with new_folder(folder) as stage:
        (stage / PICTURES).mkdir()
        (stage / ANSWERS).mkdir()
        for showing in order:  # numbers of files follow the order shown, not that of the table
            (stage / PICTURES / f"{showing.id}.json").touch()
        places, windows = [], []
        for n, entry in enumerate(entries):
            tell(0.5 + 0.5 * n / len(entries), "pictures")
            image = read_entry(entry, table.name)
            window = window_for(image, entry.window)
            windows.append(window.label)
            places.append(_clue_place(entry, image, frame, centers[n], table.name))
            slices = [
                base64.b64encode(png(one)).decode("ascii")
                for one in gray_slices(image, frame, window, centers[n], fields[n])
            ]
            for showing in order:
                if showing.image == n:
                    _write(stage / PICTURES / f"{showing.id}.json",
                           {"notice": NOTICE, "slices": slices})  # fmt: skip
        _alike(stage / PICTURES)
        public = {"schema": SCHEMA, "id": study_id, "title": options.title, "notice": NOTICE,
                  "items": [s.id for s in order], "pixels": list(frame.counts)}  # fmt: skip
        _write(stage / STUDY, public)
        # what the truth follows from stands with it: lines of the table, the seed of the order,
        # and what is wrong with the choice of images
        _write(stage / KEY, {
            "schema": SCHEMA, "study": study_id, "notice": NOTICE,
            "items": {s.id: _key(s, entries, places) for s in order},
            "seed": seed,
            "concerns": list(found),
            "images": [
                {"case": e.case, "role": e.role, "truth": e.truth, "source": kind,
                 "sha256": sha256, "spacing_mm": list(shape.spacing),
                 "counts": list(shape.counts), "center_lps": center, "window": window}
                for e, (shape, sha256, kind), center, window in zip(
                    entries, facts, centers, windows, strict=True
                )
            ],
        })  # fmt: skip
        record = {
            "study": study_id,
            "notice": NOTICE,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "software": f"SynthCore {SynthCore.__version__}, Python {platform.python_version()}, "
            f"numpy {np.__version__}",
            "options": {name: value for name, value in asdict(options).items() if name != "seed"},
            "frame": asdict(frame),
            "images": len(entries),
        }
        _write(stage / RECORD, record)
        told = _README.format(notice=NOTICE, title=options.title)
        (stage / README).write_text(told, encoding="utf-8")
    tell(1.0, "done")
    return open_study(folder), found


def _concerns(
    entries: Sequence[Entry], shapes: Sequence[Shape], hashes: Sequence[str]
) -> tuple[str, ...]:
    """What the images themselves could tell."""
    found = []
    for role in sorted({entry.role for entry in entries}):
        by_truth: dict[str, list[Shape]] = {}
        for entry, shape in zip(entries, shapes, strict=True):
            if entry.role == role:
                by_truth.setdefault(entry.truth, []).append(shape)
        if len(by_truth) == 2 and differing(dict(by_truth)):
            found.append(
                f"Real and synthetic {role} images have voxels of different size: sharpness may "
                "tell them apart after resampling."
            )
    if max(shape.oblique for shape in shapes) > 5:
        found.append(
            "Some images are oblique by more than 5 degrees; slices are shown as they lie, not "
            "turned."
        )
    if len(set(hashes)) < len(hashes):
        found.append("Two lines hold the same image.")
    return tuple(found)


def _clue_place(
    entry: Entry, image: Image, frame: Frame, center: Point | None, table: str
) -> Place | None:
    if entry.clue_point is None:
        return None
    place = place_of(image, frame, center, entry.clue_point)
    if place is None:
        raise InputError(
            f"Line {entry.row} of {table} has a clue_point outside of what is shown; check that it "
            "is in LPS mm, or show more slices."
        )
    return place


def _key(
    showing: Presentation, entries: Sequence[Entry], places: Sequence[Place | None]
) -> dict[str, Any]:
    entry, place = entries[showing.image], places[showing.image]
    return {
        "truth": entry.truth,
        "case": entry.case,
        "role": entry.role,
        "image": showing.image,
        "repeats": showing.repeats,
        "clue": entry.clue,
        "place": None if place is None else [place.slice, place.row, place.column],
    }


def _identity(
    entries: Sequence[Entry], hashes: Sequence[str], frame: Frame, options: Options
) -> str:
    """Of what is shown and asked, so that the same table, images and options give it again."""
    rows = [{**asdict(e), "image": sha256} for e, sha256 in zip(entries, hashes, strict=True)]
    text = json.dumps([rows, asdict(frame), asdict(options)], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    # a letter first, as in the names of items: no number for a spreadsheet
    return "abc"[int(digest[:8], 16) % 3] + digest[8:23]


def _alike(folder: Path) -> None:
    """Give all files one time: they were written in the order of the table."""
    now = time.time()
    for path in folder.iterdir():
        os.utime(path, (now, now))


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=True, indent=None) + "\n", encoding="utf-8")
