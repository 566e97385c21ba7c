"""Figures by which challenges rank synthetic CT: shown for comparison with papers, never judged."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.planning.finding import Finding
from SynthCore.quality import metrics as m
from SynthCore.quality.presets import PRESETS

Mask = npt.NDArray[np.bool_]

NAMES = ("synthrad2023", "synthrad2025")


def preset_check(synthetic: Image, reference: Image, mask: Mask) -> tuple[Finding, ...]:
    """PSNR and SSIM as SynthRAD2023, PSNR and MS-SSIM as SynthRAD2025 define them.

    Parameters
    ----------
    synthetic, reference : Image
        HU, on one grid.
    mask : numpy.ndarray of bool
        [k, j, i], not empty: the body in the reference.
    """
    found: list[Finding] = []
    for name in NAMES:
        preset = PRESETS[name]
        assert preset.clip is not None  # noqa: S101
        low, high = preset.clip
        a, b = (np.clip(v.voxels.astype(np.float32), low, high) for v in (synthetic, reference))
        told = f"Clipped to {low:g} to {high:g} HU, in the body of the real CT; {preset.source}."
        found.append(
            Finding("image", f"{name}_psnr", f"PSNR ({name})",
                    m.psnr(a, b, preset.data_range, mask), "dB", reason=told)
        )  # fmt: skip
        a, b = (np.where(mask, v - low, 0.0).astype(np.float32) for v in (a, b))
        several = "ms_ssim" in preset.uses
        title, compute = ("MS-SSIM", m.ms_ssim) if several else ("SSIM", m.ssim_in_mask)
        found.append(
            Finding("image", f"{name}_{'ms_ssim' if several else 'ssim'}", f"{title} ({name})",
                    compute(a, b, mask, preset.data_range), "", reason=told)
        )  # fmt: skip
    return tuple(found)
