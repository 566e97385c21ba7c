"""Generated slabs on disk: made once, read by every run of the recipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from SynthCore.physics.generator import VERSION
from SynthCore.staging import renewed
from SynthCore.training.sequence.studies import ROLES, Study

_NAME = "generated.npz"

SLABS = 1
"""Counted up when slabs of one seed and one generator become others."""

_SCALE = 6.0 / 65535
"""Voxels are kept as whole numbers of it: 0 to 6."""


def write_pool(slabs: Sequence[Study], seed: int, heads: int, folder: Path) -> None:
    """Write slabs of one shape, of so many label maps; a broken write never replaces a good one."""
    folder.mkdir(parents=True, exist_ok=True)
    voxels = np.stack([s.voxels for s in slabs]).astype(np.float32)
    with renewed(folder / _NAME) as part:
        np.savez(
            part,
            drawn=np.array([VERSION, SLABS, seed, heads]),
            voxels=np.round(voxels / np.float32(_SCALE)).astype(np.uint16),
            brain=np.packbits(np.stack([s.brain for s in slabs])),
            lesion=np.packbits(np.stack([s.lesion for s in slabs])),
            divisors=np.stack([s.divisors for s in slabs]),
            quantiles=np.stack([s.quantiles for s in slabs]),
            skull=np.array([s.skull for s in slabs]),
        )


def read_pool(seed: int, heads: int, count: int, folder: Path) -> list[Study]:
    """The slabs that were kept; none of another seed or other label maps, or too few."""
    path = folder / _NAME
    if not path.exists():
        return []
    with np.load(path, allow_pickle=False) as file:
        skull = file["skull"]
        drawn = file["drawn"].tolist() if "drawn" in file else []
        if drawn != [VERSION, SLABS, seed, heads] or len(skull) < count:
            return []
        voxels = file["voxels"]
        shape = (len(skull), *voxels.shape[2:])
        size = int(np.prod(shape))
        brain, lesion = (
            np.unpackbits(file[name], count=size).reshape(shape).astype(bool)
            for name in ("brain", "lesion")
        )
        divisors, quantiles = file["divisors"], file["quantiles"]
    return [
        Study(
            "generated", ROLES, (voxels[n] * np.float32(_SCALE)).astype(np.float16), brain[n],
            np.ones_like(brain[n]), lesion[n], (1.0, 1.0, 1.0), divisors[n], quantiles[n],
            bool(skull[n]), True,
        )
        for n in range(count)
    ]  # fmt: skip
