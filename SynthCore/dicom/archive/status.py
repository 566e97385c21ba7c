"""Status codes of storing, the same in C-STORE and in DICOMweb, as words.

Codes: DICOM PS3.4 B.2.3 (Storage), PS3.7 annex C, PS3.18 I.2.2.
"""

from __future__ import annotations

_NAMED = {
    0x0110: "processing failed there",
    0x0111: "it holds an object of that UID already",
    0x0122: "it takes no objects of that kind",
    0x0124: "it does not allow that",
    0x0210: "the message was doubled",
    0x0211: "it does not know how to store",
    0xB000: "elements were changed there",
    0xB006: "elements were left out there",
    0xB007: "the object does not fit its kind",
}

_FAMILIES = {
    0xA700: "it is out of resources",
    0xA900: "the object does not fit its kind",
    0xC000: "it cannot understand the object",
}


def is_warning(status: int) -> bool:
    """Whether the object was stored, with something to be told."""
    return 0xB000 <= status <= 0xBFFF or status == 0x0107 or status == 0x0116


def reason(status: int) -> str:
    """In words, with the code."""
    words = _NAMED.get(status) or _FAMILIES.get(status & 0xFF00) or _FAMILIES.get(status & 0xF000)
    return f"{words or 'no reason known'} (status {status:04X})"
