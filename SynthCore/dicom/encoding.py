"""A strict reading of DICOM's encoding, byte for byte, for the digest to stand on.

General readers forgive: a wrong length, a swapped value representation, an element out of order.
Here every byte has one meaning or the file is damaged (PS3.5, section 7, and PS3.10, section 7).
Only uncompressed little endian data sets are read; nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from pydicom.datadict import dictionary_VR
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

_LONG = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")
"""Value representations with four bytes of length."""

_SHORT = (
    *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT"),
    *("PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"),
)
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)
_TAG, _TAG_LENGTH = Struct("<HH"), Struct("<HHI")
_U16, _U32 = Struct("<H"), Struct("<I")
_META = 132
_TRANSFER_SYNTAX = (0x0002, 0x0010)


@dataclass(frozen=True)
class Element:
    """One element as encoded; `items` is None unless it is a sequence."""

    tag: tuple[int, int]
    vr: str
    value: bytes
    items: tuple[tuple[Element, ...], ...] | None = None


def data_set_of(data: bytes) -> tuple[Element, ...] | None:
    """The elements of a DICOM file after its meta information.

    Returns
    -------
    tuple of Element or None
        None where the transfer syntax is another than uncompressed little endian.

    Raises
    ------
    ValueError
        If a byte is not where it has to be.
    """
    if data[128:_META] != b"DICM":
        raise ValueError("no DICM prefix")
    meta = _Reader(data, _META, explicit=True)
    syntax = ""
    while meta.at < len(data) and meta.peek()[0] == 0x0002:
        element = meta.element()
        if element.tag == _TRANSFER_SYNTAX:
            syntax = element.value.rstrip(b"\0 ").decode("ascii", "replace")
    if syntax not in (ExplicitVRLittleEndian, ImplicitVRLittleEndian):
        return None
    reader = _Reader(data, meta.at, explicit=syntax == ExplicitVRLittleEndian)
    return tuple(reader.elements(len(data)))


@dataclass
class _Reader:
    """A place in the bytes that moves on as elements are read."""

    data: bytes
    at: int
    explicit: bool

    def elements(self, end: int) -> Iterator[Element]:
        """The elements up to `end`; `ValueError` unless it is met, in ascending order of tags."""
        before = (-1, -1)
        while self.at < end:
            element = self.element()
            if element.tag <= before:
                raise ValueError("tags out of order")
            before = element.tag
            yield element
        if self.at != end:
            raise ValueError("an element goes on past its end")

    def element(self) -> Element:
        """The element here."""
        tag = self.peek()
        self.at += 4
        vr, length = self._explicit() if self.explicit else self._implicit(tag)
        if vr == "SQ":
            return Element(tag, vr, b"", tuple(self._items(length)))
        if length % 2:
            raise ValueError("an odd length")
        return Element(tag, vr, self._take(length))

    def peek(self) -> tuple[int, int]:
        """The tag here."""
        group, element = self._unpack(_TAG, self.at)
        return group, element

    def _explicit(self) -> tuple[str, int]:
        vr = self._take(2).decode("ascii", "replace")
        if vr in _SHORT:
            return vr, int(self._unpack(_U16, self._skip(2))[0])
        if vr not in _LONG or self._take(2) != b"\0\0":
            raise ValueError("no value representation")
        return vr, int(self._unpack(_U32, self._skip(4))[0])

    def _implicit(self, tag: tuple[int, int]) -> tuple[str, int]:
        return implied_vr(tag), int(self._unpack(_U32, self._skip(4))[0])

    def _items(self, length: int) -> Iterator[tuple[Element, ...]]:
        end = None if length == _UNDEFINED else self.at + length
        while end is None or self.at < end:
            group, element, size = self._unpack(_TAG_LENGTH, self._skip(8))
            if (group, element, size) == (*_SEQUENCE_END, 0) and end is None:
                return
            if (group, element) != _ITEM:
                raise ValueError("no item where one has to be")
            yield tuple(self._open_item() if size == _UNDEFINED else self.elements(self.at + size))
        if self.at != end:
            raise ValueError("an item goes on past its sequence")

    def _open_item(self) -> Iterator[Element]:
        while self.peek() != _ITEM_END:
            yield self.element()
        if self._unpack(_TAG_LENGTH, self._skip(8))[2] != 0:
            raise ValueError("an item's end with a length")

    def _skip(self, count: int) -> int:
        """Move on; the place from before."""
        self.at += count
        return self.at - count

    def _take(self, count: int) -> bytes:
        start = self._skip(count)
        if self.at > len(self.data):
            raise ValueError("cut short")
        return self.data[start : self.at]

    def _unpack(self, form: Struct, at: int) -> tuple[int, ...]:
        if at + form.size > len(self.data):
            raise ValueError("cut short")
        return form.unpack_from(self.data, at)


def implied_vr(tag: tuple[int, int]) -> str:
    """The value representation of an element that does not state one, UN where it is unknown."""
    group, element = tag
    if group % 2:
        # the private block of `record_tags`, the only one written here
        return "LO" if element < 0x100 else {0x01: "UT", 0x02: "LO"}.get(element & 0xFF, "UN")
    try:
        vr = str(dictionary_VR(tag))
    except KeyError:
        return "UN"
    return {"US or SS": "US", "OB or OW": "OW"}.get(vr, vr)
