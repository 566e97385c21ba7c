"""Label maps of heads as the generator takes them: axes toward superior, posterior, left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.axes import toward_lps
from SynthCore.errors import InputError, RefusedError
from SynthCore.files.read import read
from SynthCore.image import Array
from SynthCore.physics.generator.labels import KNOWN
from SynthCore.words import listed

ENDINGS = (".nii", ".nii.gz", ".mgz", ".nrrd", ".mha")

Triple = tuple[float, float, float]


def is_label_map(path: Path) -> bool:
    """Whether it is one by its name."""
    return path.name.endswith(ENDINGS) and not path.name.startswith(".")


def label_map_name(path: Path) -> str:
    """Name of the file without the ending of its format; other dots stay."""
    ending = next((one for one in sorted(ENDINGS, key=len)[::-1] if path.name.endswith(one)), "")
    return path.name.removesuffix(ending)


def label_map_files(folder: Path) -> list[Path]:
    """Label maps of a folder, by name; hidden files are none.

    Raises
    ------
    InputError
        If it is no folder, or holds none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder.name} is not a folder; give one of label maps with --labels.")
    files = sorted(path for path in folder.iterdir() if is_label_map(path))
    if not files:
        raise InputError(f"The folder {folder.name} holds no label map (NIfTI, MGH or NRRD).")
    return files


def label_maps_at(place: Path) -> list[Path]:
    """A label map itself, or those of a folder.

    Raises
    ------
    InputError
        If there is none.
    """
    if place.is_file():
        if not is_label_map(place):
            raise InputError(f"{place.name} is no label map; give NIfTI, MGH, NRRD or MHA.")
        return [place]
    if not place.exists():
        raise InputError(f"There is no {place.name} with label maps; check --labels.")
    return label_map_files(place)


def read_label_map(path: Path) -> tuple[npt.NDArray[np.int16], Triple]:
    """Read a label map.

    Returns
    -------
    numpy.ndarray
        int16 [k, j, i], axes toward superior, posterior, left.
    tuple of float
        Spacing along (k, j, i), mm.

    Raises
    ------
    InputError
        If it cannot be read.
    RefusedError
        If a number is none that the generator knows: it would become soft tissue.
    """
    image, _ = toward_lps(read(path))
    i, j, k = image.spacing
    _refuse_unknown(image.voxels, i * j * k / 1000, label_map_name(path))
    return np.ascontiguousarray(image.voxels).astype(np.int16), (k, j, i)


def _refuse_unknown(voxels: Array, ml: float, name: str) -> None:
    # as they were read: 65536 more than a number that is known is not that number
    other = voxels[~np.isin(voxels, sorted(KNOWN))]
    if not other.size:
        return
    numbers, counts = np.unique(other, return_counts=True)
    largest = np.argsort(-counts, kind="stable")
    told = [f"{numbers[n]:.10g} ({counts[n] * ml:.2g} ml)" for n in largest]
    raise RefusedError(
        f"The label map {name} holds numbers that the generator does not know: {listed(told)}; "
        "give one in SynthSeg's numbers alone."
    )
