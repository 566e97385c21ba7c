"""The MR/CT pairs of extremities: reading, masks, and cases to train on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.models.normalize import Normalization, normalize
from SynthCore.training.cases import Case
from SynthCore.training.registration import AIR_HU, interior

FOLDER = "mr_ct_pairs"
MR_NORMALIZATION = Normalization("percentile", percentile=99.0, low=0.0, high=1.5)
HU_SCALE = 1000.0
BONE_HU = 150.0
OUTSIDE_WEIGHT = 0.15
TISSUE_HU = -300.0


@dataclass(frozen=True)
class Pair:
    """One patient's MR and CT as acquired."""

    patient: str
    mr: Image
    ct: Image


def list_patients(data: Path) -> list[str]:
    """Sorted identifiers of the patients with a pair.

    Raises
    ------
    InputError
        If there is none.
    """
    found = sorted(p.parent.name for p in (data / FOLDER).glob("*/MR_T1_image.nii.gz"))
    if not found:
        raise InputError(
            f"There are no pairs under {FOLDER}/*/MR_T1_image.nii.gz of the data folder; "
            "name the folder that holds them."
        )
    return found


def read_pair(data: Path, patient: str) -> Pair:
    """Read one patient's pair."""
    folder = data / FOLDER / patient
    return Pair(
        patient,
        read(folder / "MR_T1_image.nii.gz", modality="T1"),
        read(folder / "CT_image.nii.gz", modality="CT"),
    )


def ct_body(hu: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """[k, j, i], the patient in a CT without the couch, slice by slice, holes filled."""
    cross = ndimage.generate_binary_structure(2, 1)
    margin = 6
    made = []
    for slice_ in hu > TISSUE_HU:
        padded = np.pad(slice_, margin, mode="edge")
        opened = ndimage.binary_opening(padded, cross, iterations=4)
        labels, count = ndimage.label(opened)
        if count:
            sizes = np.bincount(labels.ravel())[1:]
            opened = np.isin(labels, 1 + np.flatnonzero(sizes >= 0.1 * sizes.max()))
        grown = ndimage.binary_dilation(opened, cross, iterations=2) & padded
        made.append(ndimage.binary_fill_holes(grown)[margin:-margin, margin:-margin])
    return np.stack(made)


def make_case(
    pair: Pair, placed: Image, seen: npt.NDArray[np.bool_], bone_weight: float = 1.0
) -> Case:
    """A case from an MR and its CT brought onto the MR's grid.

    Where one shows the body and the other air, the outlines differ and nothing is learned; outside
    both, the target is air (no couch) with a small weight. Bone counts `bone_weight` more. Nothing
    is learned but where the CT's field of view reached (`seen`).
    """
    hu = placed.voxels.astype(np.float32)
    in_ct, in_mr = ct_body(np.where(seen, hu, AIR_HU)), interior(pair.mr, erode=0, past_edge=True)
    both, neither = in_ct & in_mr, ~in_ct & ~in_mr
    target = np.where(in_ct, hu, AIR_HU)
    weight = both * (1.0 + bone_weight * (target > BONE_HU)) + OUTSIDE_WEIGHT * neither
    weight = np.where(seen, weight, 0.0)
    points = np.argwhere((target > BONE_HU) & (weight > 0))
    return Case(
        patient=pair.patient,
        inputs=normalize(pair.mr.voxels, MR_NORMALIZATION)[None],
        target=np.clip(target, -1024, 2000).astype(np.float32) / np.float32(HU_SCALE),
        weight=weight.astype(np.float32),
        points=points,
    )
