"""Metrics of each family of presets, from arrays on one grid.

Every scoring function takes a `Case`, a preset and whom to tell before each metric, and returns
the metrics by name, the clip range that was used and what is to be said of them. Keys end in
``_hu`` or ``_db`` where they have a unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.quality import metrics as m
from SynthCore.quality.ct_numbers import BONE_HU, as_metrics, tissue_errors
from SynthCore.quality.masks import body_mask_ct
from SynthCore.quality.presets import Family, Preset
from SynthCore.quality.words import metric_name
from SynthCore.request import Progress, part_of

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Clip = tuple[float, float] | None
Measures = Mapping[str, Callable[[], float]]
"""By name, what measures a metric."""

TISSUES_FROM = 0.7
"""Of the time: what is measured of tissues and bodies follows."""


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
    seen : numpy.ndarray of bool or None
        Where both are known, if that is not everywhere: ranges are taken from there.
    """

    synthetic: Voxels
    reference: Voxels
    mask: Mask
    lesion: Mask | None
    spacing: tuple[float, float, float]
    seen: Mask | None = None

    def known(self, voxels: Voxels) -> Voxels:
        """The voxels from which a range is taken."""
        return voxels if self.seen is None else voxels[self.seen]


@dataclass(frozen=True)
class Score:
    """Metrics by name, the range both images were clipped to, and what is to be said."""

    metrics: dict[str, float]
    clip: Clip
    notes: tuple[str, ...] = ()


def masked_ct(case: Case, preset: Preset, progress: Progress) -> Score:
    """Score CT inside a mask, as SynthRAD does, with the errors by tissue and Dice beside."""
    assert preset.clip is not None  # noqa: S101
    low = preset.clip[0]
    clipped = [np.clip(v, *preset.clip) for v in (case.synthetic, case.reference)]
    a, b = (np.where(case.mask, v - low, 0.0) for v in clipped)
    measures: dict[str, Callable[[], float]] = {
        "mae_hu": lambda: m.mae(case.synthetic, case.reference, case.mask),
        "me_hu": lambda: m.me(case.synthetic, case.reference, case.mask),
        "rmse_hu": lambda: m.rmse(case.synthetic, case.reference, case.mask),
        "psnr_db": lambda: m.psnr(clipped[0], clipped[1], preset.data_range, case.mask),
        "ssim": lambda: m.ssim_in_mask(a, b, case.mask, preset.data_range),
    }
    if "ms_ssim" in preset.uses:
        measures["ms_ssim"] = lambda: m.ms_ssim(a, b, case.mask, preset.data_range)
    found = _measured(measures, part_of(progress, 0.0, TISSUES_FROM))
    return Score(found | _by_tissue(case, part_of(progress, TISSUES_FROM, 1.0)), preset.clip)


def sliced_ct(case: Case, preset: Preset, progress: Progress) -> Score:
    """Score CT slice by slice on whole slices, as the denoising benchmarks do."""
    assert preset.clip is not None  # noqa: S101
    a, b = (np.clip(v, *preset.clip) for v in (case.synthetic, case.reference))
    shown = a, b
    if preset.display is not None:
        shown = display(case.synthetic, *preset.display), display(case.reference, *preset.display)
    gaussian = preset.display is None
    measures: dict[str, Callable[[], float]] = {
        "mae_hu": lambda: m.mae(case.synthetic, case.reference, case.mask),
        "me_hu": lambda: m.me(case.synthetic, case.reference, case.mask),
        "rmse_hu": lambda: m.rmse_slices(a, b),
        "psnr_db": lambda: m.psnr_slices(*shown, preset.data_range),
        "ssim": lambda: m.ssim_slices(*shown, preset.data_range, gaussian=gaussian),
    }
    if "rmse, vif" in preset.uses:
        measures["vif"] = lambda: m.vif_slices(a, b)
        measures["vif_published"] = lambda: m.vif_slices(b, a)
    found = _measured(measures, part_of(progress, 0.0, TISSUES_FROM))
    found |= _by_tissue(case, part_of(progress, TISSUES_FROM, 1.0))
    return Score(found, preset.clip, _without_psnr(*shown))


def filled_hole(case: Case, preset: Preset, progress: Progress) -> Score:
    """Score what was put into a hole, as the BraTS local synthesis challenge does."""
    voided = np.where(case.mask, 0.0, case.reference)
    low, high = (float(v) for v in np.percentile(case.known(voided), (0.5, 99.5)))
    low = max(low, 0.0)
    if high <= low:
        raise InputError(
            "Nothing but one value is left around the hole, so there is no range to scale by: "
            "give the mask of the hole alone."
        )
    a, b = (_scale(v * case.mask, low, high) for v in (case.synthetic, case.reference))

    def similarity() -> float:
        return m.ssim_in_mask(a, b, case.mask, preset.data_range, crop=0, gaussian=True)

    measures = {"mse": lambda: m.mse(a, b, case.mask), **_scaled(a, b, case.mask, preset)}
    return Score(_measured({**measures, "ssim": similarity}, progress), (low, high))


