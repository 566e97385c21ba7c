"""Label maps for tests: a head of spheres, large enough to be one, without and with a neck."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from SynthCore.people.heads import Head, make_head_ready
from Testing.physics.generator.head_map import small_head

MM = 1.6
BELOW = 8
"""Levels of air under the neck that the map ends with."""


def with_neck() -> npt.NDArray[np.int16]:
    """The head goes on downwards from 20 levels below its middle, and is cut off flat."""
    labels = small_head()
    labels[:28] = labels[28]
    labels[:BELOW] = 0
    return labels


def head(labels: npt.NDArray[np.int16] | None = None) -> Head:
    """Made ready, voxels of `MM`."""
    voxels = small_head() if labels is None else labels
    return make_head_ready(voxels, (MM, MM, MM), "labels", "spheres")


def write_map(path: Path, labels: npt.NDArray[np.int16], mm: float = MM) -> Path:
    """As a file."""
    image = Image(labels, make_affine((mm, mm, mm)))
    return write_nifti(image, path, record_json=None, origin="spheres")
