"""The record of a NIfTI file, in it or beside it, and of a NRRD, in its header."""

from __future__ import annotations

import json
from pathlib import Path

from SynthCore.files.itk import record_in
from SynthCore.files.nibabel_formats import block_in


def read_record(path: Path) -> str | None:
    """The synthesis record as the JSON text `SynthesisRecord.from_json` takes.

    Parameters
    ----------
    path : Path
        A NIfTI file, or a NRRD that the Slicer module saved.

    Returns
    -------
    str or None
        None where neither the file nor its sidecar holds one.

    Raises
    ------
    InputError
        If the file is not there or damaged.
    """
    if path.name.lower().endswith((".nrrd", ".nhdr")):
        return record_in(path)
    block = block_in(path)
    if block is None or not isinstance(block.get("Record"), dict):
        return None
    return json.dumps(block["Record"], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
