"""One data set made anew from what may stay of another, through every sequence in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from pydicom.datadict import dictionary_VM
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from SynthCore.dicom.deidentify.codes import Codes
from SynthCore.dicom.deidentify.dates import DUMMY, moved
from SynthCore.dicom.deidentify.elements import elements
from SynthCore.dicom.deidentify.enumerated import is_enumerated, is_template
from SynthCore.dicom.deidentify.identifiers import Identifiers
from SynthCore.dicom.deidentify.listed import (
    CLOSED,
    MAKERS,
    METHODS,
    NAMES_OF_PARTS,
    body_part,
    is_maker,
    method_words,
)
from SynthCore.dicom.deidentify.options import DeidentifyOptions
from SynthCore.dicom.deidentify.rules import BULK, DATES, TEXT, verb_for
from SynthCore.dicom.deidentify.subject import clean_subject
from SynthCore.dicom.deidentify.uids import UidMap
from SynthCore.dicom.deidentify.values import (
    REMOVED,
    dummy_code,
    dummy_value,
    legal_age,
    legal_code,
    legal_number,
)
from SynthCore.dicom.deidentify.words import imaging_words, synthetic_words
from SynthCore.dicom.marks import PREFIX
from SynthCore.dicom.texts import LO, SH, ST

_LENGTHS = {"LO": LO, "SH": SH, "ST": ST, "LT": 10240, "CS": 16, "AE": 16}
_STRUCTURAL = re.compile(
    r"(?<!Image)Type$|Flag$|Units$|Status$|Interpretation|Modality$|Position$|Shape$|^Continuity"
    r"|Indication$|Orientation$|Sequence$|Qualifi|^Presentation|^Bits|Direction$|Correct|Mode$|SyntheticData"
)
"""Code strings of closed lists that a reader needs; short ones are not taken for names."""

_SHORTEST_CODE = 4


@dataclass
class Cleaner:
    """Everything that is the same for all objects that are de-identified together."""

    options: DeidentifyOptions
    uids: UidMap
    identifiers: Identifiers
    counts: Counter[str] = field(default_factory=Counter)
    codes: Codes = field(init=False)
    _layers: dict[str, str] = field(default_factory=dict, repr=False)
    _numbers: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.codes = Codes(self.uids, self.identifiers)

    def clean(self, source: Dataset, *, synthetic: bool = False) -> Dataset:
        """A new data set with what may stay of `source`; pixels are those of the source.

        Parameters
        ----------
        source : Dataset
            An object or an item of a sequence. It is not changed.
        synthetic : bool
            Whether the object is marked as synthetic; then texts that begin with ``SYNTHETIC``
            stay, in words of the vocabulary.
        """
        made = Dataset()
        seen = 0
        for element in elements(source):
            seen += 1
            cleaned = self._element(element, source, synthetic)
            if cleaned is None:
                self.counts["removed"] += 1
            else:
                made.add(cleaned)
        self.codes.clean(source, made)
        clean_subject(source, made, keep_characteristics=self.options.keep_characteristics)
        private = sum(1 for tag in source.keys() if tag.is_private)  # noqa: SIM118
        self.counts["private elements removed"] += private
        self.counts["unreadable elements removed"] += max(0, len(source) - seen - private)
        return made

    def _element(self, element: DataElement, item: Dataset, synthetic: bool) -> DataElement | None:
        verb = verb_for(element.tag, element.VR, self.options)
        vr, keyword = element.VR, element.keyword
        text = _joined(element)
        if synthetic and vr in TEXT and text.lstrip().startswith(PREFIX):
            self.counts["synthetic marks kept"] += 1
            length = min(_LENGTHS.get(vr, ST), ST)
            return _with(element, synthetic_words(self.identifiers.scrub(text), length))
        if verb == "remove":
            return None
        if vr == "SQ":
            return self._sequence(element, verb, synthetic)
        if verb == "empty" or element.is_empty:
            self.counts["emptied"] += not element.is_empty
            return _with(element, _nothing(vr))
        if verb == "uid" or vr == "UI":
            return _with(element, self._uids(element))
        if verb == "date" or (vr in DATES and verb != "dummy"):
            return _with(element, self._dates(element))
        if verb == "label":
            return _with(element, self._label(element, item))
        if verb == "dummy":
            self.counts["replaced by a dummy"] += 1
            return _with(element, dummy_value(vr))
        return self._kept(element, item) if vr not in BULK else _bulk(element, keyword)

    def _sequence(self, element: DataElement, verb: str, synthetic: bool) -> DataElement:
        if verb == "empty":
            self.counts["emptied"] += bool(element.value)
            return DataElement(element.tag, "SQ", [])
        if verb == "dummy":
            self.counts["replaced by a dummy"] += 1
            return DataElement(element.tag, "SQ", [dummy_code()])
        items = [self.clean(item, synthetic=synthetic) for item in element.value or ()]
        return DataElement(element.tag, "SQ", items)

    def _uids(self, element: DataElement) -> Any:
        values = [self.uids.element(element.keyword, str(v).strip(" \0")) for v in _each(element)]
        self.counts["UIDs replaced"] += sum(
            new != str(old).strip(" \0") for new, old in zip(values, _each(element), strict=True)
        )
        return _several(element, values)

    def _dates(self, element: DataElement) -> Any:
        mode = self.options.dates
        self.counts["dates " + {"remove": "removed", "keep": "kept", "shift": "shifted"}[mode]] += 1
        if mode == "remove":
            return DUMMY[element.VR]
        days = self.options.shift_days
        values = [
            # what is no attribute of the birth may still be its date: an item of a report
            DUMMY[element.VR]
            if element.keyword in ("Date", "DateTime") and self.identifiers.is_birth(str(value))
            else moved(element.VR, str(value), days)
            for value in _each(element)
        ]
        return _several(element, [value for value in values if value])

    def _label(self, element: DataElement, item: Dataset) -> str:
        self.counts["replaced by a dummy"] += 1
        number = item.get("ROINumber") or item.get("SegmentNumber")
        if self.options.keep_words:
            words = imaging_words(
                self.identifiers.scrub(_joined(element)), _LENGTHS.get(element.VR, LO)
            )
            if words:
                return words
        named = {"ROIName": "ROI", "SegmentLabel": "Segment"}.get(element.keyword)
        if named and (plain := legal_number("IS", number)):
            return f"{named} {self._plain(plain)}"
        return REMOVED

    def _kept(self, element: DataElement, item: Dataset) -> DataElement | None:
        vr = element.VR
        if element.keyword in NAMES_OF_PARTS:
            return _with(element, _several(element, [self._part(str(v)) for v in _each(element)]))
        if element.keyword == "BodyPartExamined":
            return _with(element, body_part(_joined(element)))
        if vr in (*TEXT, "PN", "AE"):
            values = [self._technical(element, str(value), item) for value in _each(element)]
            return _with(element, _several(element, values))
        if vr == "CS":
            if is_template(element.keyword, _joined(element), item):
                return _with(element, _joined(element))
            codes = [self._code(str(value), element.keyword) for value in _each(element)]
            return _with(element, _several(element, codes))
        if vr == "AS":
            return _with(element, legal_age(_joined(element)))
        if vr in ("IS", "DS"):
            numbers = [legal_number(vr, value) for value in _each(element)]
            if any(number is None for number in numbers):
                return None
            if any(self._identifies(str(one)) for one in numbers):
                self.counts["numbers that identify replaced"] += 1
                if not element.keyword.endswith("Number"):
                    return None
                numbers = [self._plain(str(one)) for one in numbers]
            return _with(element, _several(element, numbers))
        return _with(element, element.value)

    def _technical(self, element: DataElement, text: str, item: Dataset) -> str:
        if is_enumerated(element.keyword, text):
            return text.strip()
        if element.keyword in METHODS:
            return method_words(self.identifiers.scrub(text)) or REMOVED
        if element.keyword in MAKERS and is_maker(text):
            self.codes.published.add(text.strip())
            return text.strip()
        clean = self.uids.text(self.identifiers.scrub(text))
        clean = "".join(c for c in clean if ord(c) >= 32).replace("\\", "/").strip()
        if clean != text.strip():
            self.counts["texts scrubbed"] += 1
        if element.VR in ("SH", "LO"):
            clean = clean[: _LENGTHS[element.VR]].strip()
        return clean or (REMOVED if text.strip() else "")

    def _code(self, text: str, keyword: str) -> str:
        plain = legal_code(text)
        short = len(plain) < _SHORTEST_CODE and bool(_STRUCTURAL.search(keyword))
        closed = short or plain in CLOSED or is_enumerated(keyword, plain)
        if not closed and self.identifiers.is_code(text):
            self.counts["code strings replaced"] += 1
            return REMOVED
        return plain

    def _part(self, text: str) -> str:
        """A layer or stack by a number of its own: the same name, the same number."""
        plain = text.strip(" \0").upper()
        if not plain or (plain.isdigit() and len(plain) < _SHORTEST_CODE):
            return plain
        return self._layers.setdefault(plain, f"PART{len(self._layers) + 1}")

    def _identifies(self, number: str) -> bool:
        return self.identifiers.is_number(number, dates=self.options.dates != "keep")

    def _plain(self, number: str) -> str:
        """A number; for one that identifies another one, in use nowhere: the same for the same."""
        if not self._identifies(number):
            return number
        used = {*self.identifiers.counts, *self._numbers.values()}
        free = (str(n) for n in count(1) if str(n) not in used)
        return self._numbers.setdefault(number, next(free))


def _each(element: DataElement) -> Iterator[Any]:
    value = element.value
    if isinstance(value, MultiValue | list | tuple):
        yield from value
    elif value is not None:
        yield value


def _several(element: DataElement, values: list[Any]) -> Any:
    """The values, only the first where the attribute has one."""
    if len(values) > 1 and dictionary_VM(element.tag) == "1":
        values = values[:1]
    return values[0] if len(values) == 1 else values or _nothing(element.VR)


def _joined(element: DataElement) -> str:
    if element.VR in ("SQ", *BULK):
        return ""
    return " ".join(
        v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in _each(element)
    ).strip(" \0")


def _nothing(vr: str) -> Any:
    return [] if vr == "SQ" else "" if vr in (*TEXT, *DATES, "PN", "AE", "CS", "UI", "AS") else None


def _with(element: DataElement, value: Any) -> DataElement:
    return DataElement(element.tag, element.VR, value)


def _bulk(element: DataElement, keyword: str) -> DataElement:
    made = DataElement(element.tag, element.VR, element.value)
    made.is_undefined_length = element.is_undefined_length and keyword == "PixelData"
    return made
