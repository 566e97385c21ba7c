"""A cone-beam CT brought toward published CT numbers, its shading flattened and its noise smoothed.

Scatter and truncation shade a cone-beam CT smoothly. Fat and soft tissue are the same everywhere,
so shading is the smooth field that, added to two numbers, explains the scan best: every voxel is
fat, soft tissue or something else, the field is a polynomial of its place, and both are found in
turn (the expectation maximization of Wells et al., IEEE Trans Med Imaging 1996;15:429, there for
MR; known CT numbers for the shading of cone-beam CT: Wu et al., Phys Med Biol 2015;60:8437). Then
the peaks of fat and of soft tissue in the histogram are moved into the ranges of Schneider et al.,
Phys Med Biol 2000;45:459, no farther than needed: contrast medium may lift soft tissue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.models.classical.base import Float32, Job
from SynthCore.models.classical.non_local_means import NonLocalMeans
from SynthCore.physics.field_of_view import seen_by_scan
from SynthCore.request import part_of

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_SAMPLES = 20_000
_FEWEST = 500
_RANGE_HU = 350.0
"""Voxels farther than this from both tissues tell nothing of the shading."""

_ELSE_DENSITY = 1e-4
"""Per HU, of what is neither tissue."""

_WIDTHS_HU = (45.0, 45.0, 40.0, 40.0, 35.0, 35.0, 30.0, 30.0)
"""Spread of a tissue around its number in each round: wide first, while the field is rough."""

_CUPS_HU = (-40.0, 0.0, 40.0, 80.0, 120.0)
"""By how much the rim is tried to be brighter than the center, at half its distance squared."""

_RIDGE = 0.02
"""Holds the field back where tissue is scarce, relative to the voxels that tell of it."""

_APART_HU = (50.0, 250.0)
"""Distance of the peaks of fat and soft tissue."""

_SMALLEST_PEAK = 0.08
_MOST_GAIN = 1.2
"""More would amplify the noise and the shading that is left."""

_BIN_HU = 5.0

SHADING_SHARE = 0.5
"""Of the time; the rest is smoothing."""


@dataclass(frozen=True)
class ShadingCorrection:
    """Shading by known tissues, CT numbers by their peaks, and non-local means.

    Attributes
    ----------
    fat, soft : tuple of float
        Ranges of HU that the peaks of these tissues are brought into.
    degree : int
        Of the polynomial within a slice.
    strength : float
        Of non-local means, in units of the noise.
    """

    fat: tuple[float, float] = (-115.0, -80.0)
    soft: tuple[float, float] = (35.0, 110.0)
    degree: int = 2
    strength: float = 0.25

    def __post_init__(self) -> None:
        ranges = (*self.fat, *self.soft)
        if not (0 <= self.degree <= 8 and self.strength > 0 and ranges == tuple(sorted(ranges))):
            raise ValueError("degree is 0 to 8, strength above 0, fat and soft are ascending")

    def __call__(self, job: Job) -> Float32:
        """A CT in HU; what the scan did not see comes back as it was."""
        (image,) = job.inputs.values()
        voxels = image.voxels.astype(np.float32)
        seen = seen_by_scan(voxels)
        first = replace(job, progress=part_of(job.progress, 0.0, SHADING_SHARE))
        made = self.without_shading(voxels, job.body & seen, first)
        quiet = NonLocalMeans(strength=self.strength)
        flat = image.with_voxels(made)
        rest = part_of(job.progress, SHADING_SHARE, 1.0)
        smooth = quiet(Job({"CBCT": flat}, job.target, job.body, None, rest, job.cancelled))
        return np.where(seen, np.clip(smooth, -1024, 3071), voxels).astype(np.float32)

    def without_shading(self, voxels: Float32, body: Mask, job: Job | None = None) -> Float32:
        """Flat, and with tissues in their ranges; noise and all else as it was.

        Raises
        ------
        CancelledError
            If the job was cancelled, which is asked for between slices.
        """
        made = self._in_range(self._flat(voxels, body, job), body)
        return np.asarray(made, dtype=np.float32)

    def _flat(self, voxels: Float32, body: Mask, job: Job | None) -> Float32:
        """Attenuation divided by the shading of soft tissue, whose mean is left."""
        low, high = self.fat[0] - _RANGE_HU, self.soft[1] + _RANGE_HU
        calm = ndimage.gaussian_filter(voxels, (0, 1.2, 1.2))
        places = np.argwhere(body & (calm > low) & (calm < high))
        if len(places) < _FEWEST:
            return voxels
        places = places[:: max(1, len(places) // _SAMPLES)]
        values = calm[tuple(places.T)].astype(np.float64)
        first, last = places.min(axis=0), places.max(axis=0)
        span = np.maximum(last - first, 1)
        powers = self._powers(flat=int(span[0]) < 3)
        basis = _basis(2 * (places - first) / span - 1, powers)
        found = self._fit(values, basis, powers)
        mean = float((basis @ found).mean())
        made = voxels.copy()
        j, i = np.meshgrid(*(np.arange(n) for n in voxels.shape[1:]), indexing="ij")
        level = 1000 + float(np.mean(self.soft))
        planes = enumerate(made)
        for k, plane in planes if job is None else job.steps(planes, len(made), "shading"):
            where = np.stack([np.full(j.size, k), j.ravel(), i.ravel()], axis=1)
            inside = np.clip(2 * (where - first) / span - 1, -1, 1)  # beyond it nothing is known
            shading = (_basis(inside, powers) @ found).reshape(j.shape)
            gain = (level + mean) / np.maximum(level + shading, 0.3 * level)
            plane[:] = (plane + 1000) * gain - 1000
        return made

    def _in_range(self, voxels: Float32, body: Mask) -> Float32:
        """A straight line through both tissues' peaks where they are moved, or through one."""
        fat, soft = self._peaks(voxels, body)
        moved = [
            (peak, float(np.clip(peak, *where)))
            for peak, where in ((fat, self.fat), (soft, self.soft))
            if peak is not None
        ]
        if len(moved) == 2:
            (a, at_a), (b, at_b) = moved
            gain = float(np.clip((at_b - at_a) / (b - a), 1 / _MOST_GAIN, _MOST_GAIN))
            near = np.clip(voxels, a - 100, b + 100)
            # far from both, air and bone, the line would lead astray: there it only shifts
            line = 0.5 * (at_a + at_b) + (near - 0.5 * (a + b)) * gain
            return (line + (voxels - near)).astype(np.float32)
        if moved:
            return voxels + np.float32(moved[0][1] - moved[0][0])
        return voxels

    def _peaks(self, voxels: Float32, body: Mask) -> tuple[float | None, float | None]:
        """CT numbers of the peaks of fat and of soft tissue, where there are any."""
        calm = ndimage.gaussian_filter(voxels, (0, 1.5, 1.5))
        steep = np.hypot(np.gradient(calm, axis=1), np.gradient(calm, axis=2))
        bins = np.arange(self.fat[0] - _RANGE_HU, self.soft[1] + _RANGE_HU, _BIN_HU)
        counts = np.histogram(calm[body & (steep < 12)], bins)[0].astype(float)
        counts = ndimage.gaussian_filter1d(counts, 3.0)
        middles = (bins[1:] + bins[:-1]) / 2
        top = counts.max(initial=0.0)
        peaks = [
            n
            for n in range(1, len(counts) - 1)
            if counts[n - 1] <= counts[n] > counts[n + 1] and counts[n] > _SMALLEST_PEAK * top
        ]
        if not peaks:
            return None, None
        pairs = [
            (n, m) for n in peaks for m in peaks
            if _APART_HU[0] <= middles[m] - middles[n] <= _APART_HU[1]
        ]  # fmt: skip
        if pairs:
            lower, upper = max(pairs, key=lambda pair: counts[pair[0]] + counts[pair[1]])
            return float(middles[lower]), float(middles[upper])
        one = float(middles[max(peaks, key=lambda n: counts[n])])
        is_fat = abs(one - np.mean(self.fat)) < abs(one - np.mean(self.soft))
        return (one, None) if is_fat else (None, one)

    def _powers(self, *, flat: bool) -> list[tuple[int, int, int]]:
        """Exponents of (k, j, i), the constant first; along k it is a parabola at most."""
        along = 1 if flat else 3
        found = [
            (a, b, c)
            for a in range(along)
            for b in range(self.degree + 1)
            for c in range(self.degree + 1 - b)
            if a == 0 or a + b + c <= 2
        ]
        return sorted(found, key=sum)

    def _fit(self, values: Floats, basis: Floats, powers: list[tuple[int, int, int]]) -> Floats:
        """Coefficients of the shading, HU at the number of soft tissue."""
        numbers = np.array([np.mean(self.fat), np.mean(self.soft)])
        shares = np.array([0.4, 0.6])
        found = _start(values, basis, powers, numbers)
        for round_, width in enumerate(_WIDTHS_HU):
            known = np.array([sum(p) <= 2 + round_ for p in powers])
            part = basis[:, known]
            each = _likelihood(values - basis @ found, numbers, shares, width)
            belongs = each / (each.sum(axis=1, keepdims=True) + _ELSE_DENSITY)
            shares = 0.9 * belongs.sum(axis=0) / max(belongs.sum(), 1e-9) + 0.05
            weight = belongs.sum(axis=1)
            wanted = values * weight - belongs @ numbers
            ridge = _RIDGE * weight.sum() * np.diag([0.0] + [1.0] * (part.shape[1] - 1))
            solved = np.linalg.solve(part.T @ (part * weight[:, None]) + ridge, part.T @ wanted)
            found = np.zeros(basis.shape[1])
            found[known] = solved
        return found


