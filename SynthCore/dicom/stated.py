"""The few attributes of a header that the checks of an input rest on.

They travel to the engine with the voxels; a name, a date or a patient's identifier does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydicom.dataset import Dataset

from SynthCore.dicom.headers import Header, text
from SynthCore.physics.fine_grid import stated_thickness

CHECKED = ("Modality", "FrameOfReferenceUID", "SliceThickness")
_LONGEST = 64


def stated(header: Header) -> dict[str, str]:
    """Keyword to value, of those attributes that the header has."""
    found = {keyword: text(header, keyword) for keyword in CHECKED}
    thickness = stated_thickness(header)  # an enhanced header has it in a group
    found["SliceThickness"] = "" if thickness is None else f"{thickness:.10g}"
    return {keyword: value for keyword, value in found.items() if value}


def header_of(values: Mapping[str, Any]) -> Dataset:
    """A header of nothing but these values.

    Raises
    ------
    ValueError
        If one is none of `CHECKED`, or no short text.
    """
    header = Dataset()
    for keyword, value in values.items():
        if keyword not in CHECKED or not isinstance(value, str) or len(value) > _LONGEST:
            raise ValueError(f"no checked attribute: {keyword!r}")
        setattr(header, keyword, value)
    return header
