"""A missing sequence: brains with all of T1, T1c, T2 and FLAIR, each made from the others."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from scipy import ndimage

from SynthCore.bench.quality.case import Mask, QualityCase, Waiting
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image

FOLDERS = {
    "open_ms_cross_patient07": ("mr_multicontrast/open_ms_cross_patient07", "lesion_mask"),
    "open_ms_cross_patient26": ("mr_multicontrast/open_ms_cross_patient26", "lesion_mask"),
    "AURORA": ("mr_multicontrast/brainlesion_AURORA", ""),
    "TCGA-FG-6692": ("tumour/TCGA-FG-6692_brats", "seg_fused_simple"),
    "cstar_stroke": ("mr_multicontrast/cstar_stroke", ""),
}
"""By patient: folder, and file of the lesion."""

ROLES = ("T1", "T1c", "T2", "FLAIR")


def sequence_cases(data: Path) -> list[Waiting]:
    """Each sequence of each brain from its others, and T2 and FLAIR from T1 alone."""
    found = []
    for patient, (folder, _) in FOLDERS.items():
        present = [role for role in ROLES if _file(data / folder, role) is not None]
        for target in present:
            others = tuple(role for role in present if role != target)
            found.append(_waiting(data, patient, others, target))
        for target in ("T2", "FLAIR"):
            if "T1" in present and target in present:
                found.append(_waiting(data, patient, ("T1",), target))
    return found


def _waiting(data: Path, patient: str, given: tuple[str, ...], target: str) -> Waiting:
    name = f"{patient}: {target} from {'+'.join(given)}"
    return Waiting("mr-sequence", name, partial(_case, data, patient, given, target, name))


def _file(folder: Path, role: str) -> Path | None:
    for name in (role, role.lower()):
        if (folder / f"{name}.nii.gz").is_file():
            return folder / f"{name}.nii.gz"
    return None


def _case(data: Path, patient: str, given: tuple[str, ...], target: str, name: str) -> QualityCase:
    folder, lesion_file = FOLDERS[patient]
    images = _sequences(data / folder)
    brain = brain_of(images)
    lesion = None
    if lesion_file:
        lesion = np.asarray(read(data / folder / f"{lesion_file}.nii.gz").voxels > 0) & brain
    truth = images[target].with_voxels(
        np.where(brain, images[target].voxels, 0).astype(np.float32), modality=target, unit="1"
    )
    return QualityCase(
        "mr-sequence", name, patient, {role: images[role] for role in given}, target, truth,
        "brasyn", brain, "brain: what any sequence shows, filled", lesion,
    )  # fmt: skip


def _sequences(folder: Path) -> dict[str, Image]:
    paths = {role: _file(folder, role) for role in ROLES}
    return {role: read(path, modality=role) for role, path in paths.items() if path is not None}


def another_brain(data: Path, patient: str, role: str) -> tuple[Image, Mask]:
    """That sequence of the first patient who is another one, and the brain in it.

    Raises
    ------
    InputError
        If no other patient has it.
    """
    for other, (folder, _) in FOLDERS.items():
        if other != patient and _file(data / folder, role) is not None:
            images = _sequences(data / folder)
            return images[role], brain_of(images)
    raise InputError(f"No other patient has {role}.")


def brain_of(images: dict[str, Image]) -> Mask:
    """The filled union of what any of the skull-stripped sequences shows, [k, j, i]."""
    shown = np.any([image.voxels > 0 for image in images.values()], axis=0)
    return np.stack([ndimage.binary_fill_holes(plane) for plane in shown])
