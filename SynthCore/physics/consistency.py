"""Make thin slices agree with the thick ones they were estimated from, without values below air."""

from __future__ import annotations

import numpy as np

from SynthCore.physics.thick_slices import Float32, ThickStack, along_first

PASSES = 10
"""Of raising what lies below the floor and bringing the means back."""


def agree(made: Float32, thick: Float32, stack: ThickStack, floor: float) -> Float32:
    """The made slices, changed as little as it takes to have the thick slices as their means.

    First what the means lack is added by the smoothest stack that has it. Where that leaves values
    below the floor (a magnitude below zero, a CT number below vacuum) they are raised to it, and
    each thick slice's part is scaled to its mean again, which keeps values above the floor
    (pycnophylactic interpolation: Tobler, J. Am. Stat. Assoc. 74, 1979). Last comes one more
    addition, which is as good as nothing where slices are made of whole thin ones.

    Parameters
    ----------
    made : numpy.ndarray
        [M, ...].
    thick : numpy.ndarray
        [N, ...], acquired.
    stack : ThickStack
        How they hang together.
    floor : float
        No acquired value lies below it.

    Returns
    -------
    numpy.ndarray
        [M, ...] float32; ``means`` of it are `thick` up to rounding.
    """
    thick = np.asarray(thick, dtype=np.float32)
    out = made + along_first(stack.smoothest, thick - along_first(stack.means, made))
    if (out < floor).any():
        share = stack.means.T / np.maximum(stack.means.sum(axis=0), 1e-12)[:, np.newaxis]
        share[stack.means.sum(axis=0) == 0, :] = 0.0
        above = np.maximum(thick - np.float32(floor), 0)
        least = np.float32(1e-6) * max(float(above.max()), 1e-6)
        for _ in range(PASSES):
            np.maximum(out, np.float32(floor), out=out)
            out -= np.float32(floor)
            has = along_first(stack.means, out)
            # where nothing is left above the floor there is nothing to scale
            ratio = np.where(has > least, above / np.maximum(has, least), np.float32(1.0))
            np.clip(ratio, 0, 10, out=ratio)
            out *= 1 + along_first(share, ratio - 1)
            out += np.float32(floor)
        out += along_first(stack.smoothest, thick - along_first(stack.means, out))
    return out


def disagreement(made: Float32, thick: Float32, stack: ThickStack) -> tuple[float, float]:
    """Largest and summed squared difference of the made slices' means from the thick slices."""
    off = along_first(stack.means, made) - np.asarray(thick, dtype=np.float32)
    return float(np.abs(off).max(initial=0.0)), float(np.square(off, dtype=np.float64).sum())
