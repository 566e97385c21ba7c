"""Metrics of each family of presets, from arrays on one grid.

Every scoring function takes a `Case` and a preset, and returns the metrics by name and the clip
range that was used. Keys end in ``_hu`` or ``_db`` where they have a unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.quality import metrics as m
from SynthCore.quality.ct_numbers import BONE_HU, as_metrics, tissue_errors
from SynthCore.quality.masks import body_mask_ct
from SynthCore.quality.presets import Family, Preset

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Clip = tuple[float, float] | None
Score = tuple[dict[str, float], Clip]


@dataclass(frozen=True)
class Case:
    """A synthetic image and its reference on one grid.

    Attributes
    ----------
    synthetic, reference : numpy.ndarray
        Shape ``(k, j, i)``, float64.
    mask : numpy.ndarray of bool
        What is scored, not empty.
    lesion : numpy.ndarray of bool or None
        What is scored apart, for ``mr-sequence``.
    spacing : tuple of float
        Millimeters along (i, j, k).
    """

    synthetic: Voxels
    reference: Voxels
    mask: Mask
    lesion: Mask | None
    spacing: tuple[float, float, float]


def masked_ct(case: Case, preset: Preset) -> Score:
    """Score CT inside a mask, as SynthRAD does, with the errors by tissue and Dice beside."""
    assert preset.clip is not None  # noqa: S101
    low = preset.clip[0]
    clipped = [np.clip(v, *preset.clip) for v in (case.synthetic, case.reference)]
    a, b = (np.where(case.mask, v - low, 0.0) for v in clipped)
    found = {
        "mae_hu": m.mae(case.synthetic, case.reference, case.mask),
        "me_hu": m.me(case.synthetic, case.reference, case.mask),
        "rmse_hu": m.rmse(case.synthetic, case.reference, case.mask),
        "psnr_db": m.psnr(clipped[0], clipped[1], preset.data_range, case.mask),
        "ssim": m.ssim_in_mask(a, b, case.mask, preset.data_range),
    }
    if "ms_ssim" in preset.uses:
        found["ms_ssim"] = m.ms_ssim(a, b, case.mask, preset.data_range)
    return found | _by_tissue(case), preset.clip


def sliced_ct(case: Case, preset: Preset) -> Score:
    """Score CT slice by slice on whole slices, as the denoising benchmarks do."""
    assert preset.clip is not None  # noqa: S101
    a, b = (np.clip(v, *preset.clip) for v in (case.synthetic, case.reference))
    found = {
        "mae_hu": m.mae(case.synthetic, case.reference, case.mask),
        "me_hu": m.me(case.synthetic, case.reference, case.mask),
        "rmse_hu": m.rmse_slices(a, b),
    }
    shown = a, b
    if preset.display is not None:
        shown = display(case.synthetic, *preset.display), display(case.reference, *preset.display)
    gaussian = preset.display is None
    found["psnr_db"] = m.psnr_slices(*shown, preset.data_range)
    found["ssim"] = m.ssim_slices(*shown, preset.data_range, gaussian=gaussian)
    if "rmse, vif" in preset.uses:
        found |= {"vif": m.vif_slices(a, b), "vif_published": m.vif_slices(b, a)}
    return found | _by_tissue(case), preset.clip


def filled_hole(case: Case, preset: Preset) -> Score:
    """Score what was put into a hole, as the BraTS local synthesis challenge does."""
    voided = np.where(case.mask, 0.0, case.reference)
    low, high = (float(v) for v in np.percentile(voided, (0.5, 99.5)))
    low = max(low, 0.0)
    if high <= low:
        raise InputError(
            "Nothing but one value is left around the hole, so there is no range to scale by: "
            "give the mask of the hole alone."
        )
    a, b = (_scale(v * case.mask, low, high) for v in (case.synthetic, case.reference))
    found = {"mse": m.mse(a, b, case.mask)} | _scaled(a, b, case.mask, preset)
    found["ssim"] = m.ssim_in_mask(a, b, case.mask, preset.data_range, crop=0, gaussian=True)
    return found, (low, high)


def mr_sequence(case: Case, preset: Preset) -> Score:
    """Score an MR sequence, its lesion and the rest apart, as BraSyn does."""
    a, b = scaled_alone(case.synthetic), scaled_alone(case.reference)
    found = _scaled(a, b, case.mask, preset)
    regions = {"ssim": case.mask}
    if case.lesion is not None:
        regions |= {"ssim_lesion": case.lesion, "ssim_rest": case.mask & ~case.lesion}
    for name, region in regions.items():
        # no crop: the preset names none, and a lesion may lie in the outer slices
        found[name] = m.ssim_in_mask(a, b, region, preset.data_range, crop=0)
    return found, _own_range(case.reference)


def scaled_alone(voxels: Voxels) -> Voxels:
    """Clip an MR to its own 0.5 and 99.5 percentiles and scale it to [0, 1], as BraSyn does."""
    return _scale(voxels, *_own_range(voxels))


def _own_range(voxels: Voxels) -> tuple[float, float]:
    low, high = (float(q) for q in np.percentile(voxels, (0.5, 99.5)))
    return low, high


def display(voxels: Voxels, center: float, width: float) -> Voxels:
    """Window HU to [0, 1] by the linear function of DICOM PS3.3 C.11.2.1.2.1."""
    return np.asarray(np.clip((voxels - (center - 0.5)) / (width - 1) + 0.5, 0.0, 1.0))


SCORING: dict[Family, Callable[[Case, Preset], Score]] = {
    "masked-ct": masked_ct,
    "sliced-ct": sliced_ct,
    "filled-hole": filled_hole,
    "mr-sequence": mr_sequence,
}


def _scaled(a: Voxels, b: Voxels, mask: Mask, preset: Preset) -> dict[str, float]:
    return {
        "mae": m.mae(a, b, mask),
        "me": m.me(a, b, mask),
        "rmse": m.rmse(a, b, mask),
        "psnr_db": m.psnr(a, b, preset.data_range, mask),
    }


def _scale(voxels: Voxels, low: float, high: float) -> Voxels:
    """Clip to [low, high] and scale to [0, 1]; all zero where the range is empty."""
    if high <= low:
        return np.zeros(voxels.shape)
    return np.asarray((np.clip(voxels, low, high) - low) / (high - low))


def _by_tissue(case: Case) -> dict[str, float]:
    """Errors by tissue inside the mask, and the Dice of bone and of the body.

    Bone is scored in the bodies of both images, not in the mask: a mask of tissue leaves out
    the cortex, and the couch is not bone. The Dice of the body says nothing where the body
    fills the image.
    """
    found = dict(as_metrics(tissue_errors(case.synthetic, case.reference, case.mask)))
    ours = body_mask_ct(case.synthetic, case.spacing)
    theirs = body_mask_ct(case.reference, case.spacing)
    either = ours | theirs
    bone = [either & (v > BONE_HU) for v in (case.synthetic, case.reference)]
    if bone[0].any() or bone[1].any():  # bone where there is none agrees with nothing
        found["dice_bone"] = m.dice(bone[0], bone[1])
    if 0 < theirs.mean() < 0.95:
        found["dice_body"] = m.dice(ours, theirs)
    return found
