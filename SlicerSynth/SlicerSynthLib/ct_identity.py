"""Where a CT lies and whose it is: by its own header, or by that of what it was made from."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from SlicerSynthLib.attributes import sources_of
from SlicerSynthLib.dicom_headers import identity_of
from SlicerSynthLib.nodes import grid_of
from SynthCore.dicom.headers import text
from SynthCore.image import Source


def patient_of(node: Any) -> str:
    """PatientID of a synthetic CT or of what it was made from; empty where it is not known."""
    headers = ct_source(node).headers if node is not None else ()
    return text(headers[0], "PatientID") if headers else ""


def ct_source(node: Any) -> Source:
    """Where a CT comes from: its own header, or that of what it was made from on the same grid."""
    database = getattr(slicer, "dicomDatabase", None)
    own = identity_of(node, database)
    if own.headers:
        return own
    voxels, affine = grid_of(node)
    for source in sources_of(node).values():
        there, place = grid_of(source)
        found = identity_of(source, database)
        if found.headers and there.shape == voxels.shape and np.allclose(place, affine, atol=1e-3):
            return found
    return own
