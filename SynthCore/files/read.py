"""Everything in: one function for every kind of image file.

>>> from SynthCore.files.read import read
>>> t1 = read("study", modality="T1")              # doctest: +SKIP
>>> ct = read("study#3")                           # doctest: +SKIP
>>> flair = read("flair.nii.gz", modality="FLAIR") # doctest: +SKIP
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from SynthCore.dicom.guard import guarded
from SynthCore.dicom.read import read_dicom
from SynthCore.errors import InputError
from SynthCore.files.formats import READABLE, kind_of_file, read_volume_file
from SynthCore.image import Image
from SynthCore.tasks import parse_role, unit_of


def read(path: str | Path, *, modality: str | None = None, series: str | None = None) -> Image:
    """Read an image in the patient's space.

    Parameters
    ----------
    path : str or Path
        DICOM folder or file, NIfTI (``.nii``, ``.nii.gz``), NRRD (``.nrrd``, ``.nhdr``), MetaImage
        (``.mha``, ``.mhd``) or MGH (``.mgz``, ``.mgh``). ``FOLDER#SERIES`` chooses a series by its
        SeriesInstanceUID or its number in `SynthCore.dicom.series.list_series`, unless something of
        that very name exists.
    modality : str or None
        Role of the catalogue (``T1``, ``CT``, ...). None: as the headers suggest, and empty where
        they do not.
    series : str or None
        The series of a DICOM folder, as after ``#``.

    Returns
    -------
    Image
        Voxels [k, j, i] in stored order (DICOM: k along row x column), affine in LPS mm, HU for
        CT. `Image.notes` says what was repaired or assumed, the choice of a series among several
        included.

    Raises
    ------
    InputError
        With what is wrong, where, and what to do; also for a constant image.
    """
    role = parse_role(modality) if modality else None
    place, chosen = split_series(path, series)
    with guarded(place.name, "cannot be read; check the path"):
        is_folder = place.is_dir()
        if not is_folder and not place.exists():
            raise InputError(f"{place.name or path} is not there; check the path.")
    kind = "dicom" if is_folder else kind_of_file(place)
    if kind == "dicom":
        image = read_dicom(place, modality=role, series=chosen)
    else:
        if chosen is not None:
            raise InputError(f"{place.name} has no series to choose from; leave out {chosen!r}.")
        image = _with_role(read_volume_file(place, kind), role)
    low, high = image.voxels.min(), image.voxels.max()
    if low == high:
        raise InputError(
            f"{place.name} is constant: every voxel is {float(low):g}; give an image with content."
        )
    return image


def split_series(path: str | Path, series: str | None = None) -> tuple[Path, str | None]:
    """``FOLDER#SERIES`` as folder and series; `series` given apart comes first.

    Raises
    ------
    InputError
        If no path is given, or two different series are.
    """
    text = str(path)
    if not text.strip() or "\0" in text:
        raise InputError(f"No path is given for the image; give {READABLE}.")
    whole = Path(path)
    if "#" not in text or _exists(whole):
        return whole, series
    before, _, after = text.rpartition("#")
    if not before or not after or not _exists(Path(before)):
        return whole, series
    if series is not None and series != after:
        raise InputError(f"Two series are asked for, {after} and {series}; give one.")
    return Path(before), after


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _with_role(image: Image, role: str | None) -> Image:
    if role is None or role == image.modality:
        return image
    notes = image.notes
    if image.modality:
        notes = (*notes, f"Read as {role} as asked; the file says {image.modality}.")
    return replace(image, modality=role, unit=unit_of(role), notes=notes)
