"""What a reader is told of files that were de-identified, beside whether anything is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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
    rewritten = [done for text in records if (done := _of_record(text)) is not None]
    return (*notes, *((_pixels(rewritten),) if rewritten else ()))


def _of_record(text: str) -> tuple[int, int] | None:
    """Images that a record of copies lists, and how many of them it says were changed."""
    try:
        output = SynthesisRecord.from_json(text).output
        listed, done = output["instances"], output["deidentified"]
        changed = {str(uid) for uid in done["changed"]} & {str(uid) for uid in listed}
        return len(listed), len(changed)
    except (ValueError, TypeError, AttributeError, KeyError):
        return None  # no record of copies, or one that cannot be read, which is a finding


def _pixels(records: Sequence[tuple[int, int]]) -> str:
    images, changed = (sum(numbers) for numbers in zip(*records, strict=True))
    one = len(records) == 1
    whose = "record of the series was" if one else f"records of {len(records)} series were"
    pixels = (
        f"changed the pixels of {changed} of the {images} images"
        if changed
        else "left the pixels as they were made"
    )
    return f"The {whose} written anew by the de-identification, which {pixels}."
