"""What the model of the limbs says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.training.cards import NOT_CLEARED, SARCOMA, Block, prepare_block
from SynthCore.training.pairs import HU_SCALE, MR_NORMALIZATION
from SynthCore.training.recipe import Recipe

MIRRORED = ("flip-i", "flip-j", "flip-ij")
"""The result is the mean of the answers to the input and these mirror images of it."""


def block(recipe: Recipe, patients: Sequence[str]) -> Block:
    """The fixed part of the extremity model's card."""
    return {
        "anatomy": "one limb, thigh or calf, about 5 cm round a soft-tissue sarcoma",
        "target": "CT",
        "unit": "HU",
        "spacing_range_mm": [[0.7, 1.3], [0.7, 1.3], [2.0, 5.0]],
        "prepare": prepare_block(recipe, [0.977, 0.977, None], {"T1": MR_NORMALIZATION}),
        "output": {
            "scale": HU_SCALE,
            "offset": 0.0,
            "residual_of": None,
            "clip": [-1024, 3071],
            "outside": None,
            "mean_over": list(MIRRORED),
        },
        "training_data": [{**SARCOMA, "patients": list(patients)}],
        "intended_use": "Synthetic CT numbers from a T1-weighted MR of one thigh or calf, for "
        f"research and teaching. {NOT_CLEARED}",
        "known_failures": [
            "Cortical bone and air are both dark in T1: thin or unusual bone, gas and metal are "
            "guessed from the surroundings.",
            "Bone is 70 HU too soft on average; its CT numbers are not fit for dose calculation.",
            "Muscle comes out at 45 to 47 HU, as in the patients trained on; where a patient's is "
            "36 to 41 HU (STS_010, STS_023, STS_050), soft tissue is 5 to 14 HU too dense.",
            "Worst of the validation patients: STS_002, a small field of view over hip and "
            "buttock. Bone at the edge of the field is half guessed (Dice 0.56): made where a "
            "bright wedge of fat lies between dark edges, missed where the ischium ends; and the "
            "noise of its CT alone is 18 HU.",
            "Spongy bone at the knee comes out with the wrong density in places (STS_010, 100 to "
            "200 HU): T1 shows its marrow, not its trabeculae.",
            "Skin, coil markers and anything outside the body are not reliable.",
            "Fat-suppressed or contrast-enhanced T1, children, and limbs after surgery were not "
            "in the training data.",
            "Calcification and contrast medium in CT cannot be foreseen from T1.",
        ],
    }
