"""A missing sequence: brains with all of T1, T1c, T2 and FLAIR, each made from the others."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from SynthCore.bench.quality.case import Mask, QualityCase, Waiting
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.quality.morphology import fill_slices
from SynthCore.training.sequence.studies import PLACES, Place

BRAINS = {place.patient: place for place in PLACES if not place.skull}
"""By patient, as the card of the model names those it was trained on."""


def sequence_cases(data: Path) -> list[Waiting]:
    """Each sequence of each brain from its others, and T2 and FLAIR from T1 alone."""
    found = []
    for patient, place in BRAINS.items():
        present = list(_paths(data, place))
        for target in present:
            others = tuple(role for role in present if role != target)
            found.append(_waiting(data, patient, others, target))
        for target in ("T2", "FLAIR"):
            if "T1" in present and target in present:
                found.append(_waiting(data, patient, ("T1",), target))
    return found


def _waiting(data: Path, patient: str, given: tuple[str, ...], target: str) -> Waiting:
    name = f"{patient}: {target} from {'+'.join(given)}"
    return Waiting("mr-sequence", patient, name, partial(_case, data, patient, given, target, name))


def _case(data: Path, patient: str, given: tuple[str, ...], target: str, name: str) -> QualityCase:
    place = BRAINS[patient]
    images = _sequences(data, place)
    brain = brain_of(images)
    lesion = None
    if place.lesion:
        drawn = read(data / place.folder / place.lesion)
        lesion = np.asarray(drawn.voxels > 0) & brain
    truth = images[target].with_voxels(
        np.where(brain, images[target].voxels, 0).astype(np.float32), modality=target, unit="1"
    )
    return QualityCase(
        "mr-sequence", name, patient, {role: images[role] for role in given}, target, truth,
        "brasyn", brain, "brain: what any sequence shows, filled", lesion,
    )  # fmt: skip


def _paths(data: Path, place: Place) -> dict[str, Path]:
    """Files that are there, by role."""
    paths = {role: data / place.folder / name for role, name in place.files}
    return {role: path for role, path in paths.items() if path.is_file()}


def _sequences(data: Path, place: Place) -> dict[str, Image]:
    return {role: read(path, modality=role) for role, path in _paths(data, place).items()}


def another_brain(data: Path, patient: str, role: str) -> tuple[Image, Mask]:
    """That sequence of the first patient who is another one, and the brain in it.

    Raises
    ------
    InputError
        If no other patient has it.
    """
    for other, place in BRAINS.items():
        if other != patient and role in _paths(data, place):
            images = _sequences(data, place)
            return images[role], brain_of(images)
    raise InputError(f"No other patient has {role}.")


def brain_of(images: dict[str, Image]) -> Mask:
    """The filled union of what any of the skull-stripped sequences shows, [k, j, i]."""
    shown = np.any([image.voxels > 0 for image in images.values()], axis=0)
    return fill_slices(shown)
