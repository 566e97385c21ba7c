"""NRRD and MetaImage by SimpleITK, whose world is LPS millimeters already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from SynthCore.dicom.guard import check_size, guarded
from SynthCore.errors import InputError
from SynthCore.files.grid import make_image
from SynthCore.files.itk_header import notes_on
from SynthCore.image import Image, Source, Synthetic, make_affine
from SynthCore.tasks import PHANTOM_TASK

_READERS = {"nrrd": "NrrdImageIO", "metaimage": "MetaImageIO"}
_NAMES = {"nrrd": "NRRD", "metaimage": "MetaImage"}
_MARK, _TASK, _RECORD = "SynthCore.SyntheticData", "SynthCore.Task", "SynthCore.Record"


def read_itk(path: Path, kind: str) -> Image:
    """Read a NRRD (``.nrrd``, ``.nhdr``) or MetaImage (``.mha``, ``.mhd``) file.

    Parameters
    ----------
    path : Path
        The file; of a pair, its header.
    kind : str
        ``nrrd`` or ``metaimage``.

    Raises
    ------
    InputError
        If it is damaged or no scalar volume.
    """
    trouble = (
        f"cannot be read as {_NAMES[kind]}: it, or the data file it names, is damaged or missing; "
        "copy it again"
    )
    with guarded(path.name, trouble):
        notes = notes_on(path, kind)
        reader = _opened(path, kind)
        size = tuple(int(n) for n in reader.GetSize())
        _check_scalar(path, size, reader)
        image = reader.Execute()
        while image.GetDimension() > 3:
            image = image[(slice(None),) * (image.GetDimension() - 1) + (0,)]
        voxels = sitk.GetArrayFromImage(image)
        direction = np.array(image.GetDirection()).reshape(3, 3)
        affine = make_affine(image.GetSpacing(), image.GetOrigin(), direction)
    made = make_image(voxels, affine, Source(kind, str(path)), path.name, notes)
    return replace(made, synthetic=_said_by(reader))


def record_in(path: Path) -> str | None:
    """The record of a NRRD that the Slicer module saved, JSON; None where its header has none.

    Raises
    ------
    InputError
        If it is damaged.
    """
    with guarded(path.name, "cannot be read as NRRD: it is damaged or missing; copy it again"):
        return _value(_opened(path, "nrrd"), _RECORD) or None


def _opened(path: Path, kind: str) -> Any:
    """A reader that has read the header.

    Raises
    ------
    InputError
        If the path cannot be told to ITK, which would end the process.
    """
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"{ascii(path.name)[1:-1]} lies under a name that is not UTF-8, from which "
            f"{_NAMES[kind]} is not read; rename the file or its folder."
        ) from error
    reader = sitk.ImageFileReader()
    reader.SetImageIO(_READERS[kind])
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    return reader


def _value(reader: Any, key: str) -> str:
    return str(reader.GetMetaData(key)) if reader.HasMetaDataKey(key) else ""


def _said_by(reader: Any) -> Synthetic:
    """The mark of a volume of the Slicer module, whose attributes are keys in a NRRD header."""
    said, task = (_value(reader, key) for key in (_MARK, _TASK))
    if said != "YES":
        return ""
    return "PHANTOM" if task == PHANTOM_TASK else "YES"


def _check_scalar(path: Path, size: tuple[int, ...], reader: Any) -> None:
    if len(size) < 3:
        raise InputError(f"{path.name} is a two-dimensional picture; give a volume.")
    check_size(size, path.name)
    components = int(reader.GetNumberOfComponents())
    if components > 1:
        raise InputError(
            f"{path.name} holds {components} numbers a voxel (color or vectors); "
            "give a scalar image."
        )
    if any(n > 1 for n in size[3:]):
        raise InputError(
            f"{path.name} is four-dimensional ({max(size[3:])} volumes); "
            "split it and give one volume."
        )
    if "complex" in sitk.GetPixelIDValueAsString(reader.GetPixelID()):
        raise InputError(f"{path.name} holds complex numbers; give the magnitude image.")
