"""Write a placed lesion: its images, mask, parts and facts, and its DICOM objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.cli.publish import names_of, publish
from SynthCore.dicom.lesion_objects import PARTS_NAME, REPORT_NAME, SEG_NAME, LesionOfMask
from SynthCore.dicom.lesion_objects import write_lesion_objects as write_objects
from SynthCore.dicom.seg.build import Segment
from SynthCore.dicom.series_plan import NewStudy
from SynthCore.files.read import read
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, summary
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.results import MODEL, make_record, results_of
from SynthCore.lesions.sites import place_of
from SynthCore.quality.grids import resample_to

MASK_NAME = "lesion-mask.nii.gz"
LABELS_NAME = "lesion-parts.nii.gz"
FACTS_NAME = "lesion-facts.json"
OBJECTS = "lesion-objects"
"""Folder of the segmentation and the report."""


@dataclass(frozen=True)
class Files:
    """Names in the folder of a placed lesion."""

    images: dict[str, str]
    objects: tuple[str, ...]


def names(roles: tuple[str, ...]) -> tuple[str, ...]:
    """All that may be written, to be refused where it is there."""
    made = tuple(name for role in roles for name in names_of(role))
    return (*made, MASK_NAME, LABELS_NAME, FACTS_NAME, OBJECTS)


def write_placed(
    placed: Placed,
    images: Mapping[str, Image],
    folder: Path,
    form: str,
    study: NewStudy | None = None,
) -> Files:
    """Write everything into a folder that is there.

    Parameters
    ----------
    placed : Placed
        What was placed.
    images : mapping
        What it was placed in, by role.
    folder : Path
        Must not hold these names.
    form : {'dicom', 'nifti'}
        Of the images; mask and parts are NIfTI in either, and DICOM objects too where the images
        are.
    study : NewStudy, optional
        Study of the images.
    """
    shown: dict[str, str] = {}
    results = results_of(placed, images)
    for role, result in results.items():
        written = publish(result, images, folder, form, mask=placed.parts, study=study)
        shown[role] = written.image.name
    first = results[next(iter(results))].record
    for image, name in ((placed.mask, MASK_NAME), (placed.parts, LABELS_NAME)):
        record = make_record(placed, "mask", first.inputs, image)
        write_nifti(image, folder / name, record_json=record.to_json())
    facts: dict[str, Any] = {
        **placed.facts,
        "part_names": {str(n): name for n, name in placed.part_names.items()},
        "mask": summary(placed.mask),
        "synthetic": True,
    }
    (folder / FACTS_NAME).write_text(json.dumps(facts, indent=1, sort_keys=True), encoding="utf-8")
    if form != "dicom":
        return Files(shown, ())
    _write_dicom(placed, folder, shown)
    return Files(shown, (SEG_NAME, PARTS_NAME, REPORT_NAME))


def _write_dicom(placed: Placed, folder: Path, shown: Mapping[str, str]) -> None:
    """Segmentations and report beside the series, which they are about as they were written."""
    kind, wish = placed.wish.what, placed.wish
    series = [read(str(folder / name), modality=role) for role, name in shown.items()]
    lesion = LesionOfMask(
        1, kind.title, wish.kind, _site_words(placed), f"{MODEL}, seed {wish.seed}", kind.code
    )
    parts = _labels(placed.parts, series[0])
    present = set(np.unique(parts.voxels).tolist())
    tissues = [
        Segment(n, part.name, part.name, kind.organ, part.code)
        for n, part in enumerate(kind.parts, start=1)
        if n in present
    ]
    (folder / OBJECTS).mkdir()
    write_objects(
        folder / OBJECTS, _labels(placed.mask, series[0]), [lesion], series,
        parts=parts, tissues=tissues,
    )  # fmt: skip


def _site_words(placed: Placed) -> str:
    """Side and region before the rule: standard codes are chosen by these words."""
    wish = placed.wish
    if not place_of(wish):
        return wish.site or wish.what.organ
    return f"{place_of(wish)}, {placed.facts['site']}"


def _labels(image: Image, like: Image) -> Image:
    """Labels on the grid of the series as it was read: another order of slices at the most."""
    out = np.zeros(like.shape, dtype=np.uint8)
    for value in np.unique(image.voxels)[1:].tolist():
        share = image.with_voxels((image.voxels == value).astype(np.float32))
        out[resample_to(share, like)[0].voxels > 0.5] = value
    return like.with_voxels(out, modality="", unit="1")
