"""What the model of missing sequences says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.physics.generator import VERSION
from SynthCore.training.cards import NOT_CLEARED, Block, prepare_block
from SynthCore.training.recipe import Recipe
from SynthCore.training.sequence.sampler import ABSENT
from SynthCore.training.sequence.studies import (
    NORMALIZATION,
    ROLES,
    STRETCHED_ABOVE,
    STRETCHED_OUTSIDE_MM,
    TOP_PERCENTILE,
)

OUTPUT_SCALE = 1000.0
"""Of the arbitrary unit: about the 99.5th percentile of the brain."""

_DATA = (
    ("open_ms_data, cross-sectional (MS)", "CC BY", ("patient07", "patient26")),
    ("open_ms_data, longitudinal (MS, with skull)", "CC BY", ("long01", "long03", "long04")),
    (
        "BrainLesion tutorials, AURORA (cystic tumor)",
        "repository Apache-2.0, the patient's own terms not stated",
        ("AURORA",),
    ),
    ("TCGA-LGG (glioma)", "CC BY 3.0", ("TCGA-FG-6692",)),
    ("neurolabusc VolumeRenderingData (chronic stroke)", "MIT", ("cstar-stroke",)),
)


def block(recipe: Recipe, patients: Sequence[str]) -> Block:
    """The fixed part of the card."""
    real = [
        {"name": name, "licence": licence, "patients": [p for p in here if p in patients]}
        for name, licence, here in _DATA
        if any(p in patients for p in here)
    ]
    generated = {
        "name": "anatomical label maps of BBillot/SynthSeg; their MR was simulated",
        "licence": "Apache-2.0",
        "patients": [f"training_seg_{n:02d}" for n in range(1, int(recipe.options["heads"]) + 1)],
        "generator": VERSION,
    }
    return {
        "anatomy": "head, brain extracted or with skull",
        "takes": "any",
        "target": "any",
        "unit": "1",
        "spacing_range_mm": [[0.4, 2.0], [0.4, 2.0], [0.5, 7.0]],
        "prepare": {
            **prepare_block(recipe, [1.0, 1.0, None], dict.fromkeys(ROLES, NORMALIZATION)),
            "absent": ABSENT,
        },
        "output": {
            "scale": OUTPUT_SCALE,
            "offset": 0.0,
            "residual_of": None,
            "clip": [0, 6000],
            "outside": None,
            "channels": list(ROLES),
            "brightest": {
                "percentile": TOP_PERCENTILE,
                "value": OUTPUT_SCALE,
                "above": STRETCHED_ABOVE,
                "outer_mm": STRETCHED_OUTSIDE_MM,
            },
        },
        "training_data": [*real, generated],
        "intended_use": "An MR sequence of the head that was not acquired, from those that were, "
        "in arbitrary units (about 1000 at the 99.5th percentile of the brain), for research and "
        f"teaching. {NOT_CLEARED}",
        "known_failures": [
            "Contrast enhancement cannot be known without contrast agent: a synthetic T1c shows "
            "no enhancement that was not given. It must never be read for enhancement, and that "
            "a lesion does not enhance in it means nothing.",
            "On the worst patient left out (AURORA, from a scanner unlike the others) a cyst came "
            "out dark in T2, where it is the brightest, and with the ventricles as the brightest "
            "of all in FLAIR, where they are dark; T1 had too much contrast, T1c almost none, and "
            "the nodule that enhances was not there. On TCGA-FG-6692 the ventricles came out gray "
            "in FLAIR, and the glioma brighter than its surroundings in T1, where it is darker. "
            "Look at the ventricles first: where fluid is wrong, nothing else is to be believed.",
            "Lesions come out too faint: on four patients left out, FLAIR made from three "
            "sequences showed them with the right sign and on average 57% of their contrast, a "
            "quarter of it in the glioma, whose T1 and T1c had the wrong sign. Count and measure "
            "no lesion in it.",
            "Bright vessels cannot be placed. So that gray levels lie where an acquired image has "
            "them, what is brighter than 98% of the body is stretched until the 99.5th percentile "
            "is right; in T1c and FLAIR within 3 mm of the body's surface alone, so that no spot "
            "deep in a brain looks like enhancement or a lesion. What is brightest in it is "
            "plausible, and not proof of a vessel.",
            "A lookup table fitted on a patient of the same scanner and protocol comes near to it "
            "in T1: 1.0 and 1.5 dB and 0.03 and 0.01 SSIM less on two patients left out. Fine-tune "
            "on a site's own studies.",
            "AURORA and TCGA-FG-6692 were interpolated from thick slices, and the sequences of "
            "AURORA lie up to 2 voxels beside each other. Both are drawn seldom, because they "
            "blurred what was learned from all others; AURORA was registered for training and "
            "for the figures here, and still lies up to 1.5 mm beside itself. What was learned "
            "fits MS patients of one scanner best: on AURORA the SSIM of T2 and of FLAIR is 0.03 "
            "to 0.07 lower than where these two were drawn more often, in version 0.4.0.",
            "The contrast of the result is a usual one, not that of your scanner's protocol: gray "
            "levels differ most where protocols do (T1 of spin echo or of gradient echo).",
            "Few real patients were trained on. Lesions of kinds other than demyelination, "
            "glioma, a cyst and an old infarct may come out as healthy tissue or as another kind.",
            "A lesion that no given sequence shows is not made: FLAIR from T1 alone misses most "
            "plaques.",
            "Blood, calcium, metal and flow look as in the sequences given, or are missing.",
            "With the skull shown and T1 alone given, FLAIR comes out nearly flat in the brain, "
            "even of a patient it was trained on; with the skull nothing was measured.",
            "PD was learned from simulated images alone; no real PD image was at hand to judge it.",
            "Fine vessels and noise are smoother than in an acquired image.",
            "In wide even areas, such as a cyst of 4 cm, faint squares of 8 pixels show: an "
            "artifact of the network.",
            "Children, and brains after surgery, were not in the training data.",
        ],
    }
