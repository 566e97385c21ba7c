"""What each recipe's model says of itself: the card's block and the page for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from SynthCore.models.normalize import Normalization
from SynthCore.training.dose_data import CHANGE_SCALE_HU, CT_NORMALIZATION, SHARE_TAKEN
from SynthCore.training.pairs import HU_SCALE, MR_NORMALIZATION
from SynthCore.training.recipes import Recipe

Block = dict[str, Any]

NOT_CLEARED = "Research software, not cleared for clinical use."

_STS = {
    "name": "Soft-tissue-Sarcoma (TCIA), as NIfTI in theibsi/data_sets",
    "licence": "CC BY 3.0",
}


def extremity_block(recipe: Recipe, patients: Sequence[str]) -> Block:
    """The fixed part of the extremity model's card."""
    return {
        "anatomy": "one limb, thigh or calf, about 5 cm round a soft-tissue sarcoma",
        "target": "CT",
        "unit": "HU",
        "spacing_range_mm": [[0.7, 1.3], [0.7, 1.3], [2.0, 5.0]],
        "prepare": _prepare(recipe, [0.977, 0.977, None], {"T1": MR_NORMALIZATION}),
        "output": {
            "scale": HU_SCALE,
            "offset": 0.0,
            "residual_of": None,
            "clip": [-1024, 3071],
            "outside": None,
        },
        "training_data": [{**_STS, "patients": list(patients)}],
        "intended_use": "Synthetic CT numbers from a T1-weighted MR of one thigh or calf, for "
        f"research and teaching. {NOT_CLEARED}",
        "known_failures": [
            "Cortical bone and air are both dark in T1: thin or unusual bone, gas and metal are "
            "guessed from the surroundings.",
            "Bone is too soft on average; its CT numbers are not fit for dose calculation.",
            "Skin, coil markers and anything outside the body are not reliable.",
            "Fat-suppressed or contrast-enhanced T1, children, and limbs after surgery were not "
            "in the training data.",
            "Calcification and contrast medium in CT cannot be foreseen from T1.",
        ],
    }


def denoise_block(recipe: Recipe, patients: Sequence[str]) -> Block:
    """The fixed part of the denoising model's card."""
    sarcoma = [p for p in patients if p.startswith("STS")]
    data = [
        {"name": "LIDC-IDRI (chest)", "licence": "CC BY 3.0", "patients": ["LIDC-IDRI-0314"]},
        {
            "name": "TotalSegmentator example (abdomen and pelvis, 3 mm)",
            "licence": "Apache-2.0",
            "patients": ["totalsegmentator-example"],
        },
        {**_STS, "patients": sarcoma},
    ]
    return {
        "anatomy": "body CT: chest, abdomen, pelvis, limbs",
        "target": "CT",
        "unit": "HU",
        "spacing_range_mm": [[0.6, 1.1], [0.6, 1.1], [1.0, 10.0]],
        "prepare": _prepare(recipe, [None, None, None], {"CT": CT_NORMALIZATION}),
        "output": {
            "scale": CHANGE_SCALE_HU * SHARE_TAKEN,
            "offset": 0.0,
            "residual_of": "CT",
            "clip": [-1024, 3071],
            "outside": None,
        },
        "training_data": data,
        "intended_use": "Takes away the noise of a body CT at about a quarter to a tenth of the "
        f"usual dose, for research and teaching. {NOT_CLEARED}",
        "known_failures": [
            "Trained on simulated noise (parallel beam, independent between slices), not on "
            "measured low-dose scans.",
            "Low contrast at the size of the noise's grain is smoothed away: a lesion that cannot "
            "be told from noise in the input is not recovered.",
            "Streaks of photon starvation and of metal stay.",
            "Noise of iterative reconstruction has another texture than what was trained on.",
        ],
    }


def _prepare(
    recipe: Recipe, spacing: list[float | None], normalization: Mapping[str, Normalization]
) -> Block:
    return {
        "spacing_mm": spacing,
        "orientation": None,
        "slices": recipe.slices,
        "multiple_of": 16,
        "tile": [512, 512],
        "normalization": {role: asdict(how) for role, how in normalization.items()},
    }


def finish_block(
    recipe: Recipe,
    block: Mapping[str, Any],
    *,
    seed: int,
    minutes: float,
    machine: str,
    parameters: int,
    statistics: Mapping[str, Any],
    quality: Sequence[Mapping[str, Any]],
) -> Block:
    """The whole ``synthcore`` block but the hash of the weights."""
    fixed = {k: v for k, v in block.items() if k != "training_data"}
    return {
        "id": recipe.model,
        "task": recipe.task,
        "inputs": list(recipe.roles),
        "kind": "network",
        "weights_sha256": "",
        **fixed,
        "training": {
            "data": block["training_data"],
            "validation": list(recipe.validation),
            "split": "by patient",
            "recipe": recipe.name,
            "seed": seed,
            "steps": recipe.steps,
            "minutes": round(minutes, 1),
            "machine": machine,
            "parameters": parameters,
        },
        "quality": [dict(one) for one in quality],
        "input_statistics": dict(statistics),
    }


def page(block: Mapping[str, Any]) -> str:
    """The card for people, Markdown."""
    training = block["training"]
    lines = [
        f"# {block['id']}",
        "",
        f"**{NOT_CLEARED}** {block['intended_use'].removesuffix(NOT_CLEARED).strip()}",
        "",
        f"- Task: {block['task']}, from {', '.join(block['inputs'])} to {block['target']} "
        f"({block['unit']})",
        f"- Made for: {block['anatomy']}",
        f"- Network: 2.5D residual U-Net, {block['prepare']['slices']} slices in, "
        f"{training['parameters'] / 1e6:.2f} million weights, float16",
        f"- Training: recipe `{training['recipe']}`, seed {training['seed']}, "
        f"{training['minutes']:.0f} minutes on {training['machine']}",
        f"- Again: `synthcore train {training['recipe']} --data DIR --out DIR`",
        "",
        "## Data",
        "",
    ]
    for data in training["data"]:
        lines.append(f"- {data['name']}, {data['licence']}: {', '.join(data['patients'])}")
    lines += [
        "",
        f"Never trained on (split {training['split']}): {', '.join(training['validation'])}.",
        "",
        "## Measured quality",
        "",
    ]
    for one in block["quality"]:
        lines += [f"{one['data']}; mask: {one['mask']}; preset: {one['preset']}.", ""]
        lines += _table(one)
        lines += ["", f"Printed by `{one['command']}`.", ""]
    lines += ["## Known failures", "", *(f"- {text}" for text in block["known_failures"]), ""]
    return "\n".join(lines)


def _table(one: Mapping[str, Any]) -> list[str]:
    others = one.get("baselines", [one["baseline"]] if one.get("baseline") else [])
    columns = [("this model", one["metrics"]), *((o["name"], o["metrics"]) for o in others)]
    head = "| | " + " | ".join(name for name, _ in columns) + " |"
    rule = "|---|" + "---|" * len(columns)
    rows = [
        f"| {metric} | "
        + " | ".join(f"{m[metric]:.3g}" if metric in m else "" for _, m in columns)
        + " |"
        for metric in one["metrics"]
    ]
    return [head, rule, *rows]
