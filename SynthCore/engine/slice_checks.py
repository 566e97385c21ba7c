"""Are there thick slices to make thinner? The check of an input for `super-resolution`."""

from __future__ import annotations

from SynthCore.image import Image
from SynthCore.physics.fine_grid import MOST_MADE, slice_axis
from SynthCore.request import Check
from SynthCore.words import counted

LEAST_FACTOR = 1.5
"""Below it voxels are called isotropic."""

LARGEST_FACTOR = 20.0
"""Beyond it the spacing is wrong, or the slices have nothing to do with each other."""

LEAST_SLICES = 3

LARGEST_PIXEL_RATIO = 1.5
"""Of a pixel's sides: with longer ones there are two coarse axes, and one is made finer."""


def slices_check(image: Image) -> Check:
    """Whether an image has slices, thick enough and not too thick, of square pixels."""
    name = "slices"
    axis = slice_axis(image)
    spacing = image.spacing[::-1]
    apart = spacing[axis]
    short, long = sorted(s for n, s in enumerate(spacing) if n != axis)
    count = image.shape[axis]
    factor = apart / ((short + long) / 2)
    text = " x ".join(f"{s:.3g}" for s in image.spacing)
    if count < LEAST_SLICES:
        return Check(
            name,
            "refuse",
            f"The image has {counted(count, 'slice')}; give at least {LEAST_SLICES} to make slices "
            "between.",
            count,
            LEAST_SLICES,
        )
    if long > LARGEST_PIXEL_RATIO * short:
        return Check(
            name,
            "refuse",
            f"Voxels are {text} mm: the image is coarse along two axes, and slices can be made "
            "along one; resample it to square pixels first.",
            long / short,
            LARGEST_PIXEL_RATIO,
        )
    if factor < LEAST_FACTOR:
        return Check(
            name,
            "refuse",
            f"Voxels are {text} mm, nearly isotropic already: there are no thick slices to make "
            "thinner.",
            factor,
            LEAST_FACTOR,
        )
    if factor > LARGEST_FACTOR:
        return Check(
            name,
            "refuse",
            f"Slices are {apart:.3g} mm apart and pixels {(short + long) / 2:.3g} mm wide: check "
            "the spacing of the image.",
            factor,
            LARGEST_FACTOR,
        )
    if factor > MOST_MADE + 0.5:
        return Check(
            name,
            "warn",
            f"Slices are {factor:.1f} times as far apart as pixels: {MOST_MADE} are made of each, "
            "and the result is not quite isotropic.",
            factor,
            MOST_MADE,
        )
    return Check(
        name, "pass", f"{count} slices, {factor:.1f} times as far apart as pixels.", factor
    )
