"""Whether objects are of one patient: by number, date of birth and name together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydicom.dataset import Dataset

from SynthCore.dicom.deidentify.folding import spellings
from SynthCore.dicom.deidentify.identifiers import is_placeholder
from SynthCore.dicom.legal_dates import legal_date
from SynthCore.dicom.texts import value_text
from SynthCore.errors import InputError


@dataclass(frozen=True)
class _Patient:
    number: str
    born: str
    names: frozenset[str]


def check_one_patient(headers: Iterable[Dataset]) -> None:
    """Refuse objects that may be of different people: one pseudonym would make them one.

    Two numbers are two patients. Objects of one number, or without one, are of two if the dates
    of birth differ; or if names share no part, unless number and date of birth agree (a name
    changes by marriage, and is written in several scripts).

    Raises
    ------
    InputError
        If so.
    """
    patients = {_patient(header) for header in headers}
    numbers = {patient.number for patient in patients} - {""}
    if len(numbers) > 1:
        raise InputError(
            f"The objects are of {len(numbers)} patients (by PatientID); de-identify one at a "
            "time, each with a pseudonym of its own."
        )
    if len({patient.born for patient in patients} - {""}) > 1 or not _are_one(patients):
        raise InputError(
            "The objects may be of different patients: the PatientID is the same or missing, but "
            "names or dates of birth differ. De-identify one patient at a time."
        )


def _are_one(patients: Iterable[_Patient]) -> bool:
    """Whether everybody who has a name is tied to the others, if only through a third."""
    left = [patient for patient in patients if patient.names]
    tied = left[:1]
    left = left[1:]
    while found := [one for one in left if any(_same(one, other) for other in tied)]:
        tied += found
        left = [one for one in left if one not in found]
    return not left


def _same(one: _Patient, other: _Patient) -> bool:
    by_number = one.number and one.number == other.number and one.born and one.born == other.born
    return bool(by_number or one.names & other.names)


def _patient(header: Dataset) -> _Patient:
    born = legal_date(_text(header, "PatientBirthDate"))
    parts = re.split(r"[\s^=,;\\\[\]'\-]+", _text(header, "PatientName"))
    names = {
        spelling
        for part in parts
        if len(part) > 1 and not is_placeholder(part)
        for spelling in spellings(part)
    }
    number = _text(header, "PatientID")
    return _Patient("" if is_placeholder(number) else number, str(born or ""), frozenset(names))


def _text(header: Dataset, keyword: str) -> str:
    try:
        return value_text(header.get(keyword)).strip(" \0")
    except Exception:  # bytes that do not fit
        return ""
