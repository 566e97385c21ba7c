"""The elements of a data set that may be damaged: each decoded, or left out."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_sequence

_TEXT = (
    *("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI"),
    *("UR", "UT"),
)


def elements(header: Dataset) -> Iterator[DataElement]:
    """Every standard element whose bytes can be read, in the order of the tags.

    A sequence of value representation UN (written by a system that did not know it) is read as
    what it is. What cannot be read, and what is private, is passed over: nothing of it is kept.
    """
    for tag in sorted(header.keys()):
        if tag.is_private:
            continue
        element = element_of(header, tag)
        if element is not None:
            yield element


def element_of(header: Dataset, tag: int) -> DataElement | None:
    """One element, None where its bytes do not fit."""
    try:
        raw = header.get_item(tag)
        if isinstance(raw, RawDataElement) and raw.VR == "UN":
            return _of_unknown(header, raw)
        return _as_in_dictionary(header, header[tag])
    except Exception:  # pydicom raises many kinds on bytes that do not fit the VR
        return None


def _as_in_dictionary(header: Dataset, element: DataElement) -> DataElement | None:
    """The element with the VR of the dictionary, where another was written and its value fits."""
    if not dictionary_has_tag(element.tag):
        return element
    right = dictionary_VR(element.tag)
    if right == element.VR or " or " in right:
        return element
    if right in _TEXT and element.VR in _TEXT:
        values = element.value if element.VM > 1 else [element.value]
        return DataElement(element.tag, right, [str(value) for value in values])
    if right in _TEXT and isinstance(element.value, bytes):
        text = element.value.decode("latin-1").strip(" \0")
        return DataElement(element.tag, right, text)
    return None


def _of_unknown(header: Dataset, raw: RawDataElement) -> DataElement | None:
    if not dictionary_has_tag(raw.tag):
        return None
    vr = dictionary_VR(raw.tag)
    if vr != "SQ":
        return _as_in_dictionary(header, header[raw.tag])
    if not raw.value:
        return DataElement(raw.tag, "SQ", [])
    value = bytes(raw.value)
    # PS3.5, 6.2.2, note 2: within UN it is Implicit VR Little Endian; some write it otherwise
    for implicit, little in ((True, True), (False, raw.is_little_endian), (True, False)):
        try:
            items = read_sequence(
                BytesIO(value),
                implicit,
                little,
                len(value),
                header.original_character_set or "ascii",
            )
            for item in items:
                for tag in list(item.keys()):
                    if not (tag.is_private or dictionary_has_tag(tag)):
                        raise ValueError("no data set")
                    item[tag]
        except Exception:  # noqa: S112
            continue
        return DataElement(raw.tag, "SQ", items)
    return None
