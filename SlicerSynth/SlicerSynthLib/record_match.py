"""Is an image still what the record of a run says of it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from SynthCore.image import Affine, Image


def same_grid(made: Mapping[str, Any], shape: Sequence[int], affine: Affine) -> bool:
    """Whether shape [k, j, i] and place (LPS) are those of the record; true where it has none."""
    if "shape_kji" not in made or "affine_lps" not in made:
        return True
    return list(made["shape_kji"]) == list(shape) and bool(
        np.allclose(np.asarray(made["affine_lps"], dtype=float), affine, atol=1e-3)
    )


def is_changed(image: Image, made: Mapping[str, Any]) -> bool:
    """Whether the voxels are not those of the record; false where it has no hash."""
    if "sha256" not in made or "affine_lps" not in made:
        return False
    # a file keeps an affine to some decimals only: the place was compared, the voxels are hashed
    return bool(replace(image, affine=np.asarray(made["affine_lps"])).sha256() != made["sha256"])
