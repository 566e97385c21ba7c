"""The CT scanner whose noise is simulated: photons along each ray, and the noise they leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SynthCore.physics.ct_projection import Float

MU_WATER_PER_MM = 0.0193
"""Water at 70 keV, about the effective energy of a 120 kV beam in the body (NIST XCOM: 0.193 cm2/g,
between 0.2059 at 60 keV and 0.1837 at 80 keV)."""

_FEWEST_COUNTS = 4.0  # below this the logarithm's linearization means nothing; scanners clamp too
_REFERENCE_ELEMENT_MM = 0.6
_REFERENCE_VIEWS = 1000


@dataclass(frozen=True)
class Scanner:
    """The scan whose noise is simulated.

    Attributes
    ----------
    fluence : float
        Photons per ray at full dose and 1 mm slice thickness, for the reference ray: an element
        0.6 mm wide at the center, 1000 views a turn. Simulations in the literature take 1e5 to
        2.5e5 (Zeng et al. 2015); routine protocols differ by a factor of ten, so fit it to
        the image (`SynthCore.physics.ct_noise_level.match_fluence`) where its own noise counts.
    electronic_noise : float
        Standard deviation of the electronic noise of a computed ray, in its photons. A computed ray
        stands for 1000 / `views` readings of the reference element, so that 8 with 400 views is a
        reading's 5; simulations commonly take up to ten a reading.
    bowtie_radius_mm : float or None
        Radius of the water cylinder that the bowtie filter is shaped for; None for no filter.
    bowtie_strength : float
        Share of the cylinder's missing path that the filter makes up for (1 would be all).
    modulated : bool
        Whether the tube current follows the square root of each view's largest attenuation
        (Gies et al., Med Phys 1999;26:2235), with the same total.
    views : int
        Angles used in the computation; photons are shared so that their total does not change, the
        electronic noise is not: fewer views mean less of it.
    """

    fluence: float = 2.0e5
    electronic_noise: float = 8.0
    bowtie_radius_mm: float | None = 200.0
    bowtie_strength: float = 0.5
    modulated: bool = True
    views: int = 400


def photons_sent(
    integrals: Float, distances_mm: Float, thickness_mm: float, scanner: Scanner
) -> Float:
    """Photons sent along every ray at full dose.

    Parameters
    ----------
    integrals : numpy.ndarray
        Shape ``(views, d)``, line integrals; they steer the modulation.
    distances_mm : numpy.ndarray
        Shape ``(d,)``, evenly spaced.
    thickness_mm : float
        Slice thickness.
    scanner : Scanner
        Fluence, bowtie filter, modulation.

    Returns
    -------
    numpy.ndarray
        Shape ``(views, d)``.
    """
    pitch = float(distances_mm[1] - distances_mm[0])
    total = scanner.fluence * thickness_mm * pitch / _REFERENCE_ELEMENT_MM
    photons = np.float32(total * _REFERENCE_VIEWS / integrals.shape[0])
    current = np.ones((integrals.shape[0], 1), dtype=np.float32)
    if scanner.modulated:
        current = np.exp(0.5 * integrals.max(axis=1, keepdims=True))
        current /= current.mean()
    return np.asarray(photons * current * bowtie(distances_mm, scanner), dtype=np.float32)


def bowtie(distances_mm: Float, scanner: Scanner) -> Float:
    """Share of the photons that the bowtie filter lets through, shape ``(d,)``, 1 at the center."""
    if scanner.bowtie_radius_mm is None:
        return np.ones_like(distances_mm)
    radius = scanner.bowtie_radius_mm
    missing = 2 * (radius - np.sqrt(np.clip(radius**2 - distances_mm**2, 0, None)))
    share: Float = np.exp(-MU_WATER_PER_MM * scanner.bowtie_strength * missing).astype(np.float32)
    return share


def added_variance(
    integrals: Float, photons: Float, electronic: float, doses: tuple[float, float]
) -> Float:
    """Variance of the line integral at ``doses[0]`` minus that at ``doses[1]``.

    Parameters
    ----------
    integrals : numpy.ndarray
        Shape ``(views, d)``, line integrals.
    photons : numpy.ndarray
        Photons sent along each ray at dose 1, same shape.
    electronic : float
        Standard deviation of the electronic noise in photons.
    doses : tuple of float
        Lower and higher dose; the higher may be infinite.

    Returns
    -------
    numpy.ndarray
        Shape ``(views, d)``.
    """
    low, high = doses
    counts = np.maximum(photons * np.exp(-integrals), _FEWEST_COUNTS / low)
    quantum = (1 / low - 1 / high) / counts
    electric = (1 / low**2 - 1 / high**2) * electronic**2 / counts**2
    return np.asarray(quantum + electric, dtype=np.float32)
