"""What inputs look like: real ones and whole generated heads, with skull and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.image import Image, make_affine
from SynthCore.models.input_statistics import features, fit
from SynthCore.training.recipe import Recipe
from SynthCore.training.sequence.generated import make_whole, read_heads
from SynthCore.training.sequence.studies import ROLES, Study, read_studies

GENERATED, LABEL_MAPS = 8, 2
"""With six of one label map, limbs passed as heads."""

EVERY_MM = 5.0
"""Slices so far apart are enough: the figures are of slices."""


def of_inputs(data: Path, recipe: Recipe, seed: int, cache: Path | None = None) -> dict[str, Any]:
    """By role, the figures that the engine's checks compare with; none for a fold."""
    if recipe.validation:
        return {}
    heads = read_heads(data, LABEL_MAPS)
    made = [
        make_whole(np.random.default_rng((seed, 99, n)), heads[n % len(heads)], n % 2 == 0)
        for n in range(GENERATED)
    ]
    studies = [*read_studies(data, recipe.validation, cache), *made]
    return {
        role: fit([_figures(one, role) for one in studies if role in one.roles], "mr")
        for role in ROLES
    }


def _figures(study: Study, role: str) -> dict[str, float]:
    k, j, i = study.spacing
    every = max(1, round(EVERY_MM / k))
    voxels = study.voxels[study.roles.index(role), ::every].astype(np.float32)
    margin = ((0, 0), (12, 12), (12, 12))
    return features(Image(np.pad(voxels, margin), make_affine((i, j, k * every)), role), ("mr",))
