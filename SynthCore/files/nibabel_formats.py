"""NIfTI (1 and 2, single file) and FreeSurfer MGH by nibabel; RAS there, LPS here."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

from SynthCore.dicom.guard import check_size, guarded
from SynthCore.errors import InputError
from SynthCore.files.block import (
    exact_affine,
    parse_block,
    read_sidecar,
    role_of,
    synthetic_of,
    unit_of_block,
)
from SynthCore.files.grid import RAS_TO_LPS, make_image
from SynthCore.image import Affine, Array, Image, Source, corner_points

_HEAD = 1024
_SLACK = 64 * 1024 * 1024
_MGH_FLAG = 28
"""Bytes before goodRASFlag in an MGH header."""
_QFORM_RAD = 1.4e-3
"""What a qform may lose: three numbers of 32 bits hold a turn by nearly 180 degrees, of which the
fourth is the root of what is left; nibabel takes up to three ulps of 1 (3.6e-7) for nothing, and
rounding adds one: twice the root of 4.8e-7."""
_UNITS = {1: ("meter", 1000.0), 3: ("micron", 0.001)}
"""Spatial units by the lowest three bits of xyzt_units (nifti1.h) that are no millimeters."""


def read_nifti(path: Path) -> Image:
    """Read a NIfTI file (``.nii``, ``.nii.gz``), scaled as its header says.

    Role, unit and exact affine are restored where SynthCore wrote the file.

    Raises
    ------
    InputError
        If it is damaged, not a scalar volume, or holds NaN or infinity.
    """
    with guarded(path.name, "cannot be read as NIfTI: it is damaged or cut short; copy it again"):
        image = load_nifti(path)
        voxels = _values(image)
        affine, notes = _nifti_affine(image)
        block = _extension(image) or read_sidecar(path)
        description = bytes(image.header["descrip"]).decode("ascii", errors="ignore")
    if block is not None:
        affine = exact_affine(block, affine)
    found = make_image(_kji(voxels), affine, Source("nifti", str(path)), path.name, notes)
    found = replace(found, synthetic=synthetic_of(block, description))
    if block is None:
        return found
    return found.with_voxels(found.voxels, modality=role_of(block), unit=unit_of_block(block))


def read_mgh(path: Path) -> Image:
    """Read a FreeSurfer volume (``.mgz``, ``.mgh``).

    Raises
    ------
    InputError
        If it is damaged or not a scalar volume.
    """
    with guarded(path.name, "cannot be read as MGH: it is damaged or cut short; copy it again"):
        image = _load(path, {1: nib.MGHImage})
        voxels, affine = _values(image), RAS_TO_LPS @ image.affine
        notes = () if _states_orientation(path) else (_no_orientation(),)
    return make_image(_kji(voxels), affine, Source("mgh", str(path)), path.name, notes)


def _states_orientation(path: Path) -> bool:
    """The flag as stored: nibabel fills in an orientation and raises it."""
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream: Any = gzip.GzipFile(fileobj=raw) if zipped else raw
        return int.from_bytes(stream.read(_MGH_FLAG + 2)[_MGH_FLAG:], "big", signed=True) > 0


def block_in(path: Path) -> Mapping[str, Any] | None:
    """The block SynthCore wrote into or beside a NIfTI file, None where there is none.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    with guarded(path.name, "cannot be read as NIfTI: it is damaged or cut short; copy it again"):
        return _extension(load_nifti(path, voxels=False)) or read_sidecar(path)


def load_nifti(path: Path, *, voxels: bool = True) -> Any:
    """The image of nibabel, compressed or not, whatever its name says.

    Without `voxels` only its header and extensions are read, and good for anything.

    Raises
    ------
    InputError
        If it is no NIfTI file, or cut short.
    """
    return _load(path, {348: nib.Nifti1Image, 540: nib.Nifti2Image}, voxels=voxels)


def _load(path: Path, classes: Mapping[int, Any], *, voxels: bool = True) -> Any:
    """The image in memory, its size checked before it is allocated, its checksum verified."""
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream: Any = gzip.GzipFile(fileobj=raw) if zipped else raw
        head = stream.read(_HEAD)
        if not head:
            raise InputError(f"{path.name} is empty; copy it again.")
        kind = _class(head, classes)
        if kind is None:
            raise InputError(f"{path.name} is not the kind of file its name says; check the name.")
        header = _header(kind, head)
        shape = tuple(int(n) for n in header.get_data_shape())
        dtype = header.get_data_dtype()
        check_size(shape, path.name)
        _check_scalar(path, shape, dtype)
        count = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        needed = count + int(header.get_data_offset())
        # deflate packs a thousand to one at best: a small file cannot hold what this one claims
        if path.stat().st_size * (1100 if zipped else 1) < needed:
            raise InputError(f"{path.name} is cut short; copy it again.")
        if not voxels:
            return kind.from_bytes(head + stream.read(max(0, needed - count - len(head))))
        rest = stream.read(needed - len(head) + _SLACK)
        return kind.from_bytes(head + rest)


