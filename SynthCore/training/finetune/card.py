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
from SynthCore.training.finetune.score import entry
from SynthCore.training.finetune.split import Split
from SynthCore.training.finetune.worse import Judgement, told
from SynthCore.words import listed

LONGEST_ID = 64


_PARENT = "its parent was made for "


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
    judged: Sequence[Judgement],
    unlike: int = 0,
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
        Of all images trained on, the first half of the SHA-256 of their voxels.
    roles : tuple
        Roles that were given, and the one that was learned.
    judged : sequence of Judgement
        On the patients kept, in each way of placing them.
    unlike : int
        How many of the inputs trained on the parent would have refused as unlike its own.
    statistics : mapping
        Of the inputs, by role.
    training : mapping
        Seed, steps, steps asked for, minutes, machine, parameters.
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
        "unlike_parent": unlike,
    }
    failures = list(parent.get("known_failures", []))
    if failures:
        failures.insert(
            0,
            f"What follows was found in the parent, {card.id} {card.version}, figures included; "
            "in these weights nobody has looked for it.",
        )
    worse = told(judged)
    own_roles = _learned(card, *roles)
    return {
        **parent,
        "id": model_id(card.id, site),
        "version": "0.1.0",
        "changelog": {"0.1.0": f"fine-tuned from {card.id} {card.version}"},
        "weights_sha256": "",
        "anatomy": f"what the pairs of {site} show; {_PARENT}{card.anatomy.split(_PARENT)[-1]}",
        "intended_use": f"{without(parent['intended_use'])} Fine-tuned on pairs of {site}. "
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
        # first what shares least with the training: lists of models show the first
        "quality": [entry(one.after, one.before, site, card.id) for one in reversed(judged)],
        "input_statistics": dict(statistics),
    }


def without(text: str) -> str:
    """The text without the sentence that nothing is cleared, which stands elsewhere."""
    return text.removesuffix(NOT_CLEARED).strip()


def _learned(card: Card, given: Sequence[str], target: str) -> str:
    """A sentence where the parent takes or makes more than was learned here, else nothing."""
    if set(given) == set(card.inputs) and len(card.output.channels) < 2:
        return ""
    return (
        f"Only {target} from {listed(given)} was learned and measured here: with any other role, "
        "given or made, it may do worse than its parent, and nobody has looked."
    )
