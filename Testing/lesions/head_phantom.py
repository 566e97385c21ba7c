"""The brain of the digital head as T1 shows it after skull stripping: its anatomy is known."""

from __future__ import annotations

import numpy as np

from SynthCore.image import Image
from SynthCore.physics.phantom.head import make_head
from SynthCore.physics.phantom.layers import Grid
from SynthCore.physics.tissues import TISSUES

AC = (0.0, -12.0, 0.0)
"""LPS: the origin of the digital head lies midway between its commissures."""

GRAY_LEVELS = {"csf": 250.0, "gray matter": 700.0, "white matter": 1000.0, "caudate": 720.0,
               "putamen": 740.0, "pallidum": 850.0, "thalamus": 800.0, "brainstem": 930.0,
               "red nucleus": 850.0, "choroid plexus": 400.0}  # fmt: skip


def stripped_head() -> Image:
    """A T1 image at 2.5 mm."""
    phantom = make_head(seed=3, grid=Grid((70, 86, 72), 2.5, (-89.5, 106.0, -80.0)), healthy=True)
    clean = phantom.render({name: GRAY_LEVELS.get(name, 0.0) for name in TISSUES}, 0.0)
    grain = np.random.default_rng(0).normal(0, 20, clean.shape)
    voxels = np.where(clean > 120, clean + grain, 0).astype(np.float32)
    return Image(voxels, phantom.grid.affine, "T1")