def _class(head: bytes, classes: Mapping[int, Any]) -> Any:
    for order in ("little", "big"):
        kind = classes.get(int.from_bytes(head[:4], order))
        if kind is not None:
            return kind
    return None


def _header(kind: Any, head: bytes) -> Any:
    if kind is nib.MGHImage:
        return kind.header_class.from_fileobj(io.BytesIO(head))
    # without the extensions, which may be longer than the head
    return kind.header_class(head[: 348 if kind is nib.Nifti1Image else 540])


def _check_scalar(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    if dtype.names is not None:
        raise InputError(f"{path.name} is a color image (RGB); give a scalar image.")
    if dtype.kind == "c":
        raise InputError(f"{path.name} holds complex numbers; give the magnitude image.")
    if dtype.kind not in "iufb":
        raise InputError(f"{path.name} holds no numbers (type {dtype}); give a scalar image.")
    if any(n > 1 for n in shape[3:]):
        count = int(np.prod(shape[3:]))
        raise InputError(
            f"{path.name} is four-dimensional ({count} volumes); split it and give one volume."
        )


def _values(image: Any) -> Array:
    """Scaled values in the order (i, j, k): whole numbers stay whole where the scaling is."""
    proxy = image.dataobj
    stored: Array = np.asarray(proxy.get_unscaled() if hasattr(proxy, "get_unscaled") else proxy)
    stored = stored.reshape((*stored.shape, 1, 1, 1)[:3])
    slope, inter = float(getattr(proxy, "slope", 1)), float(getattr(proxy, "inter", 0))
    if (slope, inter) == (1.0, 0.0):
        return stored
    if slope == 1.0 and inter.is_integer() and stored.dtype.kind in "iu" and abs(inter) < 2**30:
        shifted = stored.astype(np.int64) + int(inter)
        small = np.iinfo(np.int16)
        fits = shifted.min() >= small.min and shifted.max() <= small.max
        return shifted.astype(np.int16 if fits else np.int64)
    return (stored.astype(np.float64) * slope + inter).astype(np.float32)


def _kji(voxels: Array) -> Array:
    return voxels.transpose(2, 1, 0)


def _nifti_affine(image: Any) -> tuple[Affine, tuple[str, ...]]:
    header = image.header
    sform, s_code = header.get_sform(coded=True)
    qform, q_code = header.get_qform(coded=True)
    notes: list[str] = []
    if not s_code and not q_code:
        notes.append(_no_orientation())
    if s_code and q_code and _apart(sform, qform, image.shape):
        notes.append("sform and qform of the header disagree; the sform was used.")
    unit, factor = _UNITS.get(int(header["xyzt_units"]) & 7, ("mm", 1.0))
    affine = np.array(image.affine, dtype=np.float64)
    if factor != 1.0:
        affine[:3] *= factor
        notes.append(f"The header's unit is {unit}; it was converted to millimeters.")
    return RAS_TO_LPS @ affine, tuple(notes)


def _apart(sform: Affine, qform: Affine, shape: tuple[int, ...]) -> bool:
    """Whether a corner moves by more than a tenth of a voxel, and than a qform may lose."""
    i, j, k = (*shape, 1, 1, 1)[:3]
    corners = corner_points((k, j, i), sform)
    moved = np.linalg.norm(corners - corner_points((k, j, i), qform), axis=1).max()
    spacing = np.linalg.norm(sform[:3, :3], axis=0).min()
    length = np.linalg.norm(corners - corners[0], axis=1).max()
    return bool(moved > max(0.1 * spacing, _QFORM_RAD * length))


def _no_orientation() -> str:
    return "The header says nothing of the orientation; left and right may be exchanged."


def _extension(image: Any) -> Mapping[str, Any] | None:
    for extension in getattr(image.header, "extensions", ()):
        if extension.get_code() == 6:
            content = extension.get_content()
            text = content.decode("utf-8", "ignore") if isinstance(content, bytes) else str(content)
            block = parse_block(text)
            if block is not None:
                return block
    return None
