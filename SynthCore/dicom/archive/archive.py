"""What `send` and `fetch` ask of an archive, by whichever protocol it speaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from SynthCore.dicom.archive.query import FoundSeries, Query

Held = Mapping[str, bool | None]
"""SOPInstanceUIDs that an archive holds; whether it says SyntheticData YES of each, where told."""


@dataclass(frozen=True)
class Outgoing:
    """One file to store.

    Attributes
    ----------
    path : Path
        A DICOM file with file meta information.
    uid, class_uid, transfer_syntax, study_uid, series_uid : str
        Of its header.
    """

    path: Path
    uid: str
    class_uid: str
    transfer_syntax: str
    study_uid: str
    series_uid: str


@dataclass(frozen=True)
class Stored:
    """What an archive said of one file.

    Attributes
    ----------
    uid : str
        SOPInstanceUID.
    trouble : str
        Why it was not stored; empty where it was.
    warning : str
        What the archive did to it (elements coerced or discarded); empty for nothing.
    """

    uid: str
    trouble: str = ""
    warning: str = ""


class Archive(Protocol):
    """A connection to an archive.

    Every method raises `SynthCore.errors.ComputationError` where the archive cannot be reached or
    breaks off.
    """

    @property
    def host(self) -> str:
        """Its address, for messages."""

    def store(self, files: Sequence[Outgoing]) -> Iterator[Stored]:
        """Store the files one by one; an answer each, in their order."""

    def held(self, study_uid: str, series_uid: str) -> Held | None:
        """What it holds of a series; None where it cannot be asked."""

    def search(self, query: Query) -> tuple[FoundSeries, ...]:
        """Every series that fits."""

    def retrieve(self, series: FoundSeries) -> Iterator[bytes]:
        """The objects of a series, each as the bytes of a file."""
