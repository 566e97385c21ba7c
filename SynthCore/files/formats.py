"""Which reader a file needs, by its name, and what to say where there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from SynthCore.dicom.marks import PREFIX
from SynthCore.dicom.scan import looks_like_dicom
from SynthCore.errors import InputError
from SynthCore.files.block import read_sidecar, sidecar_of, synthetic_of
from SynthCore.files.itk import read_itk
from SynthCore.files.nibabel_formats import read_mgh, read_nifti
from SynthCore.image import Image

_KINDS = (
    ((".nii", ".nii.gz"), "nifti"),
    ((".mgz", ".mgh"), "mgh"),
    ((".nrrd", ".nhdr"), "nrrd"),
    ((".mha", ".mhd"), "metaimage"),
)
_ADVICE = {
    ".zip": "unpack it and give the folder",
    ".gz": "unpack it first",
    ".tar": "unpack it and give the folder",
    ".7z": "unpack it and give the folder",
    ".hdr": "convert the Analyze pair to NIfTI (.nii.gz)",
    ".img": "convert the Analyze pair to NIfTI (.nii.gz)",
    ".raw": "give the header file (.mhd or .nhdr) beside it",
}
READABLE = "a DICOM folder or file, NIfTI, NRRD, MetaImage or MGZ"


def kind_of_file(path: Path) -> str:
    """``nifti``, ``mgh``, ``nrrd``, ``metaimage`` or ``dicom``.

    Raises
    ------
    InputError
        If the name and the first bytes are those of none of them.
    """
    name = path.name.lower()
    for endings, kind in _KINDS:
        if name.endswith(endings):
            return kind
    if looks_like_dicom(path) or path.suffix.lower() in (".dcm", ".ima", ".dicom"):
        return "dicom"
    if path.suffix.lower() in _ADVICE:
        raise InputError(f"{path.name} cannot be read as it is; {_ADVICE[path.suffix.lower()]}.")
    raise InputError(f"{path.name} is not an image that can be read; give {READABLE}.")


def read_volume_file(path: Path, kind: str) -> Image:
    """Read a file that is not DICOM.

    Raises
    ------
    InputError
        With what is wrong, where, and what to do.
    """
    if kind == "nifti":
        image = read_nifti(path)
    elif kind == "mgh":
        image = read_mgh(path)
    else:
        image = read_itk(path, kind)
    return _with_mark(image, path)


def _with_mark(image: Image, path: Path) -> Image:
    """With the mark that a file carries, or has beside it or in its name.

    3D Slicer writes NRRD files with no mark but the name of the volume.
    """
    synthetic = image.synthetic
    if not synthetic and image.source.kind != "nifti" and not _nifti_beside(path):
        synthetic = synthetic_of(read_sidecar(path), "")
    if not synthetic and path.name.startswith(PREFIX + " "):
        synthetic = "YES"
    if not synthetic:
        return image
    note = "The file is marked as synthetic."
    return replace(image, synthetic=synthetic, notes=(*image.notes, note))


def _nifti_beside(path: Path) -> bool:
    """Whether the sidecar of a file is that of a NIfTI file of the same name."""
    return any(sidecar_of(path).with_suffix(ending).exists() for ending in (".nii.gz", ".nii"))
