"""A synthetic node as a DICOM series: what is needed is taken from the scene, then written aside.

`take` runs on the main thread and touches MRML; what it gives can be previewed and written by any
other thread. Nothing is ever written over.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from SlicerSynthLib.attributes import card_of, is_synthetic, record_of, sources_of
from SlicerSynthLib.dicom_headers import Files, files_of, read_source
from SlicerSynthLib.nodes import grid_of, image_from_node
from SynthCore.errors import InputError
from SynthCore.request import SynthesisRecord, SynthesisResult


@dataclass(frozen=True)
class Package:
    """Everything that becomes a series.

    Attributes
    ----------
    result : SynthesisResult
        The node's image with its record.
    sources : tuple of Files
        DICOM files of those it was made from that are still in the scene.
    """

    result: SynthesisResult
    sources: tuple[Files, ...]


def take(node: Any) -> Package:
    """What is needed to write `node`, out of the scene.

    Raises
    ------
    InputError
        If the node is not synthetic, has no readable record, or was changed since it was made.
    """
    if not is_synthetic(node):
        raise InputError("This volume is not synthetic; export it with Slicer's own export.")
    record = _record(node)
    image = image_from_node(node, record.target)
    sources = sources_of(node)
    # of several, the one it was made of comes first: the series has its place and its headers
    roles = sorted(record.inputs, key=lambda role: role != record.target)
    used = [sources[role] for role in roles if role in sources]
    result = SynthesisResult(image, record, record.checks, record.warnings, card_of(node) or {})
    database = getattr(slicer, "dicomDatabase", None)
    return Package(result, tuple(files_of(one, database) for one in used))


def write(package: Package, folder: Path) -> SynthesisRecord:
    """Write the series into `folder`, which must not exist or be empty; from any thread.

    Raises
    ------
    InputError, ComputationError
        As `SynthCore.dicom.write.export_dicom`. Nothing is left behind.
    """
    from SynthCore.dicom.write import export_dicom

    check_unchanged(package)
    first, *more = _sources(package) or [None]
    return export_dicom(package.result, folder, source=first, more_sources=more)


def preview(package: Package) -> tuple[Any, ...]:
    """The elements of the first object that would be written; from any thread."""
    from SynthCore.dicom.tags_preview import preview_tags

    check_unchanged(package)
    first, *more = _sources(package) or [None]
    return preview_tags(package.result, source=first, more_sources=more)


def check_unchanged(package: Package) -> None:
    """Refuse voxels that are not those of the record any more; from any thread.

    Raises
    ------
    InputError
        If they were changed since they were made.
    """
    made, image = package.result.record.output, package.result.image
    if "sha256" not in made or "affine_lps" not in made:
        return
    # a file keeps an affine to some decimals only: the place was compared, the voxels are hashed
    if replace(image, affine=np.asarray(made["affine_lps"])).sha256() != made["sha256"]:
        raise InputError(
            "The voxels of this volume were changed since it was made, so its record is no longer "
            "true; make it again."
        )


def new_folder(parent: Path, target: str) -> Path:
    """A folder in `parent` that does not exist yet, named by what it will hold and when.

    Raises
    ------
    InputError
        If there is no such parent.
    """
    if not parent.is_dir():
        raise InputError("The folder to export to is not there; choose another one.")
    stem = f"SYNTHETIC_{target}_{time.strftime('%Y%m%d_%H%M%S')}"
    names = [stem, *(f"{stem}_{number}" for number in range(2, 100))]
    return next(parent / name for name in names if not (parent / name).exists())


def temporary_folder() -> Path:
    """A name for a folder that nobody else uses, in the application's own place for such."""
    return Path(slicer.app.temporaryPath) / f"SlicerSynth-{secrets.token_hex(8)}"


def import_into_database(folder: Path) -> None:
    """Copy the series in `folder` into Slicer's DICOM database, and take the folder away.

    Raises
    ------
    InputError
        If there is no database, or it does not take the series.
    """
    from DICOMLib import DICOMUtils

    database = slicer.dicomDatabase
    try:
        if not database.isOpen:
            raise InputError("Slicer's DICOM database is not open; open the DICOM module once.")
        if not DICOMUtils.importDicom(str(folder), database, True):
            raise InputError("Slicer's DICOM database did not take the series; export to a folder.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _record(node: Any) -> SynthesisRecord:
    text = record_of(node)
    if not text:
        raise InputError(
            "This volume is synthetic but has no record of how it was made, so it is not written; "
            "make it again in the Synth module, or keep the files it came from."
        )
    try:
        record = SynthesisRecord.from_json(text)
    except ValueError:
        raise InputError("The record of this volume cannot be read; make it again.") from None
    voxels, affine = grid_of(node)
    made = record.output
    if made and not _same_grid(made, voxels.shape, affine):
        raise InputError(
            "This volume was moved or resampled since it was made, so its record is no longer "
            "true; take it out from under its transform, or make it again."
        )
    return record


def _same_grid(made: Any, shape: Sequence[int], affine: Any) -> bool:
    if "shape_kji" not in made or "affine_lps" not in made:
        return True
    return list(made["shape_kji"]) == list(shape) and bool(
        np.allclose(np.asarray(made["affine_lps"], dtype=float), affine, atol=1e-3)
    )


def _sources(package: Package) -> list[Any]:
    """The images that the series is written beside, with their headers."""
    return [replace(files.place, source=read_source(files)) for files in package.sources]
