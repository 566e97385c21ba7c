"""What `send` and `fetch` ask of an archive, by whichever protocol it speaks."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from SynthCore.dicom.archive.query import FoundSeries, Query
from SynthCore.errors import ComputationError


class NotSentError(ComputationError):
    """The archive was not reached, or refused before it took anything of the file under way."""


Held = Mapping[str, bool | None]
"""SOPInstanceUIDs that an archive holds; whether it says SyntheticData YES of each, where told."""


@dataclass(frozen=True)
class Outgoing:
    """One file to store.

    Attributes
    ----------
    path : Path
        A DICOM file with file meta information.
    sha256 : str
        Of the whole file.
    uid, class_uid, transfer_syntax, study_uid, series_uid : str
        Of its header.
    marked : bool
        Whether it says SyntheticData YES.
    """

    path: Path
    sha256: str
    uid: str
    class_uid: str
    transfer_syntax: str
    study_uid: str
    series_uid: str
    marked: bool

    def data(self) -> bytes:
        """The file as it was when it was looked at.

        Raises
        ------
        NotSentError
            If it is another one now, or is not there.
        """
        try:
            data = self.path.read_bytes()
        except OSError:
            data = b""
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise NotSentError(
                f"{self.path.name} was changed or removed while the files were sent."
            )
        return data


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

    def store(self, files: Sequence[Outgoing]) -> Generator[Stored, None, None]:
        """Store the files one by one; an answer each, in their order."""

    def held(self, study_uid: str, series_uid: str) -> Held | None:
        """What it holds of a series; None where it cannot be asked."""

    def search(self, query: Query) -> tuple[FoundSeries, ...]:
        """Every series that fits."""

    def doubt(self, query: Query) -> str:
        """Why it may have found nothing though it holds it; empty where nothing is known."""

    def retrieve(self, series: FoundSeries) -> Iterator[bytes]:
        """The objects of a series, each as the bytes of a file."""
