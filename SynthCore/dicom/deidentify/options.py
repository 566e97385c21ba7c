"""What is asked of a de-identification, and what it hands back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from SynthCore.errors import InputError

Dates = Literal["remove", "keep", "shift"]
Faces = Literal["keep", "blur", "remove"]

_LONGEST_SHIFT = 36500


@dataclass(frozen=True)
class DeidentifyOptions:
    """How far the Basic Application Level Confidentiality Profile is varied.

    Attributes
    ----------
    dates : str
        ``remove`` (the profile), ``keep`` (Retain Longitudinal Temporal Information Full Dates)
        or ``shift`` (... with Modified Dates, every date by `shift_days`, times as they are).
        The birth date goes in any case.
    shift_days : int
        Days added where `dates` is ``shift``; not 0, and to be kept from whoever gets the files.
    keep_characteristics : bool
        Keep sex, age (90 years at most), size and weight (Retain Patient Characteristics).
    keep_words : bool
        Keep from descriptions and labels the words of a fixed vocabulary of imaging
        (`words.VOCABULARY`), and nothing else (Clean Descriptors).
    faces : str
        ``keep``, ``blur`` or ``remove``: the face in MR and CT series that show one.
    blank_text : bool
        Blank the regions where burned-in text was found; otherwise they are only reported.
    """

    dates: Dates = "remove"
    shift_days: int = 0
    keep_characteristics: bool = False
    keep_words: bool = False
    faces: Faces = "keep"
    blank_text: bool = False

    def __post_init__(self) -> None:
        if self.dates not in ("remove", "keep", "shift"):
            raise InputError(f"Dates are removed, kept or shifted, not {self.dates!r}.")
        if self.faces not in ("keep", "blur", "remove"):
            raise InputError(f"Faces are kept, blurred or removed, not {self.faces!r}.")
        if (self.dates == "shift") != (self.shift_days != 0):
            raise InputError("To shift dates, give a number of days that is not 0.")
        if abs(self.shift_days) > _LONGEST_SHIFT:
            raise InputError(f"Shift dates by at most {_LONGEST_SHIFT} days.")


@dataclass(frozen=True)
class Finding:
    """Something a person has to know about the result.

    Attributes
    ----------
    kind : str
        ``text`` (burned-in text), ``face``, ``left-out`` (a file that is no DICOM object),
        ``illegal`` (a value that was repaired), ``pixels`` (values that were changed), ``record``
        (a synthetic object that no longer matches its own).
    message : str
        One sentence without any value of a header and without a file name of the source.
    files : tuple of str
        SOP Instance UIDs of the results it is about.
    """

    kind: str
    message: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deidentified:
    """A de-identified set of objects.

    Attributes
    ----------
    folder : Path
        Where they lie.
    files : tuple of Path
        One a source object, in the order of the sources; the name is the new SOP Instance UID.
    findings : tuple of Finding
        What a person has to look at.
    counts : mapping of str to int
        Elements by what was done with them.
    uid_map : mapping of str to str
        Old UID to new. It re-identifies the patient: it is in memory only and in no report.
    """

    folder: Path
    files: tuple[Path, ...]
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]
    uid_map: Mapping[str, str] = field(repr=False)


def check_pseudonym(pseudonym: str) -> str:
    """The pseudonym, if it can stand in PatientName and PatientID of every system.

    Raises
    ------
    InputError
        If it is empty, longer than 16 characters, or has others than letters, digits, ``-`` and
        ``_``.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,16}", pseudonym):
        raise InputError(
            "The pseudonym has to be 1 to 16 letters, digits, hyphens and underscores, "
            "such as CASE01."
        )
    return pseudonym
