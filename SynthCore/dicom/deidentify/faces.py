"""The faces of all series that are de-identified together: found, and hidden where asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from SynthCore.dicom.decode import decode
from SynthCore.dicom.deidentify.hide_face import faces_in, hide_face
from SynthCore.dicom.deidentify.pixels import Edit
from SynthCore.dicom.deidentify.sources import SourceObject
from SynthCore.dicom.headers import text
from SynthCore.dicom.read import image_of
from SynthCore.dicom.scan import Instance
from SynthCore.errors import SynthCoreError
from SynthCore.image import Array

_FEWEST_SLICES = 8


@dataclass
class FacesFound:
    """By SOP Instance UID of the sources: how pixels change, and where no face was found."""

    edits: dict[str, Edit] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    without: list[str] = field(default_factory=list)


def find_faces(sources: Sequence[SourceObject], how: Literal["blur", "remove"]) -> FacesFound:
    """Look for a face in every series of MR or CT that is one volume of single-frame objects.

    Every other MR or CT image is named in `without`, for a person to look at.
    """
    series: dict[str, list[SourceObject]] = {}
    for source in sources:
        if text(source.header, "Modality") in ("MR", "CT") and "Rows" in source.header:
            series.setdefault(text(source.header, "SeriesInstanceUID"), []).append(source)
    found = FacesFound()
    for group in series.values():
        try:
            done = _of_series(group, how)
        except (SynthCoreError, ValueError, MemoryError):
            done = None
        uids = [text(source.header, "SOPInstanceUID") for source in group]
        if done is None:
            found.without += uids
        else:
            found.edits.update(done)
            found.done.update(uids)
    return found


def _of_series(
    group: Sequence[SourceObject], how: Literal["blur", "remove"]
) -> dict[str, Edit] | None:
    if len(group) < _FEWEST_SLICES:
        return None
    instances = tuple(Instance(source.path, source.header) for source in group)
    image = image_of(instances, "A series", path=group[0].path)
    uids = image.source.instance_uids
    paths = {instance.uid: instance.path for instance in instances}
    if len(uids) != image.shape[0] or any("resampled" in note for note in image.notes):
        return None
    face = faces_in(image.voxels, image.affine, ct=text(group[0].header, "Modality") == "CT")
    if face is None:
        return None
    region = face[1]
    stored = np.stack([decode(paths[uid]) for uid in uids])
    if stored.shape != region.shape:
        return None
    hidden = hide_face(stored, region, image.spacing[::-1], how)
    return {uid: _put(region[k], hidden[k]) for k, uid in enumerate(uids) if region[k].any()}


def _put(where: Array, values: Array) -> Edit:
    def edit(frames: np.ndarray) -> np.ndarray:
        return np.asarray(np.where(where[None], values[None], frames))

    return edit
