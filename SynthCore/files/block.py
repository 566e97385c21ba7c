"""What SynthCore writes into a NIfTI file and beside it: role, unit, exact affine, record.

The block is JSON with the BIDS sidecar's manner of naming. NIfTI keeps its affine as 32-bit
floats; the block keeps it exactly, and it is used again only while the header still agrees with
it, so a file changed by other software is read by its header.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.image import Affine, Image, Synthetic
from SynthCore.tasks import PHANTOM_TASK, ROLES

DESCRIPTION = "SYNTHETIC SynthCore"
"""The NIfTI header's description of a synthetic image (79 bytes at most)."""

_MARKED = "SYNTHETIC"


def make_block(
    image: Image, record_json: str | None, version: str, origin: str | None = None
) -> str:
    """The JSON text for `image`; with a record or an origin it says that it is synthetic."""
    block: dict[str, Any] = {
        "Role": image.modality,
        "Units": image.unit,
        "AffineLPS": [[float(v) for v in row] for row in image.affine],
        "GeneratedBy": [{"Name": "SynthCore", "Version": version}],
    }
    if record_json is not None:
        block["SyntheticData"] = "YES"
        block["Description"] = (
            "SYNTHETIC image; research software, not cleared for clinical use; see Record."
        )
        block["Record"] = json.loads(record_json)
    if origin is not None:
        block["SyntheticData"] = "YES"
        block["Description"] = f"SYNTHETIC image: {origin}; no patient, not for clinical use."
    return json.dumps(block, sort_keys=True, ensure_ascii=True, indent=1)


def parse_block(text: str) -> Mapping[str, Any] | None:
    """The block in `text`, None where it is anything else."""
    try:
        found = json.loads(text.rstrip("\0"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not ({"Role", "Record", "SyntheticData"} & set(found)):
        return None
    return found


def sidecar_of(path: Path) -> Path:
    """``scan.json`` for ``scan.nii.gz``."""
    name = path.name
    for suffix in (".nii.gz", ".nii"):
        if name.lower().endswith(suffix):
            return path.with_name(name[: -len(suffix)] + ".json")
    return path.with_suffix(".json")


def read_sidecar(path: Path) -> Mapping[str, Any] | None:
    """The block beside `path`, None where there is none that can be read."""
    beside = sidecar_of(path)
    try:
        if beside.stat().st_size > 64 * 1024 * 1024:
            return None
        return parse_block(beside.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def role_of(block: Mapping[str, Any]) -> str:
    """The role the block names, empty where it names none of the catalogue."""
    role = block.get("Role")
    return role if isinstance(role, str) and role in ROLES else ""


def unit_of_block(block: Mapping[str, Any]) -> str:
    """``HU`` or ``1``."""
    return "HU" if block.get("Units") == "HU" else "1"


def exact_affine(block: Mapping[str, Any], affine: Affine) -> Affine:
    """The block's affine where `affine` (as NIfTI rounds it) agrees with it, else `affine`."""
    try:
        exact = np.array(block.get("AffineLPS"), dtype=np.float64)
    except (TypeError, ValueError):
        return affine
    if exact.shape != (4, 4) or not np.all(np.isfinite(exact)):
        return affine
    return exact if np.array_equal(exact.astype(np.float32), affine.astype(np.float32)) else affine


def synthetic_of(block: Mapping[str, Any] | None, description: str) -> Synthetic:
    """Whether the block or the header's description says that the image is synthetic."""
    record = None if block is None else block.get("Record")
    if isinstance(record, Mapping) and record.get("task") == PHANTOM_TASK:
        return "PHANTOM"
    said = block is not None and (block.get("SyntheticData") == "YES" or "Record" in block)
    return "YES" if said or description.startswith(_MARKED) else ""
