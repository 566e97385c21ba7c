"""What an object says of its own de-identification, and how that is said in codes."""

from __future__ import annotations

from pydicom.dataset import Dataset

from SynthCore.dicom.headers import items, text

METHODS = {
    "113100": "Basic Application Confidentiality Profile",
    "113101": "Clean Pixel Data Option",
    "113102": "Clean Recognizable Visual Features Option",
    "113103": "Clean Graphics Option",
    "113104": "Clean Structured Content Option",
    "113105": "Clean Descriptors Option",
    "113106": "Retain Longitudinal Temporal Information Full Dates Option",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
    "113108": "Retain Patient Characteristics Option",
    "113109": "Retain Device Identity Option",
    "113110": "Retain UIDs Option",
    "113111": "Retain Safe Private Option",
    "113112": "Retain Institution Identity Option",
}
"""De-identification methods of PS3.16, CID 7050, by their codes in the scheme DCM."""


def method(value: str) -> tuple[str, str, str]:
    """One of `METHODS` as value, scheme and meaning."""
    return value, "DCM", METHODS[value]


def is_deidentified(header: Dataset) -> bool:
    """Whether PatientIdentityRemoved (0012,0062) is ``YES``."""
    return text(header, "PatientIdentityRemoved") == "YES"


def methods_of(header: Dataset) -> tuple[str, ...]:
    """The code values in DeidentificationMethodCodeSequence (0012,0064) that `METHODS` knows."""
    found = (
        text(item, "CodeValue")
        for item in items(header, "DeidentificationMethodCodeSequence")
        if text(item, "CodingSchemeDesignator") == "DCM"
    )
    return tuple(value for value in found if value in METHODS)
