"""The record file beside the folder of a DICOM series against the record in its objects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from SynthCore.dicom.verify_object import ObjectFacts

_LARGEST = 64 << 20
"""Of a record, in bytes."""


def against_record(folder: Path, objects: Sequence[ObjectFacts]) -> tuple[str, ...]:
    """A sentence if ``<folder>.json`` beside the folder differs from the record in its objects.

    Parameters
    ----------
    folder : Path
        Of one series.
    objects : sequence of ObjectFacts
        What was read in it; without a record in them there is nothing to compare.
    """
    place = folder.resolve()  # "." has no name
    beside = place.with_name(f"{place.name}.json") if place.name else place
    embedded = {facts.record_json for facts in objects if facts.record_json}
    if not embedded or not beside.is_file():
        return ()
    told = _parsed(beside)
    if told is not None and all(_canonical(text) == told for text in embedded):
        return ()
    return (f"The record {beside.name} beside the series is not the one in its files.",)


def _parsed(path: Path) -> str | None:
    try:
        if path.stat().st_size > _LARGEST:
            return None
        return _canonical(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _canonical(text: str) -> str | None:
    """The same JSON in one manner of writing, None where it is none."""
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except (ValueError, RecursionError):
        return None
