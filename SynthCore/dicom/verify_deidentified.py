"""What a reader is told of files that were de-identified, beside whether anything is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from SynthCore.dicom.deidentified import METHODS
from SynthCore.dicom.verify_object import ObjectFacts
from SynthCore.request import SynthesisRecord


def told(objects: Sequence[ObjectFacts]) -> tuple[str, ...]:
    """Sentences on the de-identification of DICOM files; none where there was none.

    The methods are named by their codes: whatever text a file has for them is not repeated.
    """
    groups = Counter(facts.deidentified for facts in objects if facts.deidentified is not None)
    notes = []
    for methods, count in groups.items():
        how = ", ".join(METHODS[value] for value in methods) or "by a method without a known code"
        notes.append(
            f"{count} of {len(objects)} DICOM files say that they were de-identified "
            f"(PatientIdentityRemoved YES): {how}."
        )
    bare = sum(facts.deidentified is not None and not facts.sealed for facts in objects)
    if bare:
        notes.append(
            f"{bare} of these hold no digest, as what de-identified them wrote none: their pixels "
            "and tags can be checked in the originals only."
        )
    records = {facts.record_json for facts in objects if facts.record_json}
    return (*notes, *(line for text in sorted(records) for line in _of_record(text)))


def _of_record(text: str) -> tuple[str, ...]:
    try:
        output = SynthesisRecord.from_json(text).output
        listed, done = output["instances"], output.get("deidentified")
        changed = _changed(listed, done)
    except (ValueError, TypeError, AttributeError, KeyError):
        return ()  # said of the file itself
    if changed is None:
        return ()
    pixels = (
        f"which changed the pixels of {changed} of the {len(listed)} images"
        if changed
        else "which left the pixels as they were made"
    )
    return (f"The record of a series was written anew by the de-identification, {pixels}.",)


def _changed(listed: Any, done: Any) -> int | None:
    """How many of the listed instances the record says were changed, None where it says nothing."""
    if not isinstance(done, dict) or not isinstance(done.get("changed"), list):
        return None
    return len({str(uid) for uid in done["changed"]} & {str(uid) for uid in listed})
