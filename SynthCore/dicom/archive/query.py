"""What is looked for in an archive, and a series that was found there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from SynthCore.dicom.headers import integer, line, text
from SynthCore.errors import InputError
from SynthCore.words import counted

STUDY_KEYS = (
    "PatientID", "AccessionNumber", "StudyInstanceUID", "StudyDate", "StudyDescription",
    "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances",
)  # fmt: skip
SERIES_KEYS = (
    "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "Modality",
    "NumberOfSeriesRelatedInstances",
)  # fmt: skip
"""What is asked of every study and series; an archive may answer less."""

_LONGEST = {"patient ID": 64, "accession number": 16}
"""Characters, by the value representations LO and SH."""

_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_LONGEST_UID = 64
_MODALITY = re.compile(r"[A-Z0-9_]{1,16}")
_DATE = re.compile(r"[0-9]{8}")


@dataclass(frozen=True)
class Query:
    """Whose series are looked for; what is empty does not matter.

    Attributes
    ----------
    patient_id, accession_number : str
        Exactly so, without wildcards.
    study_uid : str
        StudyInstanceUID.
    series_uids : tuple of str
        SeriesInstanceUID of each, of that study; none for all.
    modality : str
        As DICOM names it: ``MR``, ``CT``.
    """

    patient_id: str = ""
    accession_number: str = ""
    study_uid: str = ""
    series_uids: tuple[str, ...] = ()
    modality: str = ""

    def __post_init__(self) -> None:
        """Refuse what would match more than was meant.

        Raises
        ------
        InputError
            If nothing narrows the search, or a value is not of its kind.
        """
        # spaces alone would match everyone
        if not (self.patient_id.strip() or self.accession_number.strip() or self.study_uid):
            raise InputError(
                "Nothing says whose series to look for; give --patient-id, --accession or --study."
            )
        if self.series_uids and not self.study_uid:
            raise InputError("A series is looked for in its study; give --study with --series.")
        for what, value in (
            ("patient ID", self.patient_id), ("accession number", self.accession_number)
        ):  # fmt: skip
            # not repeated in the message: it names a patient
            if any(sign in value for sign in "*?\\") or not value.isprintable():
                raise InputError(
                    f"The {what} holds * ? or a backslash, which stand for others; give it whole."
                )
            if len(value) > _LONGEST[what]:
                raise InputError(f"The {what} is longer than DICOM's {_LONGEST[what]} characters.")
        for uid in filter(None, (self.study_uid, *self.series_uids)):
            if not is_uid(uid):
                raise InputError(f"{uid[:70]!r} is no UID: digits and points, 64 at most.")
        if self.modality and not _MODALITY.fullmatch(self.modality):
            raise InputError(f"{self.modality[:20]!r} is no modality; write it as DICOM does: MR.")

    def fits(self, found: FoundSeries) -> bool:
        """Whether a series is one that was asked for: archives match more loosely than DICOM does.

        What the archive does not tell of it is no reason against it.
        """
        pairs = (
            (self.patient_id, found.patient_id),
            (self.accession_number, found.accession_number),
            (self.study_uid, found.study_uid),
            (self.modality, found.modality),
        )
        wanted = not self.series_uids or found.series_uid in self.series_uids
        return wanted and _none_other(pairs)

    def fits_study(self, study: Any) -> bool:
        """Whether an archive's answer is of a study that was asked for, in the same way."""
        pairs = (
            (self.patient_id, text(study, "PatientID")),
            (self.accession_number, text(study, "AccessionNumber")),
            (self.study_uid, text(study, "StudyInstanceUID")),
        )
        return _none_other(pairs)

    def chosen(self, found: Iterable[FoundSeries | None]) -> tuple[FoundSeries, ...]:
        """Those that fit, each once."""
        fitting = (one for one in found if one is not None and self.fits(one))
        return tuple({(one.study_uid, one.series_uid): one for one in fitting}.values())


@dataclass(frozen=True)
class FoundSeries:
    """A series in an archive.

    Attributes
    ----------
    study_uid, series_uid, patient_id, accession_number, study_date, study_description, modality, \
description : str
        As the archive tells them, empty where it does not.
    number : int
        SeriesNumber, 0 where there is none.
    instances : int
        How many objects the archive says it holds, 0 where it does not say.
    """

    study_uid: str
    series_uid: str
    patient_id: str = ""
    accession_number: str = ""
    study_date: str = ""
    study_description: str = ""
    modality: str = ""
    number: int = 0
    description: str = ""
    instances: int = 0

    def line(self) -> str:
        """One line for a list, without the patient."""
        count = counted(self.instances, "object") if self.instances else "objects not counted"
        what = f"{self.modality or 'no modality'}, series {self.number}, {count}"
        return f"{self.series_uid}  {self.description!r} ({what})"


def found_series(study: Any, series: Any) -> FoundSeries | None:
    """A series by two answers of an archive, of its study and of itself; None without UIDs."""
    study_uid = text(series, "StudyInstanceUID") or text(study, "StudyInstanceUID")
    series_uid = text(series, "SeriesInstanceUID")
    if not (is_uid(study_uid) and is_uid(series_uid)):
        return None
    return FoundSeries(
        study_uid,
        series_uid,
        text(study, "PatientID"),
        text(study, "AccessionNumber"),
        _fit(_DATE, text(study, "StudyDate")),
        line(study, "StudyDescription"),
        _fit(_MODALITY, text(series, "Modality")),
        integer(series, "SeriesNumber"),
        line(series, "SeriesDescription"),
        max(0, integer(series, "NumberOfSeriesRelatedInstances")),
    )


def is_uid(value: str) -> bool:
    """Whether it is a UID of DICOM: nothing else goes into the address of a request."""
    return len(value) <= _LONGEST_UID and _UID.fullmatch(value) is not None


def _none_other(pairs: Iterable[tuple[str, str]]) -> bool:
    # spaces around a value do not count in DICOM, and have been taken off the answers
    return all(not asked or told in ("", asked.strip(" ")) for asked, told in pairs)


def _fit(pattern: re.Pattern[str], value: str) -> str:
    """An archive is not trusted: what goes into a folder's name or a list is of its kind."""
    return value if pattern.fullmatch(value) else ""
