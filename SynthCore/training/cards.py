"""The card of a model, for programs and for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from SynthCore.models.library import is_built_in
from SynthCore.models.networks import multiple_of
from SynthCore.models.normalize import Normalization
from SynthCore.quality.words import metric_with_unit
from SynthCore.training.recipe import Recipe

Block = dict[str, Any]

NOT_CLEARED = "Research software, not cleared for clinical use."

OF_PUBLISHED = (
    "What follows was found in the published weights of this recipe, figures included; in these "
    "weights nobody has looked for it."
)

SARCOMA = {
    "name": "Soft-tissue-Sarcoma (TCIA), as NIfTI in theibsi/data_sets",
    "licence": "CC BY 3.0",
}


def prepare_block(
    recipe: Recipe, spacing: list[float | None], normalization: Mapping[str, Normalization]
) -> Block:
    """The card's ``prepare``, as the recipe's samplers prepare their batches."""
    return {
        "spacing_mm": spacing,
        "orientation": None,
        "slices": recipe.slices,
        "multiple_of": multiple_of(recipe.widths),
        "tile": [512, 512],
        "normalization": {role: asdict(how) for role, how in normalization.items()},
    }


def finish_block(
    recipe: Recipe,
    block: Mapping[str, Any],
    *,
    seed: int,
    steps: int,
    minutes: float,
    machine: str,
    parameters: int,
    statistics: Mapping[str, Any],
    quality: Sequence[Mapping[str, Any]],
) -> Block:
    """The whole ``synthcore`` block but the hash of the weights.

    A recipe's room tells what is known of its published weights; these are others, so that their
    version begins anew and what was found in the published ones is said to be of those.

    Parameters
    ----------
    recipe : Recipe
        As it was run: with its fold and its limit of time.
    block : mapping
        Of the recipe's room.
    seed, steps, minutes, machine, parameters
        Of the run; the steps that were made, which a limit of time may have cut short.
    statistics, quality
        Of the inputs, and measured on these weights.
    """
    fixed = {k: v for k, v in block.items() if k != "training_data"}
    failures = fixed.get("known_failures", [])
    limit = {} if recipe.minutes is None else {"minutes_at_most": recipe.minutes}
    left_out = {"left_out": list(recipe.left_out)} if recipe.left_out else {}
    return {
        "id": recipe.model,
        "task": recipe.task,
        "inputs": list(recipe.roles),
        "kind": "network",
        "weights_sha256": "",
        **fixed,
        "version": "0.1.0",
        "changelog": {"0.1.0": f"trained by the recipe {recipe.name}"},
        "known_failures": [*([OF_PUBLISHED] if is_built_in(recipe.name) else []), *failures],
        "training": {
            "data": block["training_data"],
            "validation": list(recipe.validation),
            "split": "by patient",
            "recipe": recipe.name,
            "seed": seed,
            "steps": steps,
            **limit,
            **left_out,
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
        f"- Network: {block.get('network', '2.5D residual U-Net')}, "
        f"{block['prepare']['slices']} slices in, "
        f"{training['parameters'] / 1e6:.2f} million weights, float16",
        f"- Training: recipe `{training['recipe']}`, seed {training['seed']}, "
        f"{training['minutes']:.0f} minutes on {training['machine']}",
        f"- Again: `{_again(training)}`",
        *_continued(training),
        "",
        "## Data",
        "",
    ]
    for data in training["data"]:
        made = f" (generator, version {data['generator']})" if "generator" in data else ""
        lines.append(f"- {data['name']}{made}, {data['licence']}: {', '.join(data['patients'])}")
    lines += [
        "",
        _left_out(training),
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


def _left_out(training: Mapping[str, Any]) -> str:
    if not training["validation"]:
        return "Nobody was kept out of the training of these weights."
    return f"Never trained on (split {training['split']}): {', '.join(training['validation'])}."


def _table(one: Mapping[str, Any]) -> list[str]:
    others = one.get("baselines", [one["baseline"]] if one.get("baseline") else [])
    columns = [("this model", one["metrics"]), *((o["name"], o["metrics"]) for o in others)]
    head = "| | " + " | ".join(name for name, _ in columns) + " |"
    rule = "|---|" + "---|" * len(columns)
    rows = [
        f"| {metric_with_unit(metric)} | "
        + " | ".join(f"{m[metric]:.3g}" if metric in m else "" for _, m in columns)
        + " |"
        for metric in one["metrics"]
    ]
    return [head, rule, *rows]


def _again(training: Mapping[str, Any]) -> str:
    """The command that made the model; a seed of 0 is the default."""
    parts = [f"synthcore train {training['recipe']} --data DIR --out DIR"]
    if training["seed"]:
        parts.append(f"--seed {training['seed']}")
    if "minutes_at_most" in training:
        parts.append(f"--minutes {training['minutes_at_most']:g}")
    parts += [f"--leave-out {patient}" for patient in training.get("left_out", [])]
    return " ".join(parts)


def _continued(training: Mapping[str, Any]) -> list[str]:
    """That the run began from published weights, where it did."""
    if "continued_from" not in training:
        return []
    one = training["continued_from"]
    return [
        f"- The first {one['stages']} stages are those of version {one['version']}: its published "
        f"weights, rounded to float16 (SHA-256 `{one['weights_sha256'][:16]}...`), were trained on"
    ]
