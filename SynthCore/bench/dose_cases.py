"""CTs whose dose is compared: a phantom and real thighs, made wrong on purpose, and our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.engine.synthesize import synthesize
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.planning.comparators import BULK_OF_MR, comparator_images
from SynthCore.planning.engine.phantom import tg119
from SynthCore.planning.path_length import Beam
from SynthCore.quality.body import body_in_ct
from SynthCore.training.extremity.reference import placement
from SynthCore.training.extremity.reference import reference as reference_of

Mask = npt.NDArray[np.bool_]

TRAP, NOISE = "+20 HU everywhere", "correlated noise, MAE 32"
SHIFT_HU = 20.0
NOISE_MAE_HU = 32.0
NOISE_SIGMA_MM = 3.0
SEED = 119
TISSUE_HU = -300.0
MODEL = "mr-to-ct-extremity"

BONE_HU, BONE_AT, BONE_MM = 700.0, ((-60.0, -45.0), (60.0, -45.0)), 15.0
AIR_AT, AIR_MM = (0.0, -55.0), 10.0
"""Of rods along the phantom (x, y in mm, LPS, and radius): two of bone in the way of both proton
beams, and one of air in front of the target."""


@dataclass(frozen=True)
class DoseCase:
    """One patient or phantom.

    Attributes
    ----------
    name : str
        For the table.
    real : Image
        HU.
    bodies : mapping
        [k, j, i] of the real CT (``real``) and of those whose body is their own.
    target : numpy.ndarray of bool
        [k, j, i].
    others : mapping
        CTs to compare with the real one, by name.
    beams : mapping
        Directions by modality; sensible ones where there are none.
    """

    name: str
    real: Image
    bodies: Mapping[str, Mask]
    target: Mask
    others: Mapping[str, Image]
    beams: Mapping[str, tuple[Beam, ...]] = field(default_factory=dict)

    def body(self, name: str) -> Mask:
        """Of one of the CTs; the real one's where it has none of its own."""
        return self.bodies.get(name, self.bodies["real"])


def phantom_case(python: Path) -> DoseCase:
    """TG119 with bone and air put in; there is no MR of it, so no synthetic CT either."""
    found = tg119(python)
    hu = np.array(found.ct.voxels)
    x = found.ct.origin[0] + np.arange(hu.shape[2]) * found.ct.spacing[0]
    y = found.ct.origin[1] + np.arange(hu.shape[1]) * found.ct.spacing[1]

    def rod(at: tuple[float, float], radius: float) -> Mask:
        plane = np.hypot(x[None, :] - at[0], y[:, None] - at[1]) < radius
        return np.broadcast_to(plane, hu.shape) & found.body

    for at in BONE_AT:
        hu[rod(at, BONE_MM)] = BONE_HU
    hu[rod(AIR_AT, AIR_MM)] = -1000.0
    hu[~found.body] = -1000.0
    real = found.ct.with_voxels(hu)
    others = made_wrong(real) | dict(comparator_images(real, found.body, None, found.body))
    return DoseCase("TG119 with bone and air", real, {"real": found.body}, found.target, others,
                    {"protons": (Beam(45.0), Beam(315.0))})  # fmt: skip


def thigh_case(data: Path, patient: str, progress: Callable[[str], None]) -> DoseCase:
    """A limb that the model was not trained on: its CT registered to its MR with a smooth field."""
    progress(f"{patient}, registration")
    truth = reference_of(data, patient, "deformable")
    mr = truth.pair.mr
    seen = placement(data, patient, "deformable").covers(mr, truth.pair.ct)
    real = Image(truth.ct.voxels.astype(np.float32), mr.affine, "CT", "HU")
    body = body_in_ct(real) & seen
    progress(f"{patient}, {MODEL}")
    made = synthesize("mr-to-ct", {"T1": mr}, model=MODEL).image
    made = Image(np.where(seen, made.voxels, -1000).astype(np.float32), mr.affine, "CT", "HU")
    mask = read(data / "mr_ct_pairs" / patient / "MR_T1_mask.nii.gz").voxels > 0
    own = body_in_ct(made) & seen
    others = made_wrong(real) | dict(comparator_images(real, body, mr, seen))
    bulk = others[BULK_OF_MR]
    bodies = {"real": body, MODEL: own, BULK_OF_MR: body_in_ct(bulk) & seen}
    return DoseCase(patient, real, bodies, mask & body & own, {**others, MODEL: made})


def made_wrong(real: Image) -> dict[str, Image]:
    """The two traps: a shift that the mean error makes little of, and noise that it makes much of.

    The noise is Gaussian, smooth over `NOISE_SIGMA_MM`, and scaled to its mean absolute error.
    """
    tissue = real.voxels > TISSUE_HU
    sigmas = [NOISE_SIGMA_MM / spacing for spacing in real.spacing[::-1]]
    drawn = np.random.default_rng(SEED).normal(size=real.shape)
    noise = ndimage.gaussian_filter(drawn, sigmas)
    noise *= NOISE_MAE_HU / np.abs(noise[tissue]).mean()
    return {
        TRAP: real.with_voxels(np.where(tissue, real.voxels + SHIFT_HU, real.voxels)),
        NOISE: real.with_voxels(
            np.where(tissue, real.voxels + noise, real.voxels).astype(np.float32)
        ),
    }
