"""Whether the file or the DICOM series a node was loaded from says that it is synthetic.

Views ask this at every picture they draw, so each file is opened once.
"""

from __future__ import annotations

import gzip
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from SlicerSynthLib.first_header import told_once
from SynthCore.dicom.record_tags import synthetic_of
from SynthCore.image import Synthetic

_NIFTI, _NRRD = (".nii", ".nii.gz"), (".nrrd", ".nhdr")

_by_instance: dict[str, Synthetic] = {}
_by_file: dict[str, bool] = {}

SYNTHETIC_DATA = "SynthCore.SyntheticData"
"""Attribute of a node that says so; in the header of a NRRD file it is a key."""

_LONGEST_HEADER = 64 * 1024 * 1024
_DESCRIPTION_AT = {348: 148, 540: 240}
"""Where NIfTI-1 and NIfTI-2 keep their description, by the size of their header."""


def said_of(node: Any) -> Synthetic:
    """What the node's DICOM says, or the header of its NIfTI or NRRD file."""
    in_dicom = told_once(node, _by_instance, synthetic_of)
    return in_dicom or ("YES" if _file_says(node) else "")


def _file_says(node: Any) -> bool:
    storage = node.GetStorageNode()
    name = (storage.GetFileName() or "") if storage is not None else ""
    return name.lower().endswith((*_NIFTI, *_NRRD)) and header_says(name)


def header_says(name: str) -> bool:
    """Whether the header of a NIfTI or NRRD file says that it is synthetic."""
    try:
        state = Path(name).stat()
    except OSError:  # what was loaded from a file stays what it is when the file has gone
        return _by_file.get(name, False)
    # another file may have taken the name
    _by_file[name] = _read(name, state.st_mtime_ns, state.st_size)
    return _by_file[name]


@lru_cache(maxsize=512)
def _read(name: str, _changed: int, _size: int) -> bool:
    return (_read_nrrd if name.lower().endswith(_NRRD) else _read_nifti)(name)


def _read_nrrd(name: str) -> bool:
    """Whether the node's attribute is among its keys, which end at the first empty line."""
    wanted, left = f"{SYNTHETIC_DATA}:=YES".encode(), _LONGEST_HEADER
    try:
        with Path(name).open("rb") as stream:
            while left > 0 and (line := stream.readline(left).rstrip(b"\r\n")):
                if line == wanted:
                    return True
                left -= len(line)
    except OSError:
        pass
    return False


def _read_nifti(name: str) -> bool:
    """Whether its description begins with SYNTHETIC."""
    opened = gzip.open if name.lower().endswith(".gz") else open
    try:
        with opened(Path(name), "rb") as stream:
            header = stream.read(540)
    except (OSError, EOFError, zlib.error):
        return False
    sizes = (int.from_bytes(header[:4], "little"), int.from_bytes(header[:4], "big"))
    return any(
        header[at:].startswith(b"SYNTHETIC") for s, at in _DESCRIPTION_AT.items() if s in sizes
    )
