"""The kinds of object that can be de-identified: those whose every attribute is known here."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.uid import UID_dictionary

from SynthCore.dicom.texts import value_text
from SynthCore.errors import InputError

_IMAGE = "1.2.840.10008.5.1.4.1.1."

SUPPORTED: dict[str, str] = {
    _IMAGE + ending: modality
    for ending, modality in {
        "1": "CR", "1.1": "DX", "1.1.1": "DX", "1.2": "MG", "1.2.1": "MG", "2": "CT", "2.1": "CT",
        "2.2": "CT", "3.1": "US", "4": "MR", "4.1": "MR", "4.4": "MR", "6.1": "US", "7": "OT",
        "7.1": "OT", "7.2": "OT", "7.3": "OT", "7.4": "OT", "11.1": "PR", "11.2": "PR",
        "12.1": "XA", "12.2": "RF", "20": "NM", "30": "OT", "66.1": "REG", "66.2": "FID",
        "66.3": "REG", "66.4": "SEG", "66.5": "SEG", "66.7": "SEG", "67": "RWV", "88.11": "SR",
        "88.22": "SR", "88.33": "SR", "88.34": "SR", "88.59": "KO", "88.67": "SR", "128": "PT",
        "128.1": "PT", "130": "PT", "481.1": "RTIMAGE", "481.2": "RTDOSE", "481.3": "RTSTRUCT",
        "481.5": "RTPLAN", "481.8": "RTPLAN",
    }.items()
}  # fmt: skip
"""SOP Class UID to the modality of its objects (where it has one)."""


def check_class(header: Dataset, number: int) -> None:
    """Refuse an object that cannot be de-identified.

    Parameters
    ----------
    header : Dataset
        The object.
    number : int
        Of its file in the order of the paths, from 1: its name may be a patient's.

    Raises
    ------
    InputError
        For documents, waveforms, photographs, private classes and others that are not known.
    """
    uid = value_text(header.get("SOPClassUID"))
    if uid in SUPPORTED:
        return
    name = UID_dictionary[uid][0] if uid in UID_dictionary else "an unknown kind"
    raise InputError(
        f"DICOM file {number} in the order of the paths is {name}, which cannot be de-identified "
        "here; take it out of the folder."
    )
