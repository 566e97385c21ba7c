"""Files beside images against the records in them: a series' record, a lesion's facts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from SynthCore.dicom.verify_object import ObjectFacts
from SynthCore.files.block import read_sidecar

FACTS_NAME, MASK_NAME = "lesion-facts.json", "lesion-mask.nii.gz"
"""Beside the images a lesion was placed in: what is known of it, and where it lies."""

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


def against_mask(facts: Path) -> tuple[str, ...]:
    """A sentence if a file of lesion facts differs from the record of the lesion's mask beside it.

    Where there is no mask with a record, that is told of the mask itself.
    """
    block = read_sidecar(facts.with_name(MASK_NAME))
    record = None if block is None else block.get("Record")
    if not isinstance(record, dict):
        return ()
    told = json.loads(_parsed(facts) or "null")
    options = record.get("options")
    recorded = options.get("lesion") if isinstance(options, dict) else None
    if isinstance(told, dict) and isinstance(recorded, dict):
        names, parts = told.get("part_names"), told.get("parts_ml")
        alike = (
            set(told) == {*recorded, "mask", "part_names", "synthetic"}
            and {key: told[key] for key in recorded} == recorded
            and told["mask"] == record.get("output")
            and told["synthetic"] is True
            and isinstance(names, dict)
            and isinstance(parts, dict)
            and sorted(map(str, names.values())) == sorted(parts)
        )
        if alike:
            return ()
    return (f"{facts.name} does not say what the record of {MASK_NAME} says.",)


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
