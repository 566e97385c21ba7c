"""Coded entries: published codes stay as they are published, an institution's own codes go.

A published code says the same everywhere, so its value and meaning are never taken for a name.
The meaning that a file gives may be anything; what stays is the one of the standard's tables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from pydicom.dataset import Dataset

from SynthCore.dicom.deidentify.identifiers import Identifiers
from SynthCore.dicom.deidentify.uids import UidMap
from SynthCore.dicom.deidentify.values import REMOVED
from SynthCore.dicom.deidentify.words import imaging_words
from SynthCore.dicom.marks import SCHEME
from SynthCore.dicom.texts import SH, fit, value_text
from SynthCore.tasks import LESION_TASK, PHANTOM_TASK, TASKS

UNKNOWN_SCHEME = "99REMOVED"

_STANDARD_SCHEMES = re.compile(
    r"DCM|SCT|SRT|SNM3|99SDM|UCUM|LN|FMA|RADLEX|MDC|UMLS|NCIt|ACR|BARI|BI|I9|I10|NEU|MSH|RXNORM"
    r"|I9C|I10P|CD8|GEN|NICIP|UNS|ITIS_TSN|PUBCHEM_CID|IBSI|NCDR|MIM|NDC|UNII|ISO639_[12]"
    r"|ISO3166_1|RFC3066|RFC5646|ICD10"
)
_OF_A_CODE = ("CodeValue", "LongCodeValue", "URNCodeValue")
_CODE = re.compile(r"[A-Za-z0-9][\w.:-]{0,63}")
_UNIT = re.compile(r"[A-Za-z0-9%\[\]{}*/.'()+-]{1,16}")
_VERSION = re.compile(r"[A-Za-z]{0,3}[0-9][0-9.]{0,14}")
_OWN = frozenset(fit(task.upper(), SH) for task in (*TASKS, LESION_TASK, PHANTOM_TASK))
"""Codes of this software for how an image was derived: marks that stay whatever names there are."""

_ALSO_SNOMED = ("SRT", "SNM3", "99SDM")


@dataclass
class Codes:
    """Cleans coded entries alike in all objects of one run."""

    uids: UidMap
    identifiers: Identifiers
    published: set[str] = field(default_factory=set, repr=False)
    """Meanings of published codes that were kept."""

    def clean(self, source: Dataset, target: Dataset) -> None:
        """Write the code of `source`, as far as it may stay, into its cleaned copy `target`."""
        if not is_code(source):
            return
        value = next((text for key in _OF_A_CODE if (text := _text(source, key))), "")
        scheme = _text(source, "CodingSchemeDesignator")
        given = _text(source, "CodeMeaning")
        urn = not (_text(source, "CodeValue") or _text(source, "LongCodeValue"))
        for keyword in (*_OF_A_CODE, "CodingSchemeVersion"):
            if keyword in target:
                delattr(target, keyword)
        if not value:
            target.CodeValue = ""
            return
        meaning = None if urn else published_meaning(scheme, value, given)
        if meaning is not None:
            self.published.add(meaning)
        elif not urn and self._may_stay(scheme, value):
            meaning = self._words(given)
            if meaning == REMOVED and scheme == SCHEME:
                meaning = value.replace("_", " ")
        else:
            value, scheme, meaning = self.uids.digest(f"{scheme} {value}"), UNKNOWN_SCHEME, None
        setattr(target, "CodeValue" if len(value) <= SH else "LongCodeValue", value)
        target.CodingSchemeDesignator = scheme
        target.CodeMeaning = meaning or self._words(given)
        version = _text(source, "CodingSchemeVersion")
        if scheme != UNKNOWN_SCHEME and _VERSION.fullmatch(version):
            target.CodingSchemeVersion = version

    def _may_stay(self, scheme: str, value: str) -> bool:
        """Whether a code that is in no table here is one of a scheme that others publish."""
        if scheme == SCHEME and value in _OWN:
            self.published.add(value)
            return True
        if self.identifiers.scrub(value) != value:
            return False
        if scheme == SCHEME:
            return bool(_CODE.fullmatch(value))
        if scheme == "UCUM":
            return bool(_UNIT.fullmatch(value))
        # a code without a digit may be a word
        known = bool(_STANDARD_SCHEMES.fullmatch(scheme) and _CODE.fullmatch(value))
        return known and any(character.isdigit() for character in value)

    def _words(self, meaning: str) -> str:
        return imaging_words(self.identifiers.scrub(meaning)) or REMOVED


def is_code(item: Dataset) -> bool:
    """Whether an item of a sequence is a coded entry."""
    return "CodeMeaning" in item or any(keyword in item for keyword in _OF_A_CODE)


def published_meaning(scheme: str, value: str, given: str = "") -> str | None:
    """The meaning of a code in the tables of PS3.16, None where it is not in them.

    Parameters
    ----------
    scheme, value : str
        The code.
    given : str
        What a file says; it is the one of several published meanings if it is one of them.
    """
    if scheme in _ALSO_SNOMED:
        scheme, value = "SCT", _snomed().get(value, "")
    published = _meanings(scheme).get(value, ())
    same = (meaning for meaning in published if meaning.casefold() == given.casefold())
    return next(same, published[0] if published else None)


@cache
def _meanings(scheme: str) -> Mapping[str, tuple[str, ...]]:
    from pydicom.sr._concepts_dict import concepts

    found: dict[str, tuple[str, ...]] = {}
    for entries in concepts.get(scheme, {}).values():
        for value, (meaning, _) in entries.items():
            found[value] = (*found.get(value, ()), meaning[:64])
    return found


@cache
def _snomed() -> Mapping[str, str]:
    from pydicom.sr._snomed_dict import mapping

    codes: dict[str, str] = mapping["SRT"]
    return codes


def _text(item: Dataset, keyword: str) -> str:
    try:
        return value_text(item.get(keyword)).strip(" \0")
    except Exception:  # bytes that do not fit: as if it were not there
        return ""
