"""The noise of a CT before and after, drawn for a report."""

from __future__ import annotations

from collections.abc import Mapping

from SynthCore.axes import in_order_of
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.quality.figures import noise_power_curves
from SynthCore.quality.noise_power import NoisePower, noise_power, uniform_soft_tissue
from SynthCore.quality.report_pictures import Picture, finite, picture

LEAST_REGIONS = 12
"""Fewer regions of uniform tissue than this make no spectrum worth drawing."""


def noise_curves(
    result: Image, inputs: Mapping[str, Image], reference: Image | None
) -> dict[str, NoisePower]:
    """Measure the texture of a CT before and after, where the reference or input is uniform.

    Empty unless the task changes a CT image on its own grid and there is enough uniform tissue; a
    reference on another grid is left out. Interpolation takes noise away.
    """
    given = inputs.get(result.modality)
    if given is None or result.unit != "HU" or given.unit != "HU":
        return {}
    images = {"Input": given, f"Synthetic {result.modality}": result}
    if reference is not None:
        images["Reference"] = reference
    own = {label: in_order_of(image, result) for label, image in images.items()}
    on_grid = {label: finite(image) for label, image in own.items() if image is not None}
    if "Input" not in on_grid:
        return {}
    flat = uniform_soft_tissue(on_grid.get("Reference", on_grid["Input"]).voxels)
    for size in (32, 16):
        try:
            curves = {
                label: noise_power(image.voxels, result.spacing, flat, size=size)
                for label, image in on_grid.items()
            }
        except InputError:
            continue
        if curves["Input"].regions >= LEAST_REGIONS:
            return curves
    return {}


def noise_picture(curves: Mapping[str, NoisePower]) -> Picture:
    """Draw noise power spectra side by side."""
    regions = next(iter(curves.values())).regions
    return picture(
        noise_power_curves(curves),
        "Noise power spectra: " + ", ".join(curves),
        f"Noise power in {regions} regions of uniform soft tissue (ICRU 87, AAPM 233). Smoothing "
        "moves the mean frequency to the left; removing noise alone lowers the curve.",
    )
