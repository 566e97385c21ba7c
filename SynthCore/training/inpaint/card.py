"""What the inpainting model says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.physics.generator import VERSION
from SynthCore.training.cards import NOT_CLEARED, Block, prepare_block
from SynthCore.training.inpaint.volumes import SPACING_MM, normalization_of
from SynthCore.training.recipe import Recipe

SOURCES = (
    ("open_ms_cross", "open_ms_data, cross-sectional (brain only)", "CC BY"),
    ("open_ms_long", "open_ms_data, longitudinal (with skull)", "CC BY"),
    ("brainlesion", "BrainLesion tutorials, AURORA example",
     "repository Apache-2.0, the patient's own terms not stated"),
    ("pyradiomics", "pyradiomics example heads", "BSD-3"),
    ("synthseg", "SynthSeg label maps, for generated heads", "Apache-2.0"),
)  # fmt: skip
"""How identifiers of patients begin, the data set's name, its licence."""


def block(recipe: Recipe, patients: Sequence[str]) -> Block:
    """The fixed part of the inpainting model's card."""
    fixed = prepare_block(
        recipe, list(SPACING_MM), {role: normalization_of(role) for role in recipe.roles}
    )
    data = [
        {"name": name, "licence": licence, "patients": found}
        | ({"generator": VERSION} if start == "synthseg" else {})
        for start, name, licence in SOURCES
        if (found := [p for p in patients if p.startswith(start)])
    ]
    return {
        "anatomy": "head: MR of any sequence with or without skull, and CT",
        "target": "same",
        "unit": "same",
        "spacing_range_mm": [[0.35, 1.6], [0.35, 1.6], [0.5, 7.0]],
        "prepare": {**fixed, "mask_channel": True, "first_guess": True},
        "output": {"denormalize": True},
        "training_data": data,
        "intended_use": "Fills a region of a brain with a likely continuation of the healthy "
        "tissue around it, for research and teaching: to show a head without its lesion, or to "
        f"feed software that expects a healthy brain. {NOT_CLEARED}",
        "known_failures": [
            "What it fills always looks healthy: it is not evidence that tissue is healthy, or was "
            "before a lesion.",
            "What it fills is smooth: gray levels fit and no edge shows, but there are hardly any "
            "folds in it, and no noise. Regions over about 2 cm can be told at a glance.",
            "Worst of the validation regions: a FLAIR of thick slices with a region across the "
            "fissure between the hemispheres (15.4 dB, its baseline 14.3). The dark fissure and "
            "the folds beside it are replaced by gray; the other side of the head, which the "
            "network looks at, is hidden as well.",
            "A lesion that reaches beyond the mask stays there, and its displacement of the brain "
            "(mass effect) is not undone: draw the mask around edema and hemorrhage as well.",
            "In 4 of the 42 validation regions the classical fill scores better, among them one of "
            "19 mm over the corpus callosum.",
            "It looks at the other side of the head: a lesion there, or a region across the "
            "midline, misleads it.",
            "CT was learned and judged on generated heads alone: in one region of 16 ml in each of "
            "two heads left out it is off by 3.5 and 6.4 HU on average, the biharmonic fill by 4.3 "
            "and 7.9. It fills from -20 to 100 HU: no bone, fat, air or calcification.",
        ],
    }
