"""Write an image as NIfTI with its exact affine and, for synthetic ones, mark and record."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

from SynthCore import __version__
from SynthCore.errors import ComputationError, InputError
from SynthCore.files.block import DESCRIPTION, make_block, sidecar_of
from SynthCore.files.grid import RAS_TO_LPS
from SynthCore.image import Array, Image
from SynthCore.staging import named, new_files

_SCANNER = 1
_COMMENT = 6
_NIFTI1_LONGEST = 32767


def write_nifti(
    image: Image, path: Path, *, record_json: str | None, origin: str | None = None
) -> Path:
    """Write `image` as ``.nii.gz`` (or ``.nii``), all of it or nothing.

    sform and qform carry the affine (code 1, mm). HU that are whole numbers become int16, masks
    uint8, other whole numbers the smallest signed type that holds them, the rest float32. A
    comment extension (code 6) holds role, unit, exact affine and the record as JSON; with a record
    or an origin the header's description is ``SYNTHETIC SynthCore`` and the same JSON lies beside
    the file as ``<name>.json``, with ``"SyntheticData": "YES"``.

    Parameters
    ----------
    image : Image
        What to write.
    path : Path
        The file, in a folder that exists; nothing is written over.
    record_json : str or None
        `SynthesisRecord.to_json`: how the image was made.
    origin : str, optional
        In words, how a synthetic image came about that no model made, such as a phantom. An image
        with neither record nor origin is not marked as synthetic.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    InputError
        If the name does not fit, the file or its sidecar is there already, or the folder cannot
        be written.
    ComputationError
        If the voxels are not finite or the disk is full.
    """
    path = Path(path)
    if not path.name.lower().endswith((".nii.gz", ".nii")):
        raise InputError(f"{path.name} is no NIfTI name; let it end in .nii.gz.")
    sidecar = sidecar_of(path)
    # the image takes its name last: with it the result is whole
    synthetic = record_json is not None or origin is not None
    targets = (sidecar, path) if synthetic else (path,)
    block = make_block(image, record_json, __version__, origin)
    _refuse_existing(targets)
    nifti = _nifti(image, block, synthetic=synthetic)
    with new_files(*targets) as parts:
        _write_image(nifti, parts[-1], zipped=path.name.lower().endswith(".gz"))
        if synthetic:
            parts[0].write_text(block + "\n", encoding="utf-8")
    return path


def _refuse_existing(targets: tuple[Path, ...]) -> None:
    for target in targets:
        try:
            there = target.exists()
        except OSError as error:  # a name that is too long
            raise named(error, target.parent) from error
        if there:
            raise InputError(f"{target.name} is there already; nothing is written over, so rename.")


def _nifti(image: Image, block: str, *, synthetic: bool) -> Any:
    voxels = _storable(image)
    make = nib.Nifti1Image if max(voxels.shape) <= _NIFTI1_LONGEST else nib.Nifti2Image
    affine = RAS_TO_LPS @ image.affine + 0.0
    nifti = make(voxels.transpose(2, 1, 0), affine, dtype=voxels.dtype)
    nifti.set_sform(affine, code=_SCANNER)
    nifti.set_qform(affine, code=_SCANNER)
    header = nifti.header
    header.set_xyzt_units("mm")
    header.set_slope_inter(1, 0)
    header["descrip"] = (DESCRIPTION if synthetic else "SynthCore").encode()
    header.extensions.append(nib.nifti1.Nifti1Extension(_COMMENT, block.encode("ascii")))
    return nifti


def _storable(image: Image) -> Array:
    voxels = image.voxels
    if voxels.dtype == np.bool_:
        return voxels.astype(np.uint8)
    if voxels.dtype.kind == "f":
        if not np.all(np.isfinite(voxels)):
            raise ComputationError(
                "The image holds voxels that are NaN or infinite and was not written; "
                "compute it again."
            )
        if image.unit != "HU" or not np.array_equal(voxels, np.rint(voxels)):
            return voxels.astype(np.float32)
    low, high = float(voxels.min()), float(voxels.max())
    for dtype in (np.int16, np.int32):
        if np.iinfo(dtype).min <= low and high <= np.iinfo(dtype).max:
            return voxels.astype(dtype)
    return voxels.astype(np.float32)


def _write_image(nifti: Any, path: Path, *, zipped: bool) -> None:
    with path.open("xb") as raw:
        if not zipped:
            nifti.to_stream(raw)
            return
        # no name and no time in the gzip header: the same image gives the same bytes
        with gzip.GzipFile("", "wb", 4, raw, mtime=0) as stream:
            nifti.to_stream(stream)
