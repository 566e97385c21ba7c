"""A record and digest for the copies of synthetic objects, for `synthcore verify` to check.

De-identification rightly changes UIDs, dates and words, so the record and digest of the source
say nothing of the copy, and both go. They are written anew, but only where the source was found
whole by its own: a changed image must not come out of de-identification as an unchanged one.

The new record holds nothing that may identify: the task, the hash of the weights, the version of
this software, and the instances under their new UIDs with the hashes of their pixels. An instance
that its series lists and that was not given is listed as well, so that `synthcore verify` still
misses it. ``output.deidentified.changed`` names those whose pixels were changed on the way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset

from SynthCore import __version__
from SynthCore.dicom.file_bytes import file_bytes
from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.marks import MODEL_NAME
from SynthCore.dicom.record_tags import CREATOR, GROUP, write_record
from SynthCore.dicom.verify_object import examine
from SynthCore.request import SynthesisRecord
from SynthCore.tasks import LESION_TASK, PHANTOM_TASK, ROLES, TASKS

_SHA_256 = re.compile("[0-9a-f]{64}")
_VERSION = re.compile(r"\d{1,3}(\.\d{1,3}){1,3}")


@dataclass(frozen=True)
class _Copy:
    """One copy of a whole synthetic object; `record` is the source's, empty for a companion."""

    path: Path
    uid: str
    record: str
    pixels: str


class Seals:
    """Gathers the copies of synthetic objects and writes their records once all are there.

    Parameters
    ----------
    new
        From a UID of the sources to that of the copies.
    """

    def __init__(self, new: Callable[[str], str]) -> None:
        self._new = new
        self._copies: dict[Path, _Copy] = {}
        self.broken: list[str] = []
        """UIDs, in the sources, of objects that do not match their own record or digest."""

    def add(self, source: Path, header: Dataset, copy: Path, pixels: bytes | None) -> None:
        """Look at one source, and remember its copy if the source is synthetic and whole.

        Parameters
        ----------
        source
            Its file.
        header
            What was read of it.
        copy
            Where its copy lies, in the folder given to `write`.
        pixels
            PixelData of the copy.
        """
        if not is_synthetic(header):
            return
        facts = examine(source, "")
        if facts.findings:
            if facts.sealed:
                self.broken.append(facts.uid)
            return
        digest = hashlib.sha256(pixels or b"").hexdigest()
        self._copies[copy] = _Copy(copy, facts.uid, facts.record_json, digest)

    def write(self, folder: Path) -> int:
        """Put record and digest into the copies under `folder`; how many those are."""
        records: dict[str, str] = {}
        for text in {copy.record for copy in self._copies.values() if copy.record}:
            records[text] = self._record(text)
        for copy in self._copies.values():
            header = pydicom.dcmread(folder / copy.path)
            if copy.record:
                write_record(header, records[copy.record])
            (folder / copy.path).write_bytes(sealed(header))
        return len(self._copies)

    def _record(self, text: str) -> str:
        old = SynthesisRecord.from_json(text)
        pixels = {copy.uid: copy.pixels for copy in self._copies.values() if copy.record == text}
        listed: dict[str, Any] = old.output["instances"]
        earlier = old.output.get("deidentified")
        before = earlier.get("changed") if isinstance(earlier, dict) else None
        changed = {str(uid) for uid in before or () if uid in listed}
        changed |= {uid for uid, digest in pixels.items() if digest != listed[uid]}
        output = {
            "instances": {
                self._new(uid): pixels.get(uid) or _matching(_SHA_256, digest)
                for uid, digest in listed.items()
            },
            "deidentified": {
                "software": f"{MODEL_NAME} {__version__}",
                "changed": sorted(self._new(uid) for uid in changed),
            },
        }
        version = old.software.get(MODEL_NAME) if isinstance(old.software, dict) else ""
        return SynthesisRecord(
            task=old.task if old.task in (*TASKS, LESION_TASK, PHANTOM_TASK) else "",
            target=old.target if old.target in ROLES else "",
            model="",  # a site names its own models as it likes
            model_version="",
            weights_sha256=_matching(_SHA_256, old.weights_sha256),
            inputs={},
            mask=None,
            options={},
            device="",
            backend="",
            software={MODEL_NAME: _matching(_VERSION, version)},
            checks=(),
            warnings=(),
            output=output,
            created="",
        ).to_json()


def sealed(made: Dataset) -> bytes:
    """The file of a de-identified object with its digest, and the word that the digest is safe.

    Nothing private of the source is retained, so no option of PS3.15 is claimed for it; who
    de-identifies further is told by PrivateDataElementCharacteristicsSequence (0008,0300).

    Parameters
    ----------
    made
        Complete, with file meta information; the private block and that sequence are added.
    """
    item = Dataset()
    item.PrivateGroupReference, item.PrivateCreatorReference = GROUP, CREATOR
    item.BlockIdentifyingInformationStatus = "SAFE"
    made.PrivateDataElementCharacteristicsSequence = [item]
    return file_bytes(made)


def _matching(pattern: re.Pattern[str], value: object) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""
