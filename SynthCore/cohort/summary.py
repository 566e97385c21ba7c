"""The error of a batch over its cases, apart for every way it was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from SynthCore.cohort.outcome import Outcome
from SynthCore.quality.words import interval, metric_value


@dataclass(frozen=True)
class Line:
    """Cases that one preset scored in one kind of mask: what it was, and the figures as text."""

    scored: str
    figures: str


def summary_lines(outcomes: Sequence[Outcome]) -> tuple[Line, ...]:
    """A line for each preset, mask and clip range; cases of different ones have no mean."""
    groups: dict[str, list[tuple[str, float, str]]] = {}
    for one in outcomes:
        score = one.score
        if one.done and score is not None and score.error is not None:
            # a clip that follows each image is no other way to measure
            clip = interval(score.clip) if score.unit == "HU" and score.clip else "each its own"
            unit = " HU" if score.unit == "HU" else ""
            how = f"preset {score.preset}, mask: {score.mask}, clip {clip}{unit}"
            groups.setdefault(how, []).append((one.id, score.error, score.key))
    return tuple(Line(how, _figures(found)) for how, found in groups.items())


def _figures(found: Sequence[tuple[str, float, str]]) -> str:
    errors = np.array([error for _, error, _ in found])
    key = found[0][2]
    worst = found[int(errors.argmax())][0]
    if len(found) == 1:
        return f"MAE {metric_value(key, float(errors[0]))} in one case"
    spread = metric_value(key, float(errors.std(ddof=1)))
    return (
        f"MAE {metric_value(key, float(errors.mean()))} on average over {len(found)} cases "
        f"(standard deviation {spread}, least {metric_value(key, float(errors.min()))}, most "
        f"{metric_value(key, float(errors.max()))} in {worst})"
    )
