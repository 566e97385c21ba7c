"""The subjects of an augmented folder, as training reads them; no torch here."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.augment.bids import DERIVATIVES, image_name, mask_name
from SynthCore.augment.split import PARTS
from SynthCore.errors import InputError
from SynthCore.files.read import read

_SUBJECT = re.compile(r"sub-[0-9]{4,8}")


@dataclass(frozen=True)
class Sample:
    """One subject: where its images and its mask lie, whose they are, and its part."""

    name: str
    patient: str
    part: str
    kind: str
    images: Mapping[str, Path] = field(default_factory=dict)
    mask: Path = Path()


def read_samples(folder: Path, roles: Sequence[str], part: str | None = None) -> tuple[Sample, ...]:
    """The subjects of a folder that have these images.

    Parameters
    ----------
    folder : Path
        What `SynthCore.augment.cohort.augment` made.
    roles : sequence of str
        Images that are needed; a subject without one of them is left out.
    part : str or None
        ``train``, ``validation`` or ``test``; all of them where None.

    Raises
    ------
    InputError
        If it is no such folder, there is no such part, or no subject is left.
    """
    if part is not None and part not in PARTS:
        raise InputError(f"There is no part {part!r}; there are {', '.join(PARTS)}.")
    try:
        text = (folder / "participants.tsv").read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder.name} holds no participants.tsv; give what augment made.") from (
            error
        )
    found = []
    for line in csv.DictReader(text.splitlines(), delimiter="\t"):
        name = line.get("participant_id") or ""
        if not _SUBJECT.fullmatch(name):  # a path is made of it
            raise InputError(
                "participants.tsv names a subject that does not exist; run augment again."
            )
        if part is not None and line.get("split") != part:
            continue
        images = {role: folder / name / "anat" / image_name(name, role) for role in roles}
        mask = folder / DERIVATIVES / name / "anat" / mask_name(name)
        if mask.is_file() and all(path.is_file() for path in images.values()):
            found.append(
                Sample(name, line.get("patient") or name, line.get("split") or "",
                       line.get("kind") or "", images, mask)
            )  # fmt: skip
    if not found:
        raise InputError(
            f"{folder.name} has no subject with {', '.join(roles)}"
            f"{'' if part is None else f' in {part}'}."
        )
    return tuple(found)


def load(sample: Sample) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    """Voxels of a sample: images [role, k, j, i] and mask [k, j, i].

    Raises
    ------
    InputError
        If its images lie on different grids: resample them before.
    """
    images = [read(path, modality=role) for role, path in sample.images.items()]
    mask = read(sample.mask)
    if not all(image.same_grid(mask) for image in images):
        raise InputError(
            f"The images of {sample.name} do not lie on one grid; resample the studies before "
            "lesions are placed in them."
        )
    stacked = np.stack([image.voxels for image in images]).astype(np.float32)
    return stacked, mask.voxels.astype(np.uint8)
