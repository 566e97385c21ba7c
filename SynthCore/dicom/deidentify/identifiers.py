"""What identifies: collected from every object before the first is written, then looked for.

The profile removes attributes, not words. A name that also stands where no name belongs is found
because it is known by then: from the attributes that hold names, numbers, dates and places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import permutations

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from SynthCore.dicom.deidentify.dates import written_forms
from SynthCore.dicom.deidentify.elements import elements
from SynthCore.dicom.deidentify.enumerated import within_a_term
from SynthCore.dicom.deidentify.folding import folded, spellings
from SynthCore.dicom.deidentify.listed import CLOSED
from SynthCore.dicom.deidentify.phrases import FEWEST_DIGITS, LONG_NAME, pattern_of, without
from SynthCore.dicom.deidentify.subject import about_subject
from SynthCore.dicom.deidentify.terms import SearchTerms
from SynthCore.dicom.deidentify.uids import is_well_known
from SynthCore.dicom.deidentify.values import legal_number
from SynthCore.dicom.deidentify.words import VOCABULARY
from SynthCore.dicom.legal_dates import legal_date
from SynthCore.errors import InputError

_IDENTIFYING = re.compile(
    r"(?<!TypeOf)PatientID$|OtherPatientIDs|AccessionNumber|AdmissionID|^StudyID$|RequestedProcedureID"
    r"|ScheduledProcedureStepID|PerformedProcedureStepID|ServiceEpisodeID|OrderNumber"
    r"|Institution(?!CodeSequence|alDepartmentType)|StationName|DeviceSerialNumber|Address"
    r"|Telephone|MedicalRecordLocator|InsurancePlanIdentification|ClinicalTrialSubject"
    r"|ResponsibleOrganization|VerifyingOrganization|MilitaryRank|IssuerOfPatientID"
    r"|AETitle|PatientInstitutionResidence|CurrentPatientLocation|TreatmentMachineName"
    r"|RadiationMachineName"
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    r"(?<!\d)(?:\d{8}|\d{6}|\d{1,4}([.\-/])\d{1,2}\1\d{1,4}"
    rf"|\d{{1,2}}[ \-.]{{0,2}}(?:{_MONTHS})[a-z]*[ \-.,]{{0,2}}\d{{2,4}}"
    rf"|(?:{_MONTHS})[a-z]*[ .]{{0,2}}\d{{1,2}}[, ]{{1,2}}\d{{2,4}})(?!\d)",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s^=,;\\]+")
_PARTS = re.compile("[\\s^=,;\\\\\\-'\u2019`.]+")
_PLACEHOLDER = re.compile(
    r"none|unknown|other|test|testing|anonymous|anonym(?:ized|ised)?|anon|no ?name|n/?a|nil|null"
    r"|patient|unspecified|undefined|not ?applicable|not ?specified|removed|deleted|withheld|xx+"
    r"|mr|mrs|ms|dr|prof|md|phd",
    re.IGNORECASE,
)
_COMMON = frozenset(
    """
    hospital clinic clinics klinik klinikum hopital hospitals university medical center centre
    general saint santa institute department radiology imaging health healthcare school college
    national regional central north south east west city county state foundation research street
    """.split()  # noqa: SIM905
)
"""Words of many institutions: they tell nothing alone."""

_PLACE = re.compile(r"Institution|Organization|Address")
_ENCODINGS = (
    "utf-8", "latin-1", "iso8859-2", "iso8859-5", "iso8859-7", "utf-16-le", "utf-16-be",
    "iso2022_jp", "iso2022_jp_2", "shift_jis", "euc_jp", "euc_kr", "iso2022_kr", "gb18030", "gbk",
)  # fmt: skip
_SHORTEST_WORD = 2
_SHORTEST_IN_BYTES = 6
_WITHIN_IN_BYTES = 7
_SHORTEST_OWN = 3
_SHORTEST_GLUED = 4
_WHOLE_NUMBER = re.compile(r"[+-]?(\d+)(?:\.0*)?")
_DAY_DIGITS = 8


@dataclass
class Identifiers:
    """Names, numbers and dates of everybody in the objects seen so far."""

    phrases: set[str] = field(default_factory=set, repr=False)
    """Whole values, and the parts of names."""
    days: set[str] = field(default_factory=set, repr=False)
    """Dates in the forms in which they may be written."""
    births: set[str] = field(default_factory=set, repr=False)
    """Dates of birth in those forms: they go whatever becomes of other dates."""
    parts: set[str] = field(default_factory=set, repr=False)
    """Parts of names, and telling words of institutions."""
    own: set[str] = field(default_factory=set, repr=False)
    """The patient's names, their parts, and numbers."""
    uids: set[str] = field(default_factory=set, repr=False)
    counts: set[str] = field(default_factory=set, repr=False)
    """Numbers of regions, images and series: one that is handed out anew must not be among them."""
    _pattern: re.Pattern[str] | None = field(default=None, repr=False)

    def learn(self, header: Dataset) -> None:
        """Add those of one object, wherever in it they stand."""
        self._pattern = None
        born = about_subject(header)
        for element in elements(header):
            if element.VR == "SQ":
                for item in element.value or ():
                    self.learn(item)
                continue
            values = list(_texts(element.value))
            if element.VR in ("IS", "DS") and element.keyword.endswith("Number"):
                self.counts.update(legal_number("IS", value) or "" for value in values)
            if element.VR == "UI":
                self.uids.update(
                    value for value in values if value and not is_well_known(element.keyword, value)
                )
            elif element.VR == "PN":
                self._names(values, own="Patient" in element.keyword)
            elif _IDENTIFYING.search(element.keyword):
                self._add(*values)
                if element.keyword in ("PatientID", "OtherPatientIDs"):
                    self.own.update(value for value in values if not is_placeholder(value))
                if _PLACE.search(element.keyword):
                    self._places(values)
            if element.VR in ("DA", "DT") or "BirthDate" in element.keyword:
                for value in values:
                    if day := legal_date(value[:10]) or legal_date(value[:8]):
                        known = self.births if born or "Birth" in element.keyword else self.days
                        known.update(written_forms(day))

    def scrub(self, text: str) -> str:
        """`text` without them, however they are spelled; a word that holds one goes whole."""
        if self._pattern is None:
            self._pattern = pattern_of(self.parts, self.phrases)
        return without(self._dateless(text), self._pattern)

    def is_code(self, text: str) -> bool:
        """Whether a code string is one of them and no word of imaging."""
        plain = text.strip().lower()
        return plain not in VOCABULARY and self.scrub(text) != text

    def is_number(self, text: str, *, dates: bool) -> bool:
        """Whether a whole number is one of them: some devices count from the patient's number.

        Parameters
        ----------
        text
            An integer or decimal string.
        dates
            Whether all dates are, or only those of birth.
        """
        found = _WHOLE_NUMBER.fullmatch(text.strip())
        digits = found.group(1).lstrip("0") if found else ""
        if len(digits) < FEWEST_DIGITS:
            return False
        known = {re.sub(r"\D", "", phrase).lstrip("0") for phrase in self.phrases | self.births}
        if dates:
            known |= {day for day in self.days if len(day) == _DAY_DIGITS and day.isdigit()}
        return digits in known

    def is_birth(self, value: str) -> bool:
        """Whether a DA or DT value is a date of birth."""
        day = legal_date(value[:10]) or legal_date(value[:8])
        return day is not None and written_forms(day)[0] in self.births

    def check_pseudonym(self, pseudonym: str) -> None:
        """Refuse one that is, holds or is part of the patient's own name or number.

        Raises
        ------
        InputError
            If so.
        """
        chosen = re.sub(r"[\W_]", "", folded(pseudonym))
        for own in self.own:
            plain = re.sub(r"[\W_]", "", folded(own))
            if plain and (
                plain == chosen
                or (len(plain) >= _SHORTEST_OWN and plain in chosen)
                or (len(chosen) >= _SHORTEST_OWN and chosen in plain)
            ):
                raise InputError(
                    "The pseudonym is an identifier of the patient or part of one; choose another."
                )
        if self.is_code(pseudonym):
            raise InputError("The pseudonym is an identifier of the patient; choose another one.")

    def search_terms(self, allowed: Iterable[str], *, dates: bool = True) -> SearchTerms:
        """What finds the longer ones in bytes, in whatever encoding.

        Parameters
        ----------
        allowed
            Texts that are written on purpose; what stands in them is not looked for.
        dates
            Whether to look for all dates, or only for those of birth where the others may stay.
        """
        written = " ".join(allowed).lower()
        days = self.days | self.births if dates else self.births - self.days
        whole: set[bytes] = set()
        dated: set[bytes] = set()
        within: set[bytes] = set()
        for phrase in self.phrases | self.parts | days:
            plain = phrase.lower()
            known = plain in written or plain in VOCABULARY or phrase.upper() in CLOSED
            if known or within_a_term(phrase) or not _is_telling(phrase):
                continue
            inside = plain.isalpha() and phrase in self.parts and len(plain) >= _WITHIN_IN_BYTES
            forms = {form for text in _spelled(phrase) for form in _encoded(text)}
            if phrase in days:
                dated.update(forms)
            else:
                (within if inside and plain.isascii() else whole).update(forms)
        return SearchTerms(frozenset(whole - within), frozenset(within), frozenset(dated))

    def _dateless(self, text: str) -> str:
        def less(found: re.Match[str]) -> str:
            day = found.group().lower()
            return "" if day in self.days or day in self.births else found.group()

        return _DATE.sub(less, text)

    def _names(self, values: Iterable[str], *, own: bool) -> None:
        for value in values:
            parts = [part for part in _PARTS.split(value) if not is_placeholder(part)]
            whole = " ".join(_SEPARATORS.split(value)).strip()
            if not parts or is_placeholder(whole):
                continue
            self._add(value, *_SEPARATORS.split(value), whole)
            telling = [part for part in parts if len(part) >= _SHORTEST_WORD]
            self.parts.update(telling)
            self.parts.update(_glued(telling))
            if own:
                self.own.update((*telling, *_SEPARATORS.split(value), whole))

    def _places(self, values: Iterable[str]) -> None:
        for value in values:
            for word in _PARTS.split(value):
                known = word.lower() in _COMMON or word.lower() in VOCABULARY
                if len(word) >= LONG_NAME and word.isalpha() and not known:
                    self.parts.add(word)

    def _add(self, *values: str) -> None:
        for value in values:
            text = value.strip(" \0^=,.;")
            if len(text) >= _SHORTEST_WORD and not is_placeholder(text):
                self.phrases.add(text)


def is_placeholder(text: str) -> bool:
    """Whether a name or number only says that there is none."""
    plain = text.strip(" \0^=,.;-_")
    return not plain or bool(_PLACEHOLDER.fullmatch(plain))


def _glued(parts: list[str]) -> Iterator[str]:
    """Two parts of a name written together, whichever comes first."""
    for one, other in permutations(dict.fromkeys(parts), 2):
        if len(one + other) >= _SHORTEST_GLUED:
            yield one + other


def _spelled(phrase: str) -> set[str]:
    """A phrase as it may be written, in small letters."""
    return {phrase.lower(), phrase, phrase.upper()} | spellings(phrase)


def _texts(value: object) -> Iterator[str]:
    if value is None:
        return
    for part in value if isinstance(value, MultiValue | list | tuple) else (value,):
        if isinstance(part, bytes):
            yield part.decode("latin-1").strip(" \0")
        elif part is not None:
            yield str(part).strip(" \0")


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
            yield form.lower()
