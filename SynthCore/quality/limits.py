"""Default limits a physicist may hold a synthetic CT to.

No report fixes thresholds for synthetic CT: these are customary starting points that a site
replaces by its own and signs off. They do not stand in for a dose comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from SynthCore.quality.words import metric_name, metric_value


@dataclass(frozen=True)
class Limit:
    """A metric's accepted range, both ends included."""

    metric: str
    low: float
    high: float
    words: str


LIMITS = (
    Limit("me_soft_tissue_hu", -20.0, 20.0, "within ±20 HU"),
    Limit("dice_body", 0.98, 1.0, "at least 0.98"),
)


@dataclass(frozen=True)
class Verdict:
    """A metric against its limit, in words."""

    name: str
    value: str
    limit: str
    within: bool


def verdicts(metrics: Mapping[str, float], limits: tuple[Limit, ...] = LIMITS) -> list[Verdict]:
    """Hold the metrics that have a limit against it; others are left out."""
    return [
        Verdict(
            metric_name(limit.metric),
            _shown(limit, metrics[limit.metric]),
            limit.words,
            limit.low <= metrics[limit.metric] <= limit.high,
        )
        for limit in limits
        if limit.metric in metrics
    ]


def _shown(limit: Limit, value: float) -> str:
    """The value in words, with the digits that tell why it is outside where fewer would not."""
    text = metric_value(limit.metric, value)
    rounded = float(text.split()[0].replace("\N{MINUS SIGN}", "-"))
    if limit.low <= value <= limit.high or not limit.low <= rounded <= limit.high:
        return text
    return text.replace(text.split()[0], f"{value:.5g}".replace("-", "\N{MINUS SIGN}"))
