"""What the model of cone-beam CT says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.physics.generator import VERSION
from SynthCore.training.cards import NOT_CLEARED, SARCOMA, Block, prepare_block
from SynthCore.training.cone_beam.sampler import CHANGE_SCALE_HU, NORMALIZATION
from SynthCore.training.cone_beam.volumes import PIXEL_MM
from SynthCore.training.recipe import Recipe


def block(recipe: Recipe, patients: Sequence[str]) -> Block:
    """The fixed part of the card."""
    heads = [p for p in patients if p.startswith("training_seg")]
    data: list[Block] = [
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
                "generator": VERSION,
            }
        )
    return {
        "anatomy": "trunk, limbs and heads in cone-beam CT",
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
        "intended_use": "CT numbers, and less shading, streaks and noise, from a cone-beam CT, for "
        f"research and teaching. {NOT_CLEARED}",
        "known_failures": [
            "No real cone-beam CT was at hand: scatter, noise, truncation, motion and metal are "
            "simulated on CT, and every figure here is on simulated scans.",
            "Worst case: a gluteal region that its image cuts off on two sides and muscle fills "
            "(STS_002) comes out worse than it went in, 56 HU mean absolute error instead of 44, "
            "with fat 42 HU too high: where little fat is seen, or the body is cut off by the "
            "border, the level of soft tissue is not sure. STS_050 is worse as well (40 HU instead "
            "of 36, soft tissue 40 HU too high); three of five limbs, the abdomen and the heads "
            "are better.",
            "Organs after contrast medium stay too low: soft tissue of the abdomen left out "
            "(CRLM-CT-1004, portal venous phase) by 34 to 39 HU in four scans, in which it was 24 "
            "to 38 HU too low before. Scatter takes contrast away, and nothing tells how much a "
            "liver had.",
            "A diagnostic CT given as a cone beam comes out worse, and without headers nothing "
            "tells it from one: of an abdomen (CRLM-CT-1004) the body was off by 20 HU on average, "
            "bone 52 HU too high and soft tissue 10 HU too low. Use such a CT as it is.",
            "Bone stays too low (27 HU on average, 144 in the scans) and small air spaces too "
            "high (43 HU in six patients, 162 in generated heads): they are smaller than the scan "
            "shows.",
            "The simulation has no cone artifacts, no local motion such as breathing against a "
            "still spine, and scatter from a convolution, not from photon transport.",
            "Nothing is put where the scan saw nothing, and just inside the edge of its field CT "
            "numbers are least sure.",
            "Streaks of metal are weakened at best, and what lies behind them is guessed.",
            "One chest and one abdomen were trained on; prostheses and children were not seen.",
            "Not every image that is no scan is refused: one whose CT numbers are all 200 HU too "
            "low passes as like those it learned from, and noise of 300 HU without a body is only "
            "warned of.",
            "Do not plan a dose on it without comparing it with a planning CT of the same patient.",
        ],
    }
