"""Stored pixels to values: decompressed, rescaled, padding replaced, in a natural type."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pydicom
from pydicom.pixels import apply_modality_lut

from SynthCore.dicom.charset import settle_charset
from SynthCore.dicom.decode import decode
from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.frames import Frame
from SynthCore.dicom.guard import guarded
from SynthCore.dicom.headers import Header, item, text
from SynthCore.dicom.padding import padding_in
from SynthCore.dicom.patient_study import COPIED
from SynthCore.errors import InputError
from SynthCore.image import Array

AIR_HU = -1024
"""What padding becomes in CT: the lowest number most scanners write, air."""

_LOWEST_TISSUE, _HIGHEST_TISSUE = -1000, 3071
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


@dataclass
class Volume:
    """Values of the slices as they come in, with the headers and what happened on the way.

    Attributes
    ----------
    voxels : numpy.ndarray
        Shape (k, j, i).
    headers : dict
        The data set without pixels of each file.
    padding : int
        Voxels that held PixelPaddingValue and were replaced.
    """

    voxels: Array
    headers: dict[Path, Header] = field(default_factory=dict)
    padding: int = 0
    kept_padding: int = 0


def read_volume(frames: tuple[Frame, ...], ct: bool) -> Volume:
    """Decode `frames` in their order.

    Parameters
    ----------
    frames : tuple of Frame
        In the order of k; those of one multi-frame file are read from it once.
    ct : bool
        Whether padding is set to `AIR_HU`; to 0 otherwise.

    Returns
    -------
    Volume
        int16 or int32 where every slope is 1 and every intercept whole (HU are exact), the stored
        type where nothing is rescaled, float32 otherwise.

    Raises
    ------
    InputError
        If a file cannot be read again or its pixels are cut short or cannot be decompressed.
    """
    volume: Volume | None = None
    opened: dict[Path, Header] = {}
    remaining: dict[Path, int] = {}
    for frame in frames:
        path = frame.instance.path
        remaining[path] = remaining.get(path, 0) + 1
    for k, frame in enumerate(frames):
        path = frame.instance.path
        if path not in opened:
            opened[path] = _open(path)
        header = opened[path]
        values, replaced, kept = _frame_values(header, frame, ct)
        if volume is None:
            volume = Volume(_empty((len(frames), *values.shape), values, frames))
        if values.shape != volume.voxels.shape[1:]:
            raise InputError(
                f"{frame.name} holds {values.shape[0]} x {values.shape[1]} pixels, not the "
                f"{volume.voxels.shape[1]} x {volume.voxels.shape[2]} of the series; copy it again."
            )
        volume.voxels = _fitting(volume.voxels, values)
        volume.voxels[k] = values
        volume.padding += replaced
        volume.kept_padding += kept
        remaining[path] -= 1
        if remaining[path] == 0:
            for keyword in _PIXELS:
                if keyword in header:
                    delattr(header, keyword)
    if volume is None:
        raise InputError("A series without a slice cannot be read; give one with images.")
    volume.headers = opened
    return volume


def _open(path: Path) -> Header:
    with guarded(path.name, "has a damaged DICOM header; copy it again"):
        header = read_file(path, force=True)
        settle_charset(header, COPIED)
        meta = getattr(header, "file_meta", None)
        if meta is None:
            meta = header.file_meta = pydicom.dataset.FileMetaDataset()
        if not text(meta, "TransferSyntaxUID"):
            implicit, little = header.original_encoding
            meta.TransferSyntaxUID = (
                pydicom.uid.ImplicitVRLittleEndian
                if implicit
                else pydicom.uid.ExplicitVRLittleEndian
                if little
                else pydicom.uid.ExplicitVRBigEndian
            )
    if not any(keyword in header for keyword in _PIXELS):
        raise InputError(f"{path.name} has no pixel data; it is cut short, copy it again.")
    return header


def _frame_values(header: Header, frame: Frame, ct: bool) -> tuple[Array, int, int]:
    trouble = "has pixel data that is cut short or cannot be decompressed; copy it again"
    with guarded(frame.name, trouble):
        stored = decode(header, frame.name, index=frame.index)
        if frame.index is None and stored.ndim == 3 and stored.shape[0] == 1:
            stored = stored[0]
        padded, certain = padding_in(header, frame, stored)
        lookup = item(header, "ModalityLUTSequence")
        values = (
            np.asarray(apply_modality_lut(stored, header), dtype=np.float32)
            if lookup is not None
            else _rescaled(stored, frame.slope, frame.intercept)
        )
    if values.ndim != 2:
        raise InputError(f"{frame.name} is no single grayscale picture; give the original series.")
    if padded is None or not padded.any():
        return values, 0, 0
    count = int(padded.sum())
    shown = values[padded]
    tissue = (shown > _LOWEST_TISSUE) & (shown <= _HIGHEST_TISSUE)
    if ct and not certain and np.all(tissue):
        return values, 0, count  # a scanner's mistake: water would become air
    if ct and np.all((shown >= AIR_HU) & (shown <= _LOWEST_TISSUE)):
        return values, 0, 0
    if not ct and not shown.any():
        return values, 0, 0
    # unsigned pixels hold no air
    values = values.astype(np.promote_types(values.dtype, np.int16) if ct else values.dtype)
    values[padded] = AIR_HU if ct else 0
    return values, count, 0


def _rescaled(stored: Array, slope: float, intercept: float) -> Array:
    native = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    if native.dtype.kind == "f":
        return (native * slope + intercept).astype(np.float32)
    if slope == 1 and intercept == 0:
        return native
    if slope == 1 and float(intercept).is_integer() and native.itemsize <= 2:
        return native.astype(np.int32) + np.int32(intercept)
    return (native.astype(np.float64) * slope + intercept).astype(np.float32)


def _empty(shape: tuple[int, ...], values: Array, frames: tuple[Frame, ...]) -> Array:
    plain = all(frame.slope == 1 and float(frame.intercept).is_integer() for frame in frames)
    dtype = values.dtype
    if dtype == np.int32 and plain:
        dtype = np.dtype(np.int16)
    return np.zeros(shape, dtype=dtype)


def _fitting(voxels: Array, values: Array) -> Array:
    """`voxels` in a type that holds `values` as well."""
    if values.dtype == voxels.dtype:
        return voxels
    if voxels.dtype.kind == "f":
        return voxels
    if values.dtype.kind == "f":
        return voxels.astype(np.float32)
    limits = np.iinfo(voxels.dtype)
    if values.min() >= limits.min and values.max() <= limits.max:
        return voxels
    return voxels.astype(np.int32 if values.dtype.itemsize <= 4 else np.int64)
