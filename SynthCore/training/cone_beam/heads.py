"""Heads for cone-beam scans: CT numbers of people generated from label maps."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.physics.generator.anatomy import read_anatomy
from SynthCore.physics.generator.person import apply_person, draw_person
from SynthCore.physics.generator.window import Window
from SynthCore.training.cone_beam.volumes import PIXEL_MM, Source, Sources

FOLDER = Path("label_maps") / "synthseg"
SLICE_MM = 4.0
_EVERY = 3
_MARGIN_MM = 8.0


def head_sources(data: Path, left_out: tuple[str, ...], seed: int) -> Sources:
    """A person made from every third label map, but those left out: a head takes a minute."""
    return {
        name: partial(head, data, name, seed)
        for name in label_maps(data)[::_EVERY]
        if name not in left_out
    }


def label_maps(data: Path) -> list[str]:
    """Names of the label maps there are."""
    found = sorted((data / FOLDER).glob("training_seg_??.nii.gz"))
    return [path.name.removesuffix(".nii.gz") for path in found]


def head(data: Path, name: str, seed: int, slices: int | None = None) -> Source:
    """The CT of a person with that label map, or its middle slices; a seed names a person."""
    labels = upright(read(data / FOLDER / f"{name}.nii.gz"))
    anatomy = read_anatomy(torch.from_numpy(labels.astype(np.int16)))
    person = draw_person(np.random.default_rng((int.from_bytes(name.encode(), "big"), seed)))
    high, deep, wide = (extent + 2 * _MARGIN_MM for extent in anatomy.extent_mm)
    count = round(high / SLICE_MM)
    shape = (min(count, slices or count), round(deep / PIXEL_MM), round(wide / PIXEL_MM))
    middle = [
        first + (count - 1) / 2 for first, count in zip(anatomy.origin, anatomy.shape, strict=True)
    ]
    center = (middle[0], middle[1], middle[2])
    window = Window(center, shape, (SLICE_MM, PIXEL_MM, PIXEL_MM))
    hu = apply_person(person, anatomy, window).hu.numpy().astype(np.float32)
    return Source(name, "head", np.clip(hu, -1024, 3071), (SLICE_MM, PIXEL_MM, PIXEL_MM))


def upright(image: Image) -> npt.NDArray[np.generic]:
    """Voxels with axes toward superior, posterior and left, whatever way they are stored."""
    columns = np.asarray(image.affine)[:3, :3]  # of i, j and k, in LPS
    main = [int(np.argmax(np.abs(columns[:, axis]))) for axis in range(3)]
    voxels = image.voxels
    for axis, world in enumerate(main):
        if columns[world, axis] < 0:
            voxels = np.flip(voxels, axis=2 - axis)
    # array axis 2 - a runs along world axis main[a]; wanted are z, y, x
    return voxels.transpose([2 - main.index(world) for world in (2, 1, 0)])
