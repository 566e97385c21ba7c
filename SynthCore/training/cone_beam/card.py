"""What the model of cone-beam CT says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.training.cards import NOT_CLEARED, SARCOMA, Block, prepare_block
from SynthCore.training.cone_beam.sampler import CHANGE_SCALE_HU, NORMALIZATION
from SynthCore.training.cone_beam.volumes import PIXEL_MM
from SynthCore.training.recipe import Recipe


def block(recipe: Recipe, patients: Sequence[str]) -> Block:
    """The fixed part of the card."""
    heads = [p for p in patients if p.startswith("training_seg")]
    data = [
        {"name": "LIDC-IDRI (chest)", "licence": "CC BY 3.0", "patients": ["LIDC-IDRI-0314"]},
        {
            "name": "TotalSegmentator example (abdomen and pelvis, 3 mm)",
            "licence": "Apache-2.0",
            "patients": ["totalsegmentator-example"],
        },
        {**SARCOMA, "patients": [p for p in patients if p.startswith("STS")]},
    ]
    if heads:
        data.append(
            {
                "name": "Label maps of SynthSeg; heads of CT numbers were generated from them",
                "licence": "Apache-2.0",
                "patients": heads,
            }
        )
    return {
        "anatomy": "trunk and limbs in cone-beam CT, and heads"
        if heads
        else "trunk and limbs in cone-beam CT",
        "target": "CT",
        "unit": "HU",
        "spacing_range_mm": [[0.4, 1.6], [0.4, 1.6], [0.8, 6.0]],
        "prepare": prepare_block(recipe, [PIXEL_MM, PIXEL_MM, None], {"CBCT": NORMALIZATION}),
        "output": {
            "scale": CHANGE_SCALE_HU,
            "offset": 0.0,
            "residual_of": "CBCT",
            "clip": [-1024, 3071],
            "outside": None,
        },
        "training_data": data,
        "intended_use": "CT numbers, and less shading, streaks and noise, from a cone-beam CT "
        f"without contrast medium, for research and teaching. {NOT_CLEARED}",
        "known_failures": [
            "Soft tissue lifted by contrast medium is taken for shading and lowered: the "
            "abdomen left out (CRLM-CT-1004, portal venous phase) comes out 64 HU too low in "
            "soft tissue and worse than it went in (63 HU mean absolute error, 49 "
            "uncorrected). This is the worst case; the checks of an input do not notice it. "
            "Do not use it after contrast medium.",
            "Where one tissue fills the image or the body is cut off by its border, the level "
            "of soft tissue is not sure: parts of STS_002 come out 60 to 100 HU too high.",
            "No real cone-beam CT was at hand: scatter, noise, truncation, motion and metal are "
            "simulated on CT, and every figure here is on simulated scans.",
            "The simulation has no cone artifacts, no local motion such as breathing against a "
            "still spine, and scatter from a convolution, not from photon transport.",
            "Nothing is put where the scan saw nothing: outside the field of view stays air, and "
            "just inside its edge CT numbers are least sure.",
            "Streaks of metal are weakened at best, and what lies behind them is guessed.",
            "One chest and one abdomen were trained on; prostheses and children were not seen.",
            "Air spaces and fat next to strong shading can be taken for each other; do not plan "
            "a dose on it without checking.",
        ],
    }
