"""The record of a NIfTI file, from its header extension or its sidecar."""

from __future__ import annotations

import json
from pathlib import Path

from SynthCore.files.nibabel_formats import block_in


def read_record(path: Path) -> str | None:
    """The synthesis record as the JSON text `SynthesisRecord.from_json` takes.

    Parameters
    ----------
    path : Path
        A NIfTI file.

    Returns
    -------
    str or None
        None where neither the file nor its sidecar holds one.

    Raises
    ------
    InputError
        If the file is not there or damaged.
    """
    block = block_in(path)
    if block is None or not isinstance(block.get("Record"), dict):
        return None
    return json.dumps(block["Record"], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
