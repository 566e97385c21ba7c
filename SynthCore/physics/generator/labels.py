"""SynthSeg's label numbers, and which tissue each stands for.

Brain labels follow FreeSurfer. Those outside of it have no published names; what they are was seen
in pictures and fits the mean intensities that come with the maps: 502 arteries of the neck, 506
eyeballs, 507 all other soft tissue, 508 eye muscles, 509 nasal cavity with its mucosa, 511 the
outermost 5 mm (skin and what lies under it), 512 spinal cord, 514 veins, 515 compact bone, 516
bone with marrow, 530 optic nerves. 136, 137, 163 and 164 lie in the ventricles: choroid plexus. 25
and 57 line the ventricles: white matter that was dark in T1. 0 is air, outside and inside.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from SynthCore.physics.generator.tissue_values import INDEX, NAMES

_BY_TISSUE: dict[str, tuple[int, ...]] = {
    "white matter": (2, 41, 7, 46, 25, 57),
    "gray matter": (3, 42, 8, 47, 18, 54),
    "csf": (4, 43, 5, 44, 14, 15, 24, 72),
    "thalamus": (10, 49),
    "caudate": (11, 50, 26, 58),
    "putamen": (12, 51),
    "pallidum": (13, 52),
    "brainstem": (16, 28, 60),
    "hippocampus": (17, 53),
    "choroid plexus": (136, 137, 163, 164),
    "venous blood": (30, 62, 514),
    "arterial blood": (502,),
    "optic nerve": (85, 530),
    "vitreous": (506,),
    "eye muscle": (508,),
    "spinal cord": (512,),
}

MIXED: dict[str, int] = {"soft": 507, "rind": 511, "cortical": 515, "spongy": 516, "nasal": 509}
"""Labels that hold more than one tissue, by the name used here."""

CODES: dict[str, int] = {
    **INDEX,
    **{name: len(NAMES) + number for number, name in enumerate(MIXED)},
}
"""Code of every tissue and of every mixed label."""

KNOWN: frozenset[int] = frozenset(
    {0, *MIXED.values(), *(label for labels in _BY_TISSUE.values() for label in labels)}
)
"""Every number that stands for something."""

_INSIDE = (
    "white matter",
    "gray matter",
    "csf",
    "thalamus",
    "caudate",
    "putamen",
    "pallidum",
    "brainstem",
    "hippocampus",
    "choroid plexus",
    "spinal cord",
)

CAVITY = (*(label for name in _INSIDE for label in _BY_TISSUE[name]), 30, 62, 85)
"""Labels within the skull and the spinal canal."""

CEREBELLUM = (7, 8, 46, 47)
CEREBRUM = (2, 3, 41, 42)
VENTRICLES = (4, 43, 5, 44)
EYES = (506,)
BONE = (515, 516)


def code_table() -> npt.NDArray[np.uint8]:
    """Code by label number, [1024]; a label that is not known is soft tissue."""
    table = np.full(1024, CODES["soft"], dtype=np.uint8)
    table[0] = CODES["air"]
    for name, labels in _BY_TISSUE.items():
        table[list(labels)] = CODES[name]
    for name, label in MIXED.items():
        table[label] = CODES[name]
    return table
