"""Copying attributes from a source header: only those named, only legal values, nothing private.

A source may hold values that its own value representation forbids (a StudyID of 20 characters, a
date in words). Written on, they would make the synthetic object illegal too; they are left out,
and a note says which attribute, never its value. Dates and times of older forms are written anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydicom import config
from pydicom.datadict import dictionary_VM, dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.valuerep import DA, DT, TM, validate_value

from SynthCore.dicom.legal_dates import legal_date, legal_time

_ENUMERATED = {
    "PatientSex": ("M", "F", "O"),
    "PatientIdentityRemoved": ("YES", "NO"),
    "QualityControlSubject": ("YES", "NO"),
    "SmokingStatus": ("YES", "NO", "UNKNOWN"),
    "PatientSexNeutered": ("ALTERED", "UNALTERED"),
    "PregnancyStatus": ("1", "2", "3", "4"),
    "LongitudinalTemporalInformationModified": ("UNMODIFIED", "MODIFIED", "REMOVED"),
    "AnatomicalOrientationType": ("BIPED", "QUADRUPED"),
    "Laterality": ("R", "L"),
    "PatientPosition": (
        *(h + p for h in ("HF", "FF", "LF", "RF", "AF", "PF") for p in ("S", "P", "DR", "DL")),
    ),
}
"""Values that PS3.3 enumerates for attributes copied here."""

_MAY_BE_EMPTY = ("PatientBreedCodeSequence", "BreedRegistrationSequence")
"""Sequences of type 2: no items means unknown. Others without items say nothing."""

_FREE_TEXT = ("LT", "ST", "UT")
_LOST_WITH = {"AccessionNumber": "; the series has lost its link to the order"}
_DATES = {"DA": DA, "TM": TM, "DT": DT}


def copy_legal(
    source: Dataset, target: Dataset, keywords: Iterable[str], *, keep: Iterable[str] = ()
) -> tuple[str, ...]:
    """Copy the named attributes that `source` has into `target`.

    Parameters
    ----------
    keywords
        Attributes to copy where their values are legal; empty sequences are left out.
    keep
        Those among them that identify the patient or the study: a value that is too long is
        copied as it is, because a changed or missing one would belong to somebody else.

    Returns
    -------
    tuple of str
        One sentence for each attribute that was left out or kept although illegal.
    """
    kept = frozenset(keep)
    notes = []
    for keyword in keywords:
        if keyword not in source:
            continue
        element = _in_todays_form(read_element(source, keyword))
        if element is None or not is_legal(element):
            if element is None or keyword not in kept:
                lost = _LOST_WITH.get(keyword, "")
                notes.append(f"{keyword} of the source is not legal and was left out{lost}.")
                continue
            notes.append(f"{keyword} of the source is not legal and was kept as it is.")
        if element.VR != "SQ":
            target.add(_copy(element))
        elif element.value or keyword in _MAY_BE_EMPTY:
            setattr(target, keyword, [_copy_item(item) for item in element.value])
    return tuple(notes)


def read_element(header: Dataset, keyword: str) -> DataElement | None:
    """The element, None where it is missing or its bytes cannot be read as its dictionary VR."""
    tag = tag_for_keyword(keyword)
    if tag is None or tag not in header:
        return None
    try:
        element = header[tag]
    except Exception:  # pydicom raises many kinds on bytes that do not fit the VR
        return None
    return element if dictionary_VR(tag) == element.VR else None


def legal_value(header: Dataset, keyword: str) -> Any:
    """The attribute's value, None where it is missing, empty or not legal."""
    element = read_element(header, keyword)
    if element is None or element.is_empty or not is_legal(element):
        return None
    return element.value


def is_legal(element: DataElement) -> bool:
    """Whether the values keep to the VR's length and characters, the VM, and the enumeration."""
    if element.VR == "SQ":
        return all(_is_legal_item(element.keyword, item) for item in element.value)
    values = list(element.value) if isinstance(element.value, MultiValue) else [element.value]
    if len(values) > 1 and dictionary_VM(element.tag) == "1":
        return False
    allowed = _ENUMERATED.get(element.keyword)
    for value in values:
        if value is None or value == "":
            continue
        if allowed is not None and str(value) not in allowed:
            return False
        if not _is_legal_value(element.VR, value):
            return False
    return True


def _in_todays_form(element: DataElement | None) -> DataElement | None:
    """A date with dots or hyphens without them, a time without colons; all else as it is."""
    if element is None or element.VR not in ("DA", "TM") or isinstance(element.value, MultiValue):
        return element
    old, new = str(element.value), ""
    if element.VR == "TM":
        new = legal_time(old)
    elif day := legal_date(old):
        new = day.isoformat().replace("-", "")
    return DataElement(element.tag, element.VR, new) if new else element


def _is_legal_value(vr: str, value: Any) -> bool:
    if vr in ("US", "SS", "UL", "SL", "FL", "FD", "AT"):
        return isinstance(value, int | float)
    if isinstance(value, bytes):
        return False
    written = getattr(value, "original_string", None)  # bytes where it is a name
    text = written if isinstance(written, str) else str(value)
    if any(ord(c) < 32 and not (vr in _FREE_TEXT and c in "\t\n\f\r") for c in text):
        return False
    try:
        validate_value(vr, text, config.RAISE)
        if vr in _DATES and not _DATES[vr](text):
            return False
    except (ValueError, TypeError):
        return False
    return True


def _is_legal_item(keyword: str, item: Dataset) -> bool:
    if keyword.endswith("CodeSequence"):
        codes = ("CodeValue", "LongCodeValue", "URNCodeValue")
        if not any(item.get(code) for code in codes) or not item.get("CodeMeaning"):
            return False
        if item.get("CodeValue") and not item.get("CodingSchemeDesignator"):
            return False
    if keyword.startswith("Referenced") and not item.get("ReferencedSOPInstanceUID"):
        return False
    try:
        return all(element.tag.is_private or is_legal(element) for element in item)
    except Exception:  # pydicom raises many kinds on bytes that do not fit the VR
        return False


def _copy_item(item: Dataset) -> Dataset:
    copied = Dataset()
    for element in item:
        if element.tag.is_private or element.keyword == "SpecificCharacterSet":
            continue
        if element.VR == "SQ":
            copied.add_new(element.tag, "SQ", [_copy_item(nested) for nested in element.value])
        else:
            copied.add(_copy(element))
    return copied


def _copy(element: DataElement) -> DataElement:
    """An element of its own with the same value, a decimal string with the digits it came with."""
    return DataElement(element.tag, element.VR, element.value)
