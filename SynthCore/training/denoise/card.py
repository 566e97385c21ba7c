"""What the model of low-dose CT says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.training.cards import NOT_CLEARED, SARCOMA, Block, prepare_block
from SynthCore.training.denoise.slabs import CHANGE_SCALE_HU, CT_NORMALIZATION, FULL_DOSE_HU, GRAIN
from SynthCore.training.recipe import Recipe


def block(recipe: Recipe, patients: Sequence[str]) -> Block:
    """The fixed part of the denoising model's card."""
    sarcoma = [p for p in patients if p.startswith("STS")]
    data = [
        {"name": "LIDC-IDRI (chest)", "licence": "CC BY 3.0", "patients": ["LIDC-IDRI-0314"]},
        {
            "name": "TotalSegmentator example (abdomen and pelvis, 3 mm)",
            "licence": "Apache-2.0",
            "patients": ["totalsegmentator-example"],
        },
        {**SARCOMA, "patients": sarcoma},
    ]
    return {
        "anatomy": "body CT: chest, abdomen, pelvis, limbs",
        "target": "CT",
        "unit": "HU",
        "spacing_range_mm": [[0.6, 1.1], [0.6, 1.1], [1.0, 10.0]],
        "prepare": prepare_block(recipe, [None, None, None], {"CT": CT_NORMALIZATION}),
        "output": {
            "scale": CHANGE_SCALE_HU * GRAIN,
            "full_dose_hu": FULL_DOSE_HU,
            "offset": 0.0,
            "residual_of": "CT",
            "clip": [-1024, 3071],
            "outside": None,
        },
        "training_data": data,
        "intended_use": "Takes away the noise of a body CT at 5% to 50% of the usual dose, down to "
        f"what the usual dose has itself, for research and teaching. {NOT_CLEARED}",
        "known_failures": [
            "Trained on simulated noise (parallel beam, independent between slices), not on "
            "measured low-dose scans.",
            "Low contrast at the size of the noise's grain is smoothed away: a lesion that cannot "
            "be told from noise in the input is not recovered, and looks like smooth tissue.",
            f"It takes {FULL_DOSE_HU:g} HU for the noise of the full dose: a protocol with more "
            "comes out smoother than its own full dose, one with less comes out noisier.",
            "Worst at a tenth of the dose in the abdomen left out: a bright vessel of 4 mm beside "
            "the spine comes out like muscle (142 HU become 78), a gas bubble of 3 mm is half "
            "filled (-321 become -150), the fat behind the spinal cord and a vessel of 3 mm in fat "
            "are lost: 50 HU over a few pixels, where noise hides what is as small.",
            "A rod of 10 mm and 5 HU in the liver is seen less well than at full dose, and no "
            "better than before denoising: what noise hid does not come back. At a tenth of the "
            "dose one slice holds too little of it (the prewhitening observer, the best of all in "
            "Gaussian noise, has a d' of 0.82 where an observer of the full dose has 1.15); the "
            "mean of seven slices shows such a rod, which runs through all of them, as well "
            "(1.36), and blurs what does not.",
            "Streaks of photon starvation and of metal stay.",
            "Noise of iterative reconstruction has another texture than what was trained on.",
        ],
    }
