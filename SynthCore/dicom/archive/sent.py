"""What became of files that were sent to an archive."""

from __future__ import annotations

from dataclasses import dataclass

from SynthCore.dicom.archive.archive import Stored
from SynthCore.words import counted


@dataclass(frozen=True)
class Sent:
    """What became of files that were sent.

    Attributes
    ----------
    stored : tuple of Stored
        An answer for each file that was sent.
    lost : str
        Why the archive broke off; empty where it did not.
    left : int
        Files that were not sent for that, as far as is known.
    doubtful : int
        1 where the first of them may be there: no answer came, and the archive cannot be asked.
    unasked : int
        Stored objects of which the archive could not be asked whether it holds them.
    missing : tuple of str
        SOPInstanceUIDs that it called stored and does not hold.
    unmarked : tuple of str
        Those that it holds without SyntheticData YES.
    untold : int
        Those of which it did not tell.
    """

    stored: tuple[Stored, ...]
    lost: str = ""
    left: int = 0
    doubtful: int = 0
    unasked: int = 0
    missing: tuple[str, ...] = ()
    unmarked: tuple[str, ...] = ()
    untold: int = 0

    @property
    def count(self) -> int:
        """Files that are in the archive, as far as it tells."""
        return sum(1 for one in self.stored if not one.trouble) - len(self.missing)

    @property
    def sure(self) -> bool:
        """Whether the archive said of every file that it is there and synthetic."""
        return self.ok and not self.unasked and not self.untold

    @property
    def ok(self) -> bool:
        """Whether every file is there, and none has lost its mark."""
        whole = not self.lost and self.count == len(self.stored)
        return whole and not self.missing and not self.unmarked

    def sentences(self) -> tuple[str, ...]:
        """What to tell, the worst first."""
        told = []
        if self.unmarked:
            told.append(
                f"{counted(len(self.unmarked), 'object')} lost SyntheticData (0008,001C) in the "
                "archive and can be taken for acquired images there: delete them in it, and have "
                "it keep that element."
            )
        if self.missing:
            told.append(
                f"{counted(len(self.missing), 'object')} called stored cannot be found in the "
                "archive; look at its log and send again."
            )
        if self.lost:
            left = f"{self.lost} {counted(self.left, 'file')} had not been sent."
            told.append(left if self.left else self.lost)
        if self.doubtful:
            told.append(
                "One of them may be in the archive: it did not answer to it and could not be "
                "asked; look at it there, or send again, which doubles nothing."
            )
        for words in dict.fromkeys(one.trouble for one in self.stored if one.trouble):
            number = sum(1 for one in self.stored if one.trouble == words)
            told.append(f"The archive did not take {counted(number, 'file')}: {words}.")
        for words in dict.fromkeys(one.warning for one in self.stored if one.warning):
            number = sum(1 for one in self.stored if one.warning == words)
            told.append(f"Of {counted(number, 'file')} the archive says: {words}.")
        if self.unasked:
            told.append(
                f"Of {counted(self.unasked, 'object')} the archive could not be asked whether it "
                "holds them and kept the mark; look at them in it."
            )
        if self.untold:
            told.append(
                f"Of {counted(self.untold, 'object')} it does not tell whether it kept the mark; "
                "its DICOMweb address would."
            )
        return tuple(told)
