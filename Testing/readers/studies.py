"""Studies of phantom slices: what plays the real image is a head with noise, unmarked."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from SynthCore.physics.mr_scan import SEQUENCES
from SynthCore.physics.phantom.head import make_head
from SynthCore.physics.phantom.layers import Grid
from SynthCore.physics.tissues import TISSUES
from SynthCore.readers.table import COLUMNS

CLUE = "The cortex is too smooth <here> & everywhere."


def phantom_pair(seed: int, spacing: float = 3.0, slices: int = 3) -> tuple[Image, Image]:
    """A T1 of a head with noise, and the same made smooth: (real, synthetic)."""
    shape = (slices, round(236 / spacing), round(180 / spacing))
    head = make_head(seed, Grid(shape, spacing, (-89.5, 116.0, 24.0)))
    sequence = SEQUENCES["T1"]
    clean = head.render({name: sequence.signal(t) for name, t in TISSUES.items()}, 0.0)
    clean = 1000 * clean / clean.max()
    noise = np.random.default_rng(seed).normal(0, 18, (2, *shape))
    real = np.hypot(clean + noise[0], noise[1]).astype(np.float32)
    made = ndimage.gaussian_filter(clean, (0, 2.4 / spacing, 2.4 / spacing)).astype(np.float32)
    return (
        Image(real, head.grid.affine, modality="T1"),
        Image(made, head.grid.affine, modality="T1"),
    )


def write_images(folder: Path, cases: int = 10, **how: float) -> Path:
    """Images of `cases` heads, each real and synthetic, and their table."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, str]] = []
    for seed in range(cases):
        real, made = phantom_pair(seed, **how)  # type: ignore[arg-type]
        write_nifti(real, folder / f"patient{seed}.nii.gz", record_json=None)
        write_nifti(replace(made), folder / f"made{seed}.nii.gz", record_json=None, origin="test")
        case = f"case {seed + 1}"
        rows.append({"image": f"patient{seed}.nii.gz", "truth": "real", "case": case})
        rows.append({"image": f"made{seed}.nii.gz", "truth": "synthetic", "case": case,
                     "clue": CLUE, "clue_point": "20 -30 27"})  # fmt: skip
    return write_table(folder / "images.csv", [{"role": "T1", **row} for row in rows])


def write_table(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path
