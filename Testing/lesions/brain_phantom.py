"""A small brain of ellipsoids: white core, gray shell, two ventricles, with texture and noise."""

from __future__ import annotations

import numpy as np

from SynthCore.image import Array, Image, make_affine

GRAY_LEVELS = {
    "T1": (1000.0, 700.0, 250.0),
    "T2": (400.0, 560.0, 1300.0),
    "FLAIR": (600.0, 730.0, 150.0),
    "T1c": (1000.0, 740.0, 300.0),
}
"""White matter, gray matter, fluid; about those of a real study at 3 T."""


def brain(
    roles: tuple[str, ...] = ("T1", "T2"),
    step_mm: float = 2.0,
    slice_mm: float | None = None,
    noise: float = 0.02,
) -> dict[str, Image]:
    """Sequences of the brain on one grid, its center at (0, 0, 0)."""
    spacing = (step_mm, step_mm, slice_mm or step_mm)
    half = np.array([64.0, 78.0, 62.0])
    sizes = [int(2 * h / s) + 1 for h, s in zip(half, spacing, strict=True)]
    affine = make_affine(spacing, (-64.0, -78.0, -62.0))
    k, j, i = np.meshgrid(*(np.arange(n) for n in sizes[::-1]), indexing="ij")
    x, y, z = (o + s * n for o, s, n in zip((-64.0, -78.0, -62.0), spacing, (i, j, k), strict=True))
    out = ball(x, y, z, (0, 0, 0), (56, 70, 54))
    white = ball(x, y, z, (0, 0, 0), (49, 63, 47))
    fluid = np.maximum(
        ball(x, y, z, (12, 0, 4), (6, 24, 9)), ball(x, y, z, (-12, 0, 4), (6, 24, 9))
    )
    images = {}
    for n, role in enumerate(roles):
        w, g, c = GRAY_LEVELS[role]
        level = g + (w - g) * white
        level = level + (c - level) * fluid
        rng = np.random.default_rng(n)
        grain = noise * w * rng.standard_normal(level.shape)
        voxels = np.where(out > 0.5, np.maximum(level + grain, 1), 0)
        images[role] = Image(voxels.astype(np.float32), affine, role)
    return images


def ball(
    x: Array, y: Array, z: Array, center: tuple[float, ...], radii: tuple[float, ...]
) -> Array:
    """Share of an ellipsoid with a border of 2 mm."""
    away = [(p - c) / r for p, c, r in zip((x, y, z), center, radii, strict=True)]
    gauge = np.sqrt(sum(a * a for a in away))
    return np.clip(0.5 + (1 - gauge) * min(radii) / 2, 0, 1)