def _start(
    values: Floats, basis: Floats, powers: list[tuple[int, int, int]], numbers: Floats
) -> Floats:
    """The likeliest of many bowls: a cup can be as deep as fat and soft tissue are apart."""
    round_ = [n for n, p in enumerate(powers) if p in ((0, 2, 0), (0, 0, 2))]
    bowl = basis[:, round_].sum(axis=1)
    best, found = -np.inf, np.zeros(basis.shape[1])
    for depth in _CUPS_HU if round_ else (0.0,):
        rest = values - depth * bowl
        for level in np.arange(-300.0, 301.0, 20.0):
            fit = _likelihood(rest - level, numbers, np.array([0.4, 0.6]), _WIDTHS_HU[0])
            score = float(np.log(fit.sum(axis=1) + _ELSE_DENSITY).sum())
            if score > best:
                best = score
                found[0], found[round_] = level, depth
    return found


def _likelihood(values: Floats, numbers: Floats, shares: Floats, width: float) -> Floats:
    """Share times normal density of every tissue, [values, tissues]."""
    z = (values[:, None] - numbers[None]) / width
    return np.asarray(shares * np.exp(-0.5 * z * z) / (width * np.sqrt(2 * np.pi)))


def _basis(place: Floats, powers: list[tuple[int, int, int]]) -> Floats:
    """Products of powers of the place (-1 to 1), [places, powers]."""
    return np.stack([np.prod(place ** np.array(p), axis=1) for p in powers], axis=1)
