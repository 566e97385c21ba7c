"""Presets: what a metric means, so that numbers can be compared with published ones.

A metric without its clip range, mask, data range and window is not a metric. A preset fixes all
four; every evaluation stores them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from SynthCore.errors import InputError

Family = Literal["masked-ct", "sliced-ct", "filled-hole", "mr-sequence"]


@dataclass(frozen=True)
class Preset:
    """One way to score a synthetic image.

    Attributes
    ----------
    name : str
        As written on the command line.
    family : str
        Which scoring computes it.
    unit : str
        ``HU`` or ``1`` (arbitrary units): what both images must be in.
    clip : tuple of float or None
        Range both images are clipped to before the metrics that clip; None where the range comes
        from the images (percentiles).
    data_range : float
        Of PSNR and SSIM.
    window : str
        Window of SSIM.
    mask_rule : str
        Which voxels which metric counts.
    uses : mapping of str to str
        What each metric is computed from.
    source : str
        Who defined it.
    display : tuple of float or None
        Center and width in HU of the window applied before PSNR and SSIM.
    needs_mask : bool
        Whether it means nothing without a mask.
    """

    name: str
    family: Family
    unit: str
    clip: tuple[float, float] | None
    data_range: float
    window: str
    mask_rule: str
    uses: Mapping[str, str]
    source: str
    display: tuple[float, float] | None = None
    needs_mask: bool = False


_UNIFORM_3D = "uniform, 7 voxels, three-dimensional"
_GAUSSIAN_3D = "Gaussian, sigma 1.5, 11 voxels, three-dimensional"
_IN_MASK = "every metric inside the mask; Dice in the bodies of both images"


def _synthrad(year: int, top: float, uses: Mapping[str, str]) -> Preset:
    return Preset(
        name=f"synthrad{year}",
        family="masked-ct",
        unit="HU",
        clip=(-1024.0, top),
        data_range=top + 1024.0,
        window=_UNIFORM_3D,
        mask_rule=_IN_MASK,
        uses={
            "mae, me, rmse": "unclipped, inside the mask",
            "psnr": "clipped, inside the mask",
            "ssim": "clipped, the lowest value outside the mask, shifted to be non-negative, "
            "map averaged inside the mask without 3 voxels at the edge of the volume",
            **uses,
        },
        source=f"SynthRAD{year} challenge",
    )


def _ldct(name: str, center: float, width: float) -> Preset:
    return Preset(
        name=name,
        family="sliced-ct",
        unit="HU",
        clip=(-1024.0, 1900.0),
        data_range=1.0,
        window=f"uniform, 7 pixels, slice by slice; display window C {center:g} W {width:g} HU",
        mask_rule="PSNR, SSIM, RMSE and VIF on whole slices; MAE, ME and tissues inside the mask; "
        "Dice in the bodies of both images",
        uses={
            "psnr, ssim": f"windowed to [0, 1] (C {center:g}, W {width:g} HU), mean over slices",
            "rmse, vif": "clipped, mean over slices",
            "vif_published": "as vif with the two images exchanged, as the published figures are",
            "mae, me": "unclipped, inside the mask",
        },
        source="ldct-benchmark, Med. Phys. 2024",
        display=(center, width),
    )


_MS_SSIM = {
    "ms_ssim": "as ssim without the crop, over 5 scales, the volume padded to at least 97 voxels "
    "along every axis, masked mean per scale"
}

LDCT_REGIONS = {"chest": (-600.0, 1500.0), "abdomen": (50.0, 400.0), "neuro": (40.0, 80.0)}
"""Center and width in HU of the display window of each region of ``ldct-bench``."""

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        _synthrad(2023, 3000.0, {}),
        _synthrad(2025, 3071.0, _MS_SSIM),
        Preset(
            name="brats-inpaint",
            family="filled-hole",
            unit="1",
            clip=None,
            data_range=1.0,
            window=_GAUSSIAN_3D,
            mask_rule="every metric inside the mask of the hole",
            uses={
                "mae, me, mse, rmse, psnr, ssim": "multiplied by the mask, clipped to the 0.5 and "
                "99.5 percentiles of the reference without the hole (not below zero), "
                "scaled to [0, 1]",
            },
            source="BraTS local synthesis challenge",
            needs_mask=True,
        ),
        Preset(
            name="brasyn",
            family="mr-sequence",
            unit="1",
            clip=None,
            data_range=1.0,
            window=_UNIFORM_3D,
            mask_rule="a mask given is the lesion: ssim_lesion inside it, ssim_rest in the rest of "
            "the body, the others in the whole body of the reference",
            uses={
                "mae, me, rmse, psnr, ssim": "each image clipped to its own 0.5 and 99.5 "
                "percentiles and scaled to [0, 1]",
            },
            source="BraSyn challenge",
        ),
        _ldct("ldct-bench", *LDCT_REGIONS["abdomen"]),
        *(_ldct(f"ldct-bench:{region}", *window) for region, window in LDCT_REGIONS.items()),
        Preset(
            name="redcnn",
            family="sliced-ct",
            unit="HU",
            clip=(-160.0, 240.0),
            data_range=400.0,
            window="Gaussian, sigma 1.5, 11 pixels, slice by slice",
            mask_rule="PSNR, SSIM and RMSE on whole slices; MAE, ME and tissues inside the mask; "
            "Dice in the bodies of both images",
            uses={
                "psnr, ssim, rmse": "clipped to [-160, 240] HU, in HU, mean over slices",
                "mae, me": "unclipped, inside the mask",
            },
            source="RED-CNN, IEEE Trans. Med. Imaging 36, 2524 (2017)",
        ),
    )
}
"""Every preset by name; ``ldct-bench`` is ``ldct-bench:abdomen``."""


def get_preset(name: str) -> Preset:
    """Find the preset of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    key = name.strip().lower()
    if key not in PRESETS:
        raise InputError(f"There is no preset {name!r}; choose one of {', '.join(PRESETS)}.")
    return PRESETS[key]
