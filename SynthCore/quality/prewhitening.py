"""How much of a faint lesion one noisy slice holds: the prewhitening observer.

For a known signal in stationary Gaussian noise no observer does better, and nothing that is done to
an image adds information about what is not in it (the data-processing inequality). That is said of
the slice alone: a method that looks at its neighbors, whose noise is another, has more of a lesion
that runs through them. Anatomy is not Gaussian, so a method that knows anatomy may pass the figure,
too.

Barrett and Myers, Foundations of Image Science (2004), chapter 13.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


def prewhitening(signal: npt.ArrayLike, absent: npt.ArrayLike) -> float:
    """Detectability ``d'`` of a known signal in stationary noise of any color.

    Parameters
    ----------
    signal : array_like
        [j, i]: what the lesion adds, in the unit of the images.
    absent : array_like
        [n, j, i]: places without the lesion, noise and anatomy as they are.

    Returns
    -------
    float
        The square root of the sum of the signal's power spectrum over that of the noise. Each
        place's own mean counts as unknown: the zero frequency is left out.

    Raises
    ------
    ValueError
        If there are fewer than 2 places, or their shape is not the signal's.
    """
    wanted = np.asarray(signal, dtype=np.float64)
    places = np.asarray(absent, dtype=np.float64)
    if places.ndim != 3 or len(places) < 2 or places.shape[1:] != wanted.shape:
        raise ValueError(f"places have shape {places.shape}, the signal has {wanted.shape}")
    window = np.outer(*(np.hanning(n + 2)[1:-1] for n in wanted.shape))
    centered = places - places.mean(axis=(1, 2), keepdims=True)
    noise = (np.abs(np.fft.fft2(centered * window)) ** 2).mean(axis=0) / (window**2).sum()
    power = np.abs(np.fft.fft2(wanted)) ** 2 / wanted.size
    use = np.ones(power.shape, dtype=bool)
    use[0, 0] = False
    use &= noise > 1e-12 * noise.max()
    return float(np.sqrt((power[use] / noise[use]).sum()))
