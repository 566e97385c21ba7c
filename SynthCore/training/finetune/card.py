"""What a fine-tuned model says of itself."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from SynthCore.errors import InputError
from SynthCore.models.bundle import Bundle
from SynthCore.models.card import Card
from SynthCore.training.cards import NOT_CLEARED
from SynthCore.training.finetune.cases import whole_change
from SynthCore.training.finetune.score import Scores, entry
from SynthCore.training.finetune.split import Split
from SynthCore.words import listed

LONGEST_ID = 64


def model_id(parent: str, site: str) -> str:
    """The id of the new model: the parent's, and the site's name in plain letters.

    Raises
    ------
    InputError
        If nothing of the site's name is left.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", site.lower()).strip("-")
    if not plain:
        raise InputError(f"The name {site!r} has no letters or digits; give another --site.")
    return f"{parent[: LONGEST_ID // 2]}-{plain}"[:LONGEST_ID].strip("-")


def block(
    bundle: Bundle,
    *,
    site: str,
    licence: str,
    how: str,
    split: Split,
    pairs: int,
    images: Sequence[str],
    roles: tuple[Sequence[str], str],
    before: Scores,
    after: Scores,
    statistics: Mapping[str, Any],
    training: Mapping[str, Any],
) -> dict[str, Any]:
    """The card's block, made from the parent's.

    Parameters
    ----------
    bundle : Bundle
        The parent.
    site, licence : str
        As the site says them.
    how : str
        How the pairs were registered.
    split : Split
        Numbers of patients.
    pairs : int
        Trained on.
    images : sequence of str
        Of the targets trained on, the first half of the SHA-256 of their voxels.
    roles : tuple
        Roles that were given, and the one that was learned.
    before, after : Scores
        On the patients kept.
    statistics : mapping
        Of the inputs, by role.
    training : mapping
        Seed, steps, minutes, machine, parameters.
    """
    card = bundle.card
    parent = copy.deepcopy(dict(whole_change(card).block))
    parent.pop("uncertainty", None)  # of the parent's errors
    data = list(parent["training"].get("data", []))
    own = {
        "name": site,
        "licence": licence,
        "patients": [f"patient {n}" for n in split.trained],
        "pairs": pairs,
        "registration": how,
        "images": sorted(images),
    }
    failures = list(parent.get("known_failures", []))
    if failures:
        failures.insert(
            0,
            f"What follows was found in the parent, {card.id} {card.version}, figures included; "
            "in these weights nobody has looked for it.",
        )
    worse = warning(before, after)
    own_roles = _learned(card, *roles)
    return {
        **parent,
        "id": model_id(card.id, site),
        "version": "0.1.0",
        "changelog": {"0.1.0": f"fine-tuned from {card.id} {card.version}"},
        "weights_sha256": "",
        "intended_use": f"{_without(parent['intended_use'])} Fine-tuned on pairs of {site}. "
        f"{NOT_CLEARED}",
        "known_failures": [*filter(None, (worse, own_roles)), *failures],
        "training": {
            **training,
            "data": [*data, own],
            "validation": [f"patient {n}" for n in split.kept],
            "split": f"by patient, drawn with seed {training['seed']}",
            "recipe": "finetune",
            "parent": {
                "id": card.id,
                "version": card.version,
                "weights_sha256": card.weights_sha256,
            },
        },
        "quality": [entry(after, before, site, card.id)],
        "input_statistics": dict(statistics),
    }


def _learned(card: Card, given: Sequence[str], target: str) -> str:
    """A sentence where the parent takes or makes more than was learned here, else nothing."""
    if set(given) == set(card.inputs) and len(card.output.channels) < 2:
        return ""
    return (
        f"Only {target} from {listed(given)} was learned and measured here: with any other role, "
        "given or made, it may do worse than its parent, and nobody has looked."
    )


def warning(before: Scores, after: Scores) -> str:
    """A sentence where the model got worse on the kept patients, else nothing."""
    if after.error <= before.error:
        return ""
    name = next(iter(after.metrics))
    return (
        f"On the patients kept it is worse than its parent: {name} {after.error:.4g} instead of "
        f"{before.error:.4g}."
    )


def page(made: Mapping[str, Any]) -> str:
    """The card for people, Markdown."""
    training, one = made["training"], made["quality"][0]
    parent, own = training["parent"], training["data"][-1]
    lines = [
        f"# {made['id']}",
        "",
        f"**{NOT_CLEARED}** {_without(made['intended_use'])}",
        "",
        f"- Task: {made['task']}, from {', '.join(made['inputs'])}",
        f"- Made from: {parent['id']} {parent['version']}, SHA-256 `{parent['weights_sha256']}`",
        f"- Learned from: {own['pairs']} pairs of {len(own['patients'])} patients of "
        f"{own['name']}, {own['licence']}; registration: {own['registration']}",
        f"- Training: {'at most ' * ('minutes_at_most' in training)}{training['steps']} steps, "
        f"seed {training['seed']}, {training['minutes']:.1f} minutes on {training['machine']}",
        "",
        "Patients are numbered in the order of the site's table; "
        f"split {training['split']}. Trained on: {', '.join(own['patients'])}. "
        f"Kept: {', '.join(training['validation'])}.",
        "",
        "## On the patients kept",
        "",
        f"{one['data']}; mask: {one['mask']}; preset: {one['preset']}. Nothing was chosen by "
        "these figures.",
        "",
        "| | before | now |",
        "|---|---|---|",
    ]
    before = one["baseline"]["metrics"]
    lines += [
        f"| {name} | {before[name]:.4g} | {value:.4g} |"
        for name, value in one["metrics"].items()
        if name in before
    ]
    lines += ["", "| | now |", "|---|---|"]
    lines += [f"| {name} | {value:.4g} |" for name, value in one["by_patient"].items()]
    lines += ["", "Figures of the parent's own validation hold for the parent alone.", ""]
    lines += ["## What the parent learned from", ""]
    lines += [f"- {data['name']}, {data['licence']}" for data in training["data"][:-1]]
    lines += ["", "## Known failures", "", *(f"- {text}" for text in made["known_failures"]), ""]
    return "\n".join(lines)


def _without(text: str) -> str:
    return text.removesuffix(NOT_CLEARED).strip()
