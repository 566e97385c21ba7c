"""Write a placed lesion: its images, mask, parts and facts, and its DICOM objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SynthCore.dicom.lesion_study import OBJECTS, write_objects_beside
from SynthCore.dicom.series_plan import NewStudy
from SynthCore.files.read import read
from SynthCore.files.verify_record import FACTS_NAME, MASK_NAME
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, summary
from SynthCore.lesions.described import lesion_of, tissues_of
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.results import make_record, results_of
from SynthCore.one_run.publish import names_of, publish
from SynthCore.request import Progress, part_of

LABELS_NAME = "lesion-parts.nii.gz"


@dataclass(frozen=True)
class Files:
    """Names in the folder of a placed lesion, and what came up in writing."""

    images: dict[str, str]
    objects: tuple[str, ...]
    warnings: tuple[str, ...] = ()


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
    progress: Progress | None = None,
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
    progress : callable, optional
        Told the fraction done, and what is written next.
    """
    tell = part_of(progress, 0.0, 1.0)
    shown: dict[str, str] = {}
    told: list[str] = []
    results = results_of(placed, images)
    for n, (role, result) in enumerate(results.items()):
        tell(n / (len(results) + 1), f"write {role}")
        written = publish(result, images, folder, form, mask=placed.parts, study=study)
        shown[role] = written.image.name
        told += written.warnings
    tell(len(results) / (len(results) + 1), "write the mask")
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
        return Files(shown, (), tuple(told))
    # they are about the series as they were written
    series = [read(str(folder / name), modality=role) for role, name in shown.items()]
    made = write_objects_beside(
        folder, series, placed.mask, placed.parts, lesion_of(placed), tissues_of(placed)
    )
    return Files(shown, tuple(path.name for path in made), tuple(told))
