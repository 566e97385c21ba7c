"""Heads made by the generator, with a lesion and without: what is learned is the one without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage

from SynthCore.files import label_map
from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.physics.generator.ct_look import apply_ct, draw_ct
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.person import apply_person, draw_person
from SynthCore.physics.generator.scan import Options, apply_scan, draw_scan
from SynthCore.physics.generator.window import Window
from SynthCore.quality.morphology import fill_slices
from SynthCore.training.inpaint.volumes import Volume, make_volume

ROLES = ("T1", "T1c", "T2", "FLAIR", "PD")
SEQUENCES = 2
"""MR sequences of each person; a CT besides."""

SIZE_MM = (150.0, 212.0, 172.0)
"""Of the window along (k, j, i), from the vertex down."""

STRIPPED = 0.5
"""Share of images that show the brain alone."""

THIN = 0.4
"""Share of people in slices of 1 mm; the others' are 2 to 6 mm apart."""

Float32 = npt.NDArray[np.float32]


def list_label_maps(data: Path) -> list[tuple[str, Path]]:
    """Name and file of every label map."""
    folder = data / "label_maps" / "synthseg"
    return [
        (f"synthseg-{path.name[13:15]}", path)
        for path in sorted(folder.glob("training_seg_[0-9][0-9].nii.gz"))
    ]


def read_label_map(path: Path) -> Anatomy:
    """A label map made ready for the generator."""
    labels, _ = label_map.read_label_map(path)
    return read_anatomy(torch.from_numpy(labels))


def make_head(name: str, anatomy: Anatomy, seed: int, roles: Sequence[str] = ()) -> list[Volume]:
    """Images of one person.

    Parameters
    ----------
    name : str
        Of the label map: the patient.
    anatomy : Anatomy
        The label map, made ready.
    seed : int
        Of everything that is drawn.
    roles : sequence of str
        Which images; some MR sequences and a CT where none are named.
    """
    rng = np.random.default_rng((seed, int(name[-2:])))
    thick = 1.0 if rng.random() < THIN else float(rng.uniform(2, 6))
    window = head_window(anatomy, thick)
    person = draw_person(rng, healthy=0.15)
    ill = apply_person(person, anatomy, window)
    well = apply_person(replace(person, lesions=()), anatomy, window)
    wanted = roles or (*(str(r) for r in rng.choice(ROLES, SEQUENCES, replace=False)), "CT")
    made = []
    for role in wanted:
        if role == "CT":
            look = draw_ct(rng, strength=0.6, thickness=(thick, thick + 0.01))
            run = partial(apply_ct, look)
        else:
            slices = Options(thickness=(thick, thick + 0.3))
            scan = draw_scan(rng, role, person.field_t, slices)
            run = partial(apply_scan, scan)
        pair = [run(maps).numpy() for maps in (ill, well)]
        alone = bool(rng.random() < STRIPPED)
        made.append(_volume(name, role, ill, pair, alone))
    return made


def head_window(anatomy: Anatomy, thick: float) -> Window:
    """From 12 mm above the vertex down to the skull's base, in axial slices."""
    k, j, i = (round(size / step) for size, step in zip(SIZE_MM, (thick, 1.0, 1.0), strict=True))
    top = anatomy.origin[0] + anatomy.shape[0]
    middle = [o + c for o, c in zip(anatomy.origin, anatomy.center, strict=True)]
    return Window((top - SIZE_MM[0] / 2, middle[1] + 4, middle[2]), (k, j, i), (thick, 1.0, 1.0))


def _volume(name: str, role: str, maps: TissueMaps, pair: list[Float32], alone: bool) -> Volume:
    brain = maps.brain.numpy()
    # no plane through what skull stripping leaves of the neck
    brain = np.asarray(ndimage.binary_opening(brain, np.ones((1, 3, 3))))
    if alone:
        brain = fill_slices(brain)
        empty = -1000.0 if role == "CT" else 0.0
        pair = [np.where(brain, image, empty).astype(np.float32) for image in pair]
    lesion = maps.lesion.numpy() > 0
    everywhere = np.ones(brain.shape, dtype=np.bool_)
    return make_volume(name, role, maps.spacing, pair[0], pair[1], everywhere, brain, lesion)
