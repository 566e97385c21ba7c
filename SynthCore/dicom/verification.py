"""What a verification found: sentences without a patient's name, a file's and the folder's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FileFindings:
    """One file: its name inside the folder and what is wrong with it."""

    name: str
    findings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass(frozen=True)
class Verification:
    """Whether a folder holds whole, marked and unchanged synthetic images.

    Attributes
    ----------
    files : tuple of FileFindings
        Every image file of the folder.
    findings : tuple of str
        What is wrong with the files together.
    notes : tuple of str
        What a reader has to know of them though nothing is wrong: that they were de-identified.
    """

    files: tuple[FileFindings, ...]
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found anywhere."""
        return not self.findings and all(file.ok for file in self.files)

    def sentences(self) -> tuple[str, ...]:
        """Everything found, each with the name of its file."""
        return (
            *self.findings,
            *(f"{file.name}: {finding}" for file in self.files for finding in file.findings),
        )

    def summary(self, most: int = 3) -> tuple[str, ...]:
        """As `sentences`, with what more than so many files have in common told once."""
        places: dict[str, list[str]] = {}
        for file in self.files:
            for finding in file.findings:
                places.setdefault(finding, []).append(file.name)
        told = list(self.findings)
        for finding, names in places.items():
            if len(names) > most:
                told.append(f"{len(names)} files, {names[0]} the first: {finding}")
            else:
                told += [f"{name}: {finding}" for name in names]
        return tuple(told)

    def to_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "ok": self.ok,
            "findings": list(self.findings),
            "notes": list(self.notes),
            "files": [
                {"name": file.name, "ok": file.ok, "findings": list(file.findings)}
                for file in self.files
            ],
        }


def joined(parts: tuple[Verification, ...]) -> Verification:
    """Several verifications as one."""
    return Verification(
        tuple(file for part in parts for file in part.files),
        tuple(finding for part in parts for finding in part.findings),
        tuple(note for part in parts for note in part.notes),
    )
