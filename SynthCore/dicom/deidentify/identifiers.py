"""What identifies: collected from every object before the first is written, then looked for.

The profile removes attributes, not words. A name that also stands where no name belongs is found
because it is known by then: from the attributes that hold names, numbers, dates and places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from SynthCore.dicom.deidentify.dates import legal_date, written_forms
from SynthCore.dicom.deidentify.elements import elements
from SynthCore.dicom.deidentify.uids import is_well_known
from SynthCore.dicom.deidentify.words import VOCABULARY

_IDENTIFYING = re.compile(
    r"(?<!TypeOf)PatientID$|OtherPatientIDs|AccessionNumber|AdmissionID|^StudyID$|RequestedProcedureID"
    r"|ScheduledProcedureStepID|PerformedProcedureStepID|ServiceEpisodeID|OrderNumber"
    r"|Institution(?!CodeSequence|alDepartmentType)|StationName|DeviceSerialNumber|Address"
    r"|Telephone|MedicalRecordLocator|InsurancePlanIdentification|ClinicalTrialSubject"
    r"|ResponsibleOrganization|VerifyingOrganization|MilitaryRank|IssuerOfPatientID"
    r"|AETitle|PatientInstitutionResidence|CurrentPatientLocation|TreatmentMachineName"
    r"|RadiationMachineName"
)
_DATE = re.compile(r"(?<!\d)(?:\d{8}|\d{1,4}([.\-/])\d{1,2}\1\d{1,4})(?!\d)")
_SEPARATORS = re.compile(r"[\s^=,;\\]+")
_ENCODINGS = (
    "utf-8", "latin-1", "iso8859-2", "iso8859-5", "iso8859-7", "utf-16-le", "utf-16-be",
    "iso2022_jp", "iso2022_jp_2", "shift_jis", "euc_jp", "euc_kr", "iso2022_kr", "gb18030", "gbk",
)  # fmt: skip
_SHORTEST_WORD = 3
_SHORTEST_IN_BYTES = 6


@dataclass
class Identifiers:
    """Names, numbers and dates of everybody in the objects seen so far."""

    phrases: set[str] = field(default_factory=set, repr=False)
    """Whole values, and the parts of names."""
    days: set[str] = field(default_factory=set, repr=False)
    """Dates in the forms in which they may be written."""
    uids: set[str] = field(default_factory=set, repr=False)
    _pattern: re.Pattern[str] | None = field(default=None, repr=False)

    def learn(self, header: Dataset) -> None:
        """Add those of one object, wherever in it they stand."""
        self._pattern = None
        for element in elements(header):
            if element.VR == "SQ":
                for item in element.value or ():
                    self.learn(item)
                continue
            values = list(_texts(element.value))
            if element.VR == "UI":
                self.uids.update(
                    value for value in values if value and not is_well_known(element.keyword, value)
                )
            elif element.VR == "PN":
                for value in values:
                    self._add(value, *_SEPARATORS.split(value))
                    self._add(" ".join(_SEPARATORS.split(value)).strip())
            elif _IDENTIFYING.search(element.keyword):
                self._add(*values)
            if element.VR in ("DA", "DT") or "BirthDate" in element.keyword:
                for value in values:
                    if day := legal_date(value[:8]):
                        self.days.update(written_forms(day))

    def scrub(self, text: str) -> str:
        """`text` without them, upper or lower case, as whole words."""
        if self._pattern is None:
            self._pattern = _pattern(self.phrases) if self.phrases else re.compile(r"(?!)")
        dateless = _DATE.sub(
            lambda found: "" if found.group() in self.days else found.group(), text
        )
        return self._pattern.sub("", dateless)

    def is_code(self, text: str) -> bool:
        """Whether a code string is one of them and no word of imaging."""
        return self.scrub(text) != text and text.strip().lower() not in VOCABULARY

    def search_terms(
        self, allowed: Iterable[str], *, dates: bool = True
    ) -> re.Pattern[bytes] | None:
        """A pattern that finds the longer ones in bytes, in whatever encoding.

        Parameters
        ----------
        allowed
            Texts that are written on purpose; what stands in them is not looked for.
        dates
            Whether to look for dates too, which may stay where they are kept or shifted.
        """
        written = " ".join(allowed).lower()
        forms = {
            encoded
            for phrase in (self.phrases | self.days if dates else self.phrases)
            if _is_telling(phrase) and phrase.lower() not in written
            for encoded in _encoded(phrase)
        }
        if not forms:
            return None
        body = b"|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        # digits within a longer number are another number: new UIDs are full of them
        return re.compile(rb"(?<![0-9.])(?:" + body + rb")(?![0-9])", re.IGNORECASE)

    def _add(self, *values: str) -> None:
        for value in values:
            text = value.strip(" \0^=,.;")
            plain = all(ord(c) < 128 for c in text)
            if len(text) >= (_SHORTEST_WORD if plain else 2):
                self.phrases.add(text)


def _texts(value: object) -> Iterator[str]:
    if value is None:
        return
    for part in value if isinstance(value, MultiValue | list | tuple) else (value,):
        if isinstance(part, bytes):
            yield part.decode("latin-1").strip(" \0")
        elif part is not None:
            yield str(part).strip(" \0")


def _pattern(phrases: set[str]) -> re.Pattern[str]:
    alternatives = []
    for phrase in sorted(phrases, key=lambda p: (-len(p), p)):
        body = r"\s+".join(re.escape(word) for word in phrase.split())
        # a long name is found within other letters, a number only by itself
        alone = len(phrase) < _SHORTEST_IN_BYTES or not re.search("[^0-9.]", phrase)
        before, after = _edges(phrase) if alone else ("", "")
        alternatives.append(f"{before}{body}{after}")
    return re.compile("|".join(alternatives), re.IGNORECASE)


def _edges(phrase: str) -> tuple[str, str]:
    """What keeps a phrase from being found within a longer word or number."""

    def kind(end: str) -> str:
        return "0-9" if end.isdigit() else "A-Za-z" if end.isascii() else ""

    first, last = kind(phrase[0]), kind(phrase[-1])
    return (f"(?<![{first}])" if first else ""), (f"(?![{last}])" if last else "")


def _is_telling(phrase: str) -> bool:
    if not phrase.isascii():
        return True
    return len(phrase) >= _SHORTEST_IN_BYTES and not re.fullmatch(r"[0-9.]{1,7}|0*", phrase)


def _encoded(phrase: str) -> Iterator[bytes]:
    for encoding in _ENCODINGS:
        try:
            form = phrase.encode(encoding)
        except UnicodeError:
            continue
        # two bytes of another script are found anywhere by chance
        if len(form) >= (_SHORTEST_IN_BYTES if phrase.isascii() else 4):
            yield form
