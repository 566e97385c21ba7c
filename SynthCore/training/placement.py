"""Where one image of a patient lies on another: a rigid move, and a field where there is one."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.quality.grids import means_over
from SynthCore.request import Progress, part_of
from SynthCore.staging import renewed
from SynthCore.training.deformable import deform_by_mutual_information
from SynthCore.training.deformation import displaced
from SynthCore.training.matchable import HU_MODALITIES, matchable
from SynthCore.training.registration import (
    AIR_HU,
    CT_WINDOW_HU,
    reached,
    resample,
    rigid_by_mutual_information,
)
from SynthCore.training.splines import Field

Float32 = npt.NDArray[np.float32]

_BROKEN = (EOFError, BadZipFile, zlib.error, LookupError, ValueError, TypeError, RuntimeError,
           AttributeError)  # fmt: skip
"""What NumPy and SimpleITK raise on a file that is no registration, or half of one."""


@dataclass(frozen=True)
class Placement:
    """A moving image's place on a fixed one.

    Attributes
    ----------
    rigid : SimpleITK.Euler3DTransform
        From points of the fixed image to points of the moving one.
    field : Field, optional
        Displacement of the fixed image's points before `rigid`.
    """

    rigid: sitk.Euler3DTransform
    field: Field | None = None

    def displacement(self, fixed: Image) -> Float32 | None:
        """[3, k, j, i] (i, j, k) in mm along the grid of `fixed`; nothing where it is rigid."""
        return None if self.field is None else self.field.dense(fixed.shape, fixed.spacing)

    def place(self, fixed: Image, moving: Image, *, outside: float = AIR_HU) -> Image:
        """`moving` on the grid of `fixed`, interpolated once: linearly, means over thick voxels."""
        moving = means_over(moving, fixed)
        shift = self.displacement(fixed)
        if shift is None:
            return resample(moving, fixed, self.rigid, outside=outside)
        return displaced(fixed, moving, self.rigid, shift, outside=outside)

    def covers(self, fixed: Image, moving: Image) -> npt.NDArray[np.bool_]:
        """[k, j, i], where a voxel of `fixed` lies within the field of view of `moving`."""
        if self.field is None:
            return reached(moving, fixed, self.rigid)
        ones = moving.with_voxels(np.ones(moving.shape, dtype=np.float32))
        inside: npt.NDArray[np.bool_] = self.place(fixed, ones, outside=0.0).voxels > 0.999
        return inside

    def save(self, path: Path) -> None:
        """Write it as plain arrays (``.npz``), whole or not at all."""
        parts = {"center": self.rigid.GetCenter(), "parameters": self.rigid.GetParameters()}
        if self.field is not None:
            parts |= {"control": self.field.control, "grid_mm": self.field.grid_mm}
        with renewed(path) as part:
            np.savez(part, **parts)

    @classmethod
    def load(cls, path: Path) -> Placement:
        """Read what `save` wrote.

        Raises
        ------
        InputError
            If it is broken, as a full disk or another program leaves a file.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                rigid = sitk.Euler3DTransform()
                rigid.SetCenter(file["center"].tolist())
                rigid.SetParameters(file["parameters"].tolist())
                field = None
                if "control" in file:
                    field = Field(file["control"], float(file["grid_mm"]))
        except _BROKEN as error:
            raise InputError(
                f"{path.name} in {path.parent.name} is broken and no registration can be read from "
                "it; remove it, and it is computed again."
            ) from error
        return cls(rigid, field)


def register(
    fixed: Image,
    moving: Image,
    *,
    deformable: bool = True,
    seed: int = 0,
    progress: Progress | None = None,
) -> Placement:
    """Place `moving` on `fixed` by mutual information, rigidly and then with a smooth field.

    Parameters
    ----------
    fixed, moving : Image
        MR, CT or cone-beam CT of one patient, in one frame of reference, 20 mm apart at most.
    deformable : bool
        Whether a field follows the rigid move.
    seed : int
        Of the points compared.
    progress : callable, optional
        Told the fraction done and the stage; what it raises stops the registration.
    """
    rigidly = 0.5 if deformable else 1.0
    mask, window = None, CT_WINDOW_HU
    if fixed.modality in HU_MODALITIES:
        cross = ndimage.generate_binary_structure(2, 1)[np.newaxis]
        mask = ndimage.binary_erosion(matchable(fixed).body, cross, iterations=2, border_value=1)
    if moving.modality not in HU_MODALITIES:
        seen = matchable(moving)
        window = (seen.low, seen.high)
    _, rigid = rigid_by_mutual_information(
        fixed, moving, mask=mask, window=window, seed=seed,
        progress=part_of(progress, 0.0, rigidly),
    )  # fmt: skip
    if not deformable:
        return Placement(rigid)
    field = deform_by_mutual_information(
        fixed, moving, rigid, seed=seed, progress=part_of(progress, rigidly, 1.0)
    )
    return Placement(rigid, field)
