"""A synthetic node as a DICOM series: what is needed is taken from the scene, then written aside.

`take` runs on the main thread and touches MRML; what it gives can be previewed and written by any
other thread. Nothing is ever written over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import slicer

from SlicerSynthLib.attributes import TARGET, card_of, is_synthetic, record_of, sources_of
from SlicerSynthLib.dicom_headers import Files, read_source
from SlicerSynthLib.export_sources import source_files
from SlicerSynthLib.lesion_marks import Study, lesion_mark_of
from SlicerSynthLib.nodes import grid_of, image_from_node
from SlicerSynthLib.record_match import is_changed, same_grid
from SlicerSynthLib.results import uncertainty_of
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.request import SynthesisRecord, SynthesisResult

if TYPE_CHECKING:
    from SynthCore.dicom.series_plan import NewStudy


@dataclass(frozen=True)
class Package:
    """Everything that becomes a series.

    Attributes
    ----------
    result : SynthesisResult
        The node's image with its record, and its uncertainty if that is written as well.
    sources : tuple of Files
        DICOM files of those it was made from, each with the grid that it had then.
    study : Study or None
        A study of its own: of a lesion at a date.
    """

    result: SynthesisResult
    sources: tuple[Files, ...]
    study: Study | None = None


def take(node: Any, *, uncertainty: bool = True) -> Package:
    """What is needed to write `node`, out of the scene; with its uncertainty, if it has one.

    Raises
    ------
    InputError
        If the node is not synthetic, has no readable record, was changed since it was made, or the
        DICOM study that it was made from is not there.
    """
    if not is_synthetic(node):
        raise InputError("This volume is not synthetic; export it with Slicer's own export.")
    if record_of(node) and not node.GetAttribute(TARGET):
        raise InputError(
            "This was computed from a synthetic volume; export that, its uncertainty goes with it."
        )
    record = _record(node)
    image = image_from_node(node, record.target)
    sources = sources_of(node)
    # of several, the one it was made of comes first: the series has its place and its headers
    roles = sorted(record.inputs, key=lambda role: role != record.target)
    sigma = _uncertainty(node, record) if uncertainty else None
    card = card_of(node) or {}
    result = SynthesisResult(image, record, record.checks, record.warnings, card, sigma)
    database = getattr(slicer, "dicomDatabase", None)
    lesion = lesion_mark_of(node)
    found = [source_files(r, record.inputs[r], sources.get(r), database) for r in roles]
    files = tuple(one for one in found if one is not None)
    return Package(result, files, None if lesion is None else lesion.study)


def write(package: Package, folder: Path) -> SynthesisRecord:
    """Write the series into `folder`, which must not exist or be empty; from any thread.

    With an uncertainty, the series is a folder in it and the uncertainty a file beside that.

    Raises
    ------
    InputError, ComputationError
        As `SynthCore.dicom.write.export_dicom`. Nothing is left behind.
    """
    from SynthCore.dicom.uncertain_series import export_with_map
    from SynthCore.dicom.write import export_dicom

    check_unchanged(package)
    to_files = export_dicom if package.result.uncertainty is None else export_with_map
    return to_files(package.result, folder, **_beside(package))


def count_of(package: Package, record: SynthesisRecord) -> int:
    """How many files `write` has written."""
    return len(record.output.get("instances", ())) + (package.result.uncertainty is not None)


def notes_of(record: SynthesisRecord) -> tuple[str, ...]:
    """What of the source could not be copied or kept."""
    return tuple(record.output.get("dicom_notes", ()))


def preview(package: Package) -> tuple[Any, ...]:
    """The elements of the first object that would be written; from any thread."""
    from SynthCore.dicom.tags_preview import preview_tags

    check_unchanged(package)
    return preview_tags(package.result, **_beside(package))


def check_unchanged(package: Package) -> None:
    """Refuse voxels that are not those of the record any more; from any thread.

    Raises
    ------
    InputError
        If they were changed since they were made.
    """
    made, sigma = package.result.record.output, package.result.uncertainty
    if is_changed(package.result.image, made):
        raise InputError(
            "The voxels of this volume were changed since it was made, so its record is no longer "
            "true; make it again."
        )
    if sigma is not None and is_changed(sigma, made["uncertainty"]):
        raise InputError(
            "The uncertainty of this volume was changed; export the image alone, or make it again."
        )


def _uncertainty(node: Any, record: SynthesisRecord) -> Image | None:
    """The uncertainty that was made with `node`, None if there is none in the scene."""
    found, made = uncertainty_of(node), record.output.get("uncertainty")
    if found is None or not isinstance(made, Mapping):
        return None
    sigma = replace(image_from_node(found, record.target), modality="")
    if not same_grid(made, sigma.shape, sigma.affine):
        raise InputError(
            "The uncertainty of this volume was moved or resampled; export the image alone, or "
            "make both again."
        )
    return sigma


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
    if made and not same_grid(made, voxels.shape, affine):
        raise InputError(
            "This volume was moved or resampled since it was made, so its record is no longer "
            "true; take it out from under its transform, or make it again."
        )
    return record


def _beside(package: Package) -> dict[str, Any]:
    first, *more = sources_in(package) or (None,)
    return {"source": first, "more_sources": more, "study": new_study(package)}


def new_study(package: Package) -> NewStudy | None:
    """The study of its own that it is written into, None for that of its sources.

    A lesion at a date has one; so has one in images without DICOM headers, which keeps its
    sequences together.
    """
    from SynthCore.dicom.series_plan import NewStudy

    study = package.study
    if study is None or (not study.date and any(files.paths for files in package.sources)):
        return None
    return NewStudy(**asdict(study))


def sources_in(package: Package) -> list[Image]:
    """The images that the series is written beside, with their headers."""
    return [replace(files.place, source=read_source(files)) for files in package.sources]
