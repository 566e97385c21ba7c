"""Label maps for the page: a folder's, or the digital phantom's."""

from __future__ import annotations

from pathlib import Path

import torch

from SynthCore.files.label_map import label_map_files, label_map_name, read_label_map
from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.physics.phantom.synthseg import phantom_labels


def read_heads(folder: Path | None, count: int) -> list[tuple[str, Anatomy]]:
    """Label maps by name, made ready: the first of a folder, or phantoms where none is given.

    Raises
    ------
    InputError
        If the folder holds no label map, or one cannot be read.
    """
    if folder is None:
        labels = ((f"phantom {seed}", phantom_labels(seed)) for seed in range(min(count, 2)))
        return [(name, read_anatomy(torch.from_numpy(voxels))) for name, voxels in labels]
    return [(label_map_name(path), _read(path)) for path in label_map_files(folder)[:count]]


def _read(path: Path) -> Anatomy:
    voxels, spacing = read_label_map(path)
    return read_anatomy(torch.from_numpy(voxels), spacing)
