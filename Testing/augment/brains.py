"""Small brains without skull: an ellipsoid of white matter with cortex, ventricles and noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import ndimage

from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine

LEVELS = {"T1": (0.0, 160.0, 110.0, 40.0), "FLAIR": (0.0, 90.0, 120.0, 30.0)}
"""Outside, white matter, cortex, fluid."""

SPACING = 3.0


def brain(role: str, seed: int = 0) -> Image:
    """One sequence of one person; `seed` is the person."""
    shape = (40, 56, 46)
    k, j, i = (
        (axis - (n - 1) / 2) * SPACING for axis, n in zip(np.indices(shape), shape, strict=True)
    )
    size = 1 + 0.02 * (seed % 3)
    radius = np.sqrt((k / 52) ** 2 + (j / 74) ** 2 + (i / 60) ** 2) / size
    ventricle = (np.abs(np.abs(i) - 9) < 5) & (np.abs(j) < 24) & (np.abs(k) < 10)
    tissue = np.where(radius > 1, 0, np.where(radius > 0.84, 2, 1))
    tissue = np.where(ventricle, 3, tissue)
    clean = np.asarray(LEVELS[role])[tissue]
    smooth = ndimage.gaussian_filter(clean, 0.4)
    noise = np.random.default_rng([seed, len(role)]).normal(0, 3, shape)
    voxels = np.where(tissue > 0, np.maximum(smooth + noise, 1.0), 0.0)
    affine = make_affine((SPACING,) * 3, (-67.5, -82.5, -58.5))
    return Image(voxels.astype(np.float32), affine, role)


def write_studies(folder: Path, count: int = 2, *, mask: bool = False) -> Path:
    """A table of studies of so many people, with their images beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["study,T1,FLAIR,mask"]
    for n in range(count):
        for role in ("T1", "FLAIR"):
            write_nifti(brain(role, n), folder / f"Muster{n}_{role}.nii.gz", record_json=None)
        if mask:
            known = brain("T1", n)
            voxels = np.zeros(known.shape, np.uint8)
            voxels[18:20, 20:23, 30:33] = 1
            write_nifti(known.with_voxels(voxels), folder / f"m{n}.nii.gz", record_json=None)
        truth = f"m{n}.nii.gz" if mask else ""
        lines.append(f"Muster{n},Muster{n}_T1.nii.gz,Muster{n}_FLAIR.nii.gz,{truth}")
    table = folder / "studies.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return table
