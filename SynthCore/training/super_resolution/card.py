"""What the model of super-resolution says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.training.cards import NOT_CLEARED, SARCOMA, Block, prepare_block
from SynthCore.training.recipe import Recipe
from SynthCore.training.super_resolution.sampler import CHANGE_SCALE
from SynthCore.training.super_resolution.volumes import CT_NORMALIZATION, MR_NORMALIZATION

_SETS = (
    ("open_ms", "open_ms_data (brain and head MR)", "CC BY"),
    ("cstar", "VolumeRenderingData (stroke, brain MR)", "MIT"),
    ("TCGA", "TCGA-LGG (brain MR)", "CC BY 3.0"),
    ("brain", "pyradiomics examples (head MR)", "BSD-3"),
    ("LIDC", "LIDC-IDRI (chest CT)", "CC BY 3.0"),
)


def block(recipe: Recipe, patients: Sequence[str]) -> Block:
    """The fixed part of the card."""
    how = {role: CT_NORMALIZATION if role == "CT" else MR_NORMALIZATION for role in recipe.roles}
    prepare = prepare_block(recipe, [None, None, None], how)
    data = [
        {"name": name, "licence": licence, "patients": found}
        for start, name, licence in _SETS
        if (found := [p for p in patients if p.startswith(start)])
    ]
    data.append({**SARCOMA, "patients": [p for p in patients if p.startswith("STS")]})
    return {
        "anatomy": "brain, head, limbs and chest, in MR of any contrast and CT",
        "target": "same",
        "unit": "same",
        "spacing_range_mm": [[0.4, 9.0]] * 3,
        "prepare": {**prepare, "planes": "through", "tile": [256, 256]},
        "output": {
            "scale": CHANGE_SCALE,
            "offset": 0.0,
            "residual_of": "same",
            "denormalize": True,
            "clip": None,
            "outside": None,
        },
        "training_data": data,
        "intended_use": "Thin slices between the thick slices of an MR or CT, for looking at and "
        f"for steps that need isotropic voxels, in research and teaching. {NOT_CLEARED}",
        "known_failures": [
            "What lies between two acquired slices and is in neither cannot be known: small "
            "vessels, lesions and bone edges thinner than a slice are guessed or missing. "
            "Structure that runs along the slices (folds of the cerebellum, horizontal sulci, the "
            "end plate of a joint) is where the error is largest.",
            "Slices are taken as means over their thickness. Where the file says none (NIfTI) it "
            "is seen or assumed, and thin samples that are taken for thick slices come out too "
            "sharp: the classical model then lost 0.6 to 0.9 dB to a B-spline. Give DICOM with "
            "SliceThickness.",
            "Motion between slices and steps between interleaved halves were not in the training "
            "data and stay.",
            "The worst case of all measured is an image that was smooth across its slices to begin "
            "with: in a T2 that had been interpolated from thick slices (AURORA) and in the MR of "
            "a thigh, the network sharpens edges along the slices more than it should, although "
            "such images were among those it learned from, and is 0.6 and 0.3 dB behind the "
            "classical model, which is the better choice there.",
            "The higher the factor, the more is guessed: at 6 slices in one small gyri are "
            "plausible rather than true.",
            "Noise of the acquired slices is kept and is not made between them: made slices look "
            "smoother than acquired ones.",
        ],
    }
