"""A placed lesion as DICOM studies: its images, their segmentations and report, for each date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from SynthCore.dicom.lesion_objects import LesionOfMask, write_lesion_objects
from SynthCore.dicom.read import read_dicom
from SynthCore.dicom.seg.build import Segment
from SynthCore.dicom.series_plan import NewStudy
from SynthCore.dicom.write import export_dicom, series_name_of
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.request import SynthesisResult
from SynthCore.staging import new_folder

OBJECTS = "lesion-objects"
"""Folder of the segmentations and the report."""


@dataclass(frozen=True)
class LesionState:
    """A lesion at one date.

    Attributes
    ----------
    name : str
        Of its folder; empty where there is but one.
    results : sequence of tuple
        Each image with its record, and the images it was made from, its own first.
    mask, parts : Image
        uint8 on the grid of the first image: 1 in the lesion; the values of its tissues.
    lesion : LesionOfMask
        What it is.
    tissues : sequence of Segment
        One for each value in `parts`.
    study : NewStudy or None
        None: that of the images it was made from.
    """

    name: str
    results: Sequence[tuple[SynthesisResult, Sequence[Image]]]
    mask: Image
    parts: Image
    lesion: LesionOfMask
    tissues: Sequence[Segment]
    study: NewStudy | None = None


def write_lesion_studies(
    states: Sequence[LesionState], folder: Path
) -> tuple[int, tuple[str, ...]]:
    """Write every state into a folder of its own: all of them or nothing.

    Parameters
    ----------
    states : sequence of LesionState
        With different names.
    folder : Path
        Must not exist or be empty.

    Returns
    -------
    int
        Number of files.
    tuple of str
        What could not be copied or kept, as `export_dicom` notes it.

    Raises
    ------
    InputError, ComputationError
        As `export_dicom` and `write_lesion_objects`. Nothing is left behind.
    """
    notes: dict[str, None] = {}
    with new_folder(folder) as partial:
        for state in states:
            place = partial / state.name
            place.mkdir(exist_ok=True)
            notes |= dict.fromkeys(_write(state, place))
        return sum(path.is_file() for path in partial.rglob("*")), tuple(notes)


def _write(state: LesionState, folder: Path) -> list[str]:
    series, notes = [], []
    for result, sources in state.results:
        role = result.record.target
        target = folder / series_name_of(role)
        first = sources[0] if sources else None
        record = export_dicom(
            result, target, source=first, more_sources=sources[1:], study=state.study
        )
        notes += record.output["dicom_notes"]
        series.append(read_dicom(target, modality=role))
    write_objects_beside(folder, series, state.mask, state.parts, state.lesion, state.tissues)
    return notes


def write_objects_beside(
    folder: Path,
    series: Sequence[Image],
    mask: Image,
    parts: Image,
    lesion: LesionOfMask,
    tissues: Sequence[Segment],
) -> tuple[Path, ...]:
    """Write the segmentations and the report of one lesion into `OBJECTS` of a new study.

    Parameters
    ----------
    folder : Path
        Of the study; holds the folders of its series, and no `OBJECTS` yet.
    series : sequence of Image
        The series with the lesion in them, as read from those folders.
    mask, parts : Image
        uint8 on the voxels of the first series, in any order of them: 1 in the lesion; the values
        of its tissues.
    lesion : LesionOfMask
        What it is.
    tissues : sequence of Segment
        One for each value in `parts`.

    Returns
    -------
    tuple of Path
        Segmentation, report and parts.

    Raises
    ------
    InputError
        If mask or parts lie on other voxels, or as `write_lesion_objects`.
    """
    place = folder / OBJECTS
    place.mkdir()
    return write_lesion_objects(
        place, _labels_on(mask, series[0]), [lesion], series,
        parts=_labels_on(parts, series[0]), tissues=tissues,
    )  # fmt: skip


def _labels_on(labels: Image, like: Image) -> Image:
    """Labels on the same voxels in another order, such as that of the slices of a written series.

    Raises
    ------
    InputError
        If the voxels are others.
    """
    index = np.argwhere(labels.voxels)
    place = np.linalg.inv(like.affine) @ labels.affine
    there = index[:, ::-1] @ place[:3, :3].T + place[:3, 3]
    to = np.rint(there).astype(int)[:, ::-1]
    if np.abs(there[:, ::-1] - to).max(initial=0.0) > 0.1 or not np.all(
        (to >= 0) & (to < like.shape)
    ):
        raise InputError("The outlines of the lesion do not lie on the voxels of its image.")
    out = np.zeros(like.shape, dtype=np.uint8)
    out[tuple(to.T)] = labels.voxels[tuple(index.T)]
    return replace(like, voxels=out, modality="", unit="1")