def mr_sequence(case: Case, preset: Preset, progress: Progress) -> Score:
    """Score an MR sequence, its lesion and the rest apart, as BraSyn does."""
    ranges = [_own_range(case.known(v)) for v in (case.synthetic, case.reference)]
    a, b = (_scale(v, *r) for v, r in zip((case.synthetic, case.reference), ranges, strict=True))
    regions = {"ssim": case.mask}
    if case.lesion is not None:
        regions |= {"ssim_lesion": case.lesion, "ssim_rest": case.mask & ~case.lesion}

    def similarity(region: Mask) -> Callable[[], float]:
        # no crop: the preset names none, and a lesion may lie in the outer slices
        return lambda: m.ssim_in_mask(a, b, region, preset.data_range, crop=0)

    measures = _scaled(a, b, case.mask, preset)
    measures |= {name: similarity(where) for name, where in regions.items()}
    return Score(_measured(measures, progress), ranges[1])


def scaled_alone(voxels: Voxels) -> Voxels:
    """Clip an MR to its own 0.5 and 99.5 percentiles and scale it to [0, 1], as BraSyn does."""
    return _scale(voxels, *_own_range(voxels))


def _own_range(voxels: Voxels) -> tuple[float, float]:
    """The 0.5 and 99.5 percentiles."""
    low, high = (float(q) for q in np.percentile(voxels, (0.5, 99.5)))
    return low, high


def display(voxels: Voxels, center: float, width: float) -> Voxels:
    """Window HU to [0, 1] by the linear function of DICOM PS3.3 C.11.2.1.2.1."""
    return np.asarray(np.clip((voxels - (center - 0.5)) / (width - 1) + 0.5, 0.0, 1.0))


SCORING: dict[Family, Callable[[Case, Preset, Progress], Score]] = {
    "masked-ct": masked_ct,
    "sliced-ct": sliced_ct,
    "filled-hole": filled_hole,
    "mr-sequence": mr_sequence,
}


def _measured(measures: Measures, progress: Progress) -> dict[str, float]:
    """Measure one after the other, each named before."""
    found = {}
    for n, (name, measure) in enumerate(measures.items()):
        progress(n / len(measures), metric_name(name))
        found[name] = measure()
    return found


def _without_psnr(a: Voxels, b: Voxels) -> tuple[str, ...]:
    """Say which slices the mean of PSNR leaves out and the other means count."""
    equal = int((a == b).all(axis=(1, 2)).sum())
    if not 0 < equal < len(a):
        return ()
    return (
        f"{equal} of {len(a)} slices are equal in both images as they are compared: the mean of "
        "PSNR leaves them out, all other figures count them.",
    )


def _scaled(a: Voxels, b: Voxels, mask: Mask, preset: Preset) -> dict[str, Callable[[], float]]:
    return {
        "mae": lambda: m.mae(a, b, mask),
        "me": lambda: m.me(a, b, mask),
        "rmse": lambda: m.rmse(a, b, mask),
        "psnr_db": lambda: m.psnr(a, b, preset.data_range, mask),
    }


def _scale(voxels: Voxels, low: float, high: float) -> Voxels:
    """Clip to [low, high] and scale to [0, 1]; all zero where the range is empty."""
    if high <= low:
        return np.zeros(voxels.shape)
    return np.asarray((np.clip(voxels, low, high) - low) / (high - low))


def _by_tissue(case: Case, progress: Progress) -> dict[str, float]:
    """Errors by tissue inside the mask, and the Dice of bone and of the body.

    Bone is scored in the bodies of both images, not in the mask: a mask of tissue leaves out
    the cortex, and the couch is not bone. The Dice of the body says nothing where the body
    fills the image.
    """
    progress(0.0, "errors by tissue")
    found = dict(as_metrics(tissue_errors(case.synthetic, case.reference, case.mask)))
    progress(0.2, "Dice of bone and body")
    ours = body_mask_ct(case.synthetic, case.spacing)
    theirs = body_mask_ct(case.reference, case.spacing)
    either = ours | theirs
    bone = [either & (v > BONE_HU) for v in (case.synthetic, case.reference)]
    if bone[0].any() or bone[1].any():  # bone where there is none agrees with nothing
        found["dice_bone"] = m.dice(bone[0], bone[1])
    if 0 < theirs.mean() < 0.95:
        found["dice_body"] = m.dice(ours, theirs)
    return found
