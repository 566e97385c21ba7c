"""The file of a generated person against the images and the truth that it lists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.errors import SynthCoreError
from SynthCore.files.block import read_sidecar
from SynthCore.files.read import read

PERSON_NAME, TRUTH = "person.json", "truth"
"""Beside the images of a person, and the folder of what is known of them."""

_LARGEST = 4 << 20
_LEAST_ML = 1e-3
"""Volumes in the file are rounded to a tenth of that."""


def against_person(path: Path, series: Mapping[Path, str]) -> tuple[str, ...]:
    """Sentences of what the file of a person lists and is not there, or not so.

    Draws are compared by the hash that the records of the images hold; these records are compared
    with voxels elsewhere.

    Parameters
    ----------
    path : Path
        ``person.json``.
    series : mapping
        Folder of a DICOM series to the record in its files.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError
        told = json.loads(path.read_text(encoding="utf-8"))
        return tuple(f"{name} {found}" for found in _found(told, path.parent, series))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return (f"{name} is damaged, or no file of a generated person.",)


def _found(told: Mapping[str, Any], folder: Path, series: Mapping[Path, str]) -> Iterator[str]:
    draws = json.dumps(told["draws"], sort_keys=True)  # as the digest was made
    digest = hashlib.sha256(draws.encode("utf-8")).hexdigest()
    for image in told["images"]:
        role, record = image["role"], _record(folder, str(image["role"]), series)
        if record is None:
            yield f"lists the image {role}, which is not there with its record."
            continue
        if record.get("options", {}).get("draws_sha256") != digest:
            yield f"holds other draws than the record of {role} names."
        if record.get("output", {}).get("sha256") != image["sha256"]:
            yield f"holds another hash of {role} than its record."
    truth = {str(one["name"]): str(one["sha256"]) for one in told["truth"]}
    for file, expected in truth.items():
        place = folder / TRUTH / Path(file).name
        if not place.is_file():
            yield f"lists {TRUTH}/{file}, which is not there."
        elif not _is_as_listed(place, expected):
            yield f"holds another hash of {TRUTH}/{file} than it has."
    for lesion in told["lesions"]:
        file = f"{lesion['kind'].replace(' ', '-')}-label.nii.gz"
        if file not in truth:
            yield f"lists the lesion {lesion['kind']} without its mask."
        elif _is_other(folder / TRUTH / file, float(lesion["ml"])):
            yield f"holds another volume of {lesion['kind']} than {TRUTH}/{file} has."


def _record(folder: Path, role: str, series: Mapping[Path, str]) -> Mapping[str, Any] | None:
    """Of an image in either format."""
    text = series.get(folder / role)
    found: Any
    if text:
        found = json.loads(text)
    else:
        volume = folder / f"{role}.nii.gz"
        found = (read_sidecar(volume) or {}).get("Record") if volume.is_file() else None
    return found if isinstance(found, dict) else None


def _is_as_listed(path: Path, expected: str) -> bool:
    """By the record of a label map, which is compared with its voxels elsewhere; else by bytes."""
    if not expected:
        return True
    if path.name.endswith(".nii.gz"):
        record = (read_sidecar(path) or {}).get("Record")
        output = record.get("output") if isinstance(record, dict) else None
        return isinstance(output, dict) and output.get("sha256") == expected
    return hashlib.sha256(path.read_bytes()).hexdigest() == expected


def _is_other(path: Path, ml: float) -> bool:
    """Whether a mask that can be read is of another volume."""
    try:
        mask = read(path)
    except SynthCoreError:
        return False  # told of the file itself
    voxel = float(np.prod(mask.spacing)) / 1000
    return abs(float(np.count_nonzero(mask.voxels)) * voxel - ml) > _LEAST_ML
