"""How a network does on the patients that were kept from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from SynthCore.engine.prepare import restore
from SynthCore.engine.ready import find_body
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.models.card import Card
from SynthCore.quality.evaluate import DEFAULT_PRESETS, evaluate
from SynthCore.quality.evaluation import Evaluation
from SynthCore.quality.morphology import eroded
from SynthCore.tasks import CT_ROLES, unit_of
from SynthCore.training.apply import predict_mean
from SynthCore.training.finetune.cases import Truth
from SynthCore.words import counted

ERODE = 2
"""Pixels that are taken off the body of both images, in each slice: outlines differ."""


@dataclass(frozen=True)
class Scores:
    """Means over patients, and what they depend on.

    Attributes
    ----------
    metrics : mapping
        Means over patients; the first is the mean absolute error.
    by_patient : mapping
        The first figure of each.
    preset, mask : str
        What they were scored by, and where.
    clip, data_range
        Of the preset.
    placed, remark : str
        How the targets were placed, and what that does to the figures.
    """

    metrics: Mapping[str, float]
    by_patient: Mapping[str, float]
    preset: str
    mask: str
    clip: tuple[float, float] | None
    data_range: float
    placed: str = ""
    remark: str = ""

    @property
    def error(self) -> float:
        """The figure that says better or worse: the mean absolute error."""
        return next(iter(self.metrics.values()))


def predict(card: Card, network: nn.Module, truth: Truth) -> Image:
    """The network's image on the input's grid, as the engine makes it."""
    fixed = truth.placed.pair.fixed
    role = truth.target.modality
    made = predict_mean(
        network,
        truth.prepared.channels,
        card.prepare.slices,
        card.output.mean_over,
        card.output.index(role),
    )
    voxels = restore(card, truth.prepared, made, find_body(fixed))
    return fixed.with_voxels(voxels, modality=role, unit=unit_of(role))


def score(card: Card, network: nn.Module, truths: Sequence[Truth]) -> Scores:
    """The mean over patients of the task's preset, each patient the mean over their pairs."""
    preset = DEFAULT_PRESETS[card.task]
    found: dict[int, list[Evaluation]] = {}
    for truth in truths:
        made = predict(card, network, truth)
        where = eroded(truth.body, ERODE)
        if not where.any():
            where = truth.body
        mask = made.with_voxels(where.astype(np.uint8), modality="", unit="1")
        if truth.target.modality in CT_ROLES:
            one = _of_ct(made, truth, preset, mask)
        else:  # a mask given to the preset of MR is a lesion
            pair = [
                image.with_voxels(np.where(where, image.voxels, 0).astype(np.float32))
                for image in (made, truth.target)
            ]
            one = evaluate(pair[0], pair[1], preset=preset)
        found.setdefault(truth.placed.pair.patient, []).append(one)
    each = {f"patient {p}": _mean([e.metrics for e in list_]) for p, list_ in found.items()}
    first = next(iter(found.values()))[0]
    metrics = _mean(list(each.values()))
    main = next(iter(metrics))
    return Scores(
        metrics=metrics,
        by_patient={name: round(one[main], 3) for name, one in each.items()},
        preset=first.preset,
        mask=f"body of both images, eroded by {ERODE} pixels in each slice",
        clip=first.clip if truths[0].target.modality in CT_ROLES else None,
        data_range=first.data_range,
    )


def _of_ct(made: Image, truth: Truth, preset: str, mask: Image) -> Evaluation:
    """Scored where the target reaches; what the preset scores beside the mask, too."""
    try:
        return evaluate(made, truth.target, preset=preset, mask=mask, field=truth.seen)
    except InputError:  # a preset of whole slices, and a turned target that covers none wholly
        return evaluate(made, truth.target, preset=preset, mask=mask)


def _mean(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = [name for name in rows[0] if all(name in row for row in rows)]
    return {name: float(np.mean([row[name] for row in rows])) for name in names}


def entry(after: Scores, before: Scores, site: str, parent: str) -> dict[str, Any]:
    """The card's entry of quality."""
    kept = len(after.by_patient)

    def tidy(metrics: Mapping[str, float]) -> dict[str, float]:
        return {k: round(v, 4) for k, v in metrics.items() if np.isfinite(v)}

    baseline = {"name": f"{parent} before", "metrics": tidy(before.metrics)}
    return {
        "preset": f"{after.preset}, mean over patients",
        "data": f"{counted(kept, 'patient')} of {site}, kept from the training"
        f"{', ' * bool(after.placed)}{after.placed}",
        **({"remark": after.remark} if after.remark else {}),
        "mask": after.mask,
        "clip": None if after.clip is None else list(after.clip),
        "data_range": after.data_range,
        "metrics": tidy(after.metrics),
        "by_patient": {
            name: {"before": before.by_patient[name], "now": now}
            for name, now in after.by_patient.items()
        },
        "baseline": baseline,
        "baselines": [baseline],
        "command": "synthcore finetune",
    }
