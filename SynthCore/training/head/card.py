"""What the model of the head says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.physics.generator import VERSION
from SynthCore.training.cards import NOT_CLEARED, Block, prepare_block
from SynthCore.training.head.sampler import HU_SCALE, NORMALIZATION
from SynthCore.training.recipe import Recipe

MIRRORED = ("flip-i",)
"""Left and right: heads are nearly symmetric."""

SPACING_RANGE_MM = [[0.4, 1.6], [0.4, 1.6], [0.8, 8.0]]


def block(recipe: Recipe, heads: Sequence[str]) -> Block:
    """The fixed part of the head model's card."""
    return {
        "anatomy": "the head with skull and scalp, not skull-stripped",
        "takes": "one",
        "target": "CT",
        "unit": "HU",
        "spacing_range_mm": SPACING_RANGE_MM,
        "prepare": prepare_block(
            recipe, [1.0, 1.0, None], dict.fromkeys(recipe.roles, NORMALIZATION)
        ),
        "output": {
            "scale": HU_SCALE,
            "offset": 0.0,
            "residual_of": None,
            "clip": [-1024, 3071],
            "outside": None,
            "mean_over": list(MIRRORED),
        },
        "training_data": [
            {
                "name": "anatomical label maps of BBillot/SynthSeg; MR and CT were simulated",
                "licence": "Apache-2.0",
                "patients": list(heads),
                "generator": VERSION,
            }
        ],
        "intended_use": "Synthetic CT numbers of a whole head from one T1-weighted MR, with or "
        f"without contrast agent, or one T2-weighted MR, for research and teaching. {NOT_CLEARED}",
        "known_failures": [
            "Trained on simulated MR and CT alone: it has never seen a measured CT of a head.",
            "Marrow as bright as brain, in a thick skull or in thick slices near the vertex, is "
            "taken for soft tissue, and the vault has holes there: look at every slice.",
            "Bone and air are both dark in MR: sinuses, ear canals, mastoid cells and the bone "
            "between them are guessed from the surroundings.",
            "Teeth, fillings, implants, clips, plates and other metal, and skulls after surgery, "
            "were not in the training data; a bone flap comes out as bone, a gap may be closed.",
            "Hats, pads, fixation frames and coils are not part of it: what gives signal outside "
            "the head may come out as soft tissue.",
            "A field of view that cuts the head leaves bone and air at the cut to guesswork: in "
            "one of the real heads below, the dark sinus in the last slice came out as air.",
            "Calcifications and fresh blood cannot be foreseen from T1 or T2 alone.",
            "Fluid and finely folded brain against the skull, in T1 as dark as bone, can come out "
            "as bone: the lowest part of the cerebellum of the digital phantom of `synthcore demo` "
            "does, with the fluid behind it, and no check sees it.",
            "Ghosts and noise in the air beside the head can come out as tissue or bone there.",
            "Skull-stripped images have no skull to make: they are not for this model.",
        ],
    }
