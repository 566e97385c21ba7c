"""The DICOM files of what a result was made from, as it lay when the result was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from SlicerSynthLib.dicom_headers import Files, files_of, files_of_series
from SynthCore.errors import InputError
from SynthCore.image import Image


def source_files(role: str, given: Mapping[str, Any], node: Any, database: Any) -> Files | None:
    """DICOM files of what was given as `role`, None where it was another file and is gone.

    It is what lay where the record says: a source that was moved since, or back, is no longer, or
    not yet, in the frame of reference of the result.

    Parameters
    ----------
    role : str
        Of the input.
    given : mapping
        What the record says of it.
    node : vtkMRMLScalarVolumeNode or None
        Where it is still in the scene.
    database : ctkDICOMDatabase
        `slicer.dicomDatabase`.

    Raises
    ------
    InputError
        If it was DICOM, and the database has no file of it.
    """
    place = _grid_then(given)
    if node is not None:
        found = files_of(node, database, place)
    elif given.get("source") == "dicom" and place is not None:
        series = str(given.get("series_instance_uid") or "")
        found = files_of_series(series, database, place, f"the source {role}")
    else:
        return None
    if given.get("source") == "dicom" and not found.paths:
        raise InputError(
            f"The DICOM series that was given as {role} is not in Slicer's DICOM database, so "
            "patient and study cannot be written; import it again."
        )
    return found


def _grid_then(given: Mapping[str, Any]) -> Image | None:
    """The grid of an input as the record has it, without voxels; a scene may come from anywhere."""
    try:
        affine = np.asarray(given.get("affine_lps"), dtype=float)
        k, j, i = (int(n) for n in given.get("shape_kji", ()))
        return Image(np.broadcast_to(np.float32(0), (k, j, i)), affine)
    except (TypeError, ValueError):
        return None
