"""A case as the page of a batch shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from SynthCore.cohort.kept import kept_of
from SynthCore.cohort.outcome import Outcome, Score
from SynthCore.quality.words import interval, metric_name, metric_value

_SHOWN_METRICS = ("me_hu", "me", "psnr_db", "ssim", "dice_bone", "ssim_lesion")


@dataclass(frozen=True)
class Row:
    """What stands of a case: picture and link are empty where nothing was made."""

    one: Outcome
    picture: str
    link: str
    metrics: tuple[str, ...]
    scored: str
    software: str


def row_of(out: Path, one: Outcome) -> Row:
    """A case with what is kept of it."""
    kept = kept_of(out, one.id) if one.done else None
    return Row(
        one,
        "" if kept is None else kept.picture,
        f"{quote(one.id)}/{quote(one.report)}" if one.report else "",
        () if one.score is None else _metrics(one.score),
        "" if one.score is None else scored_by(one.score),
        "" if kept is None or kept.made_by is None else f"SynthCore {kept.made_by.synthcore}",
    )


def _metrics(score: Score) -> tuple[str, ...]:
    found = [score.text]
    for key in _SHOWN_METRICS:
        if key in score.metrics:
            found.append(f"{metric_name(key)} {metric_value(key, score.metrics[key])}")
    return tuple(found)


def scored_by(score: Score) -> str:
    """What a figure stands on, in one line."""
    unit = " HU" if score.unit == "HU" else ""
    clip = f"{interval(score.clip)}{unit}" if score.clip else "none"
    return f"Preset {score.preset}; mask: {score.mask}; clip {clip}."
