"""The first DICOM file of a volume node, and what is read from it once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import slicer

from SynthCore.dicom.header_files import read_header
from SynthCore.dicom.headers import Header
from SynthCore.errors import InputError

T = TypeVar("T")

INSTANCE_UIDS = "DICOM.instanceUIDs"


def instance_uids(node: Any) -> tuple[str, ...]:
    """SOPInstanceUIDs of the node's files, in the order Slicer read them; often none."""
    return tuple((node.GetAttribute(INSTANCE_UIDS) or "").split())


def first_header(node: Any, database: Any) -> Header | None:
    """The header of the node's first file, None where the database does not have it.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    uids = instance_uids(node)
    path = file_of(uids[0], database) if uids else None
    return read_header(path, described(node.GetName())) if path is not None else None


def told_once(node: Any, known: dict[str, T], ask: Callable[[Header], T]) -> T | None:
    """What `ask` finds in the node's first header, read once for each series.

    Parameters
    ----------
    node : vtkMRMLScalarVolumeNode
        Any; None is returned where there is no header, or not yet: it may still be imported.
    known : dict
        Answers by the SOPInstanceUID of a series' first file; added to.
    ask : callable
        Takes a header.
    """
    first = next(iter(instance_uids(node)), "")
    if first and first not in known:
        try:
            header = first_header(node, getattr(slicer, "dicomDatabase", None))
        except InputError:
            header = None
        if header is None:
            return None
        known[first] = ask(header)
    return known.get(first)


def file_of(uid: str, database: Any) -> Path | None:
    """The file of an instance, None where the database does not have it."""
    found = database.fileForInstance(uid) if database is not None else ""
    path = Path(found) if found else None
    return path if path is not None and path.is_file() else None


def described(name: str) -> str:
    """A node's file, in an error."""
    return f"A DICOM file of {name}"
