"""What of a fine-tuned model got worse than its parent, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from SynthCore.training.finetune.score import Scores

CLEARLY = 0.05
"""Of a figure before: what changes by less changes with another seed of the batches as well."""

CLEARLY_HU = 2.0
"""At least so many HU: the mean error of a tissue may begin near 0, where any share is nothing."""

CLEARLY_DICE = 0.01


@dataclass(frozen=True)
class Judgement:
    """Figures on the patients kept, before and after."""

    before: Scores
    after: Scores

    @property
    def warning(self) -> str:
        """Where the model got worse; else empty."""
        return warning(self.before, self.after)


def told(judged: Sequence[Judgement]) -> str:
    """All that got worse, in one text; else nothing."""
    return " ".join(one.warning for one in judged if one.warning)


def got_worse(before: Mapping[str, float], after: Mapping[str, float]) -> list[str]:
    """Figures that got worse: the first (the mean absolute error) at all, others clearly.

    Others are RMSE, errors of a tissue and Dice; signed errors count without their sign. SSIM and
    PSNR follow these.
    """
    main = next(iter(after))
    return [
        name
        for name in after
        if name in before
        and (
            after[name] > before[name]
            if name == main
            else _clearly(name, before[name], after[name])
        )
    ]


def warning(before: Scores, after: Scores) -> str:
    """A sentence where the model got worse on the kept patients, else nothing."""
    names = got_worse(before.metrics, after.metrics)
    if not names:
        return ""
    told = ", ".join(
        f"{name} {after.metrics[name]:.4g} instead of {before.metrics[name]:.4g}" for name in names
    )
    some = "" if next(iter(after.metrics)) in names else " in some figures"
    how = f", {after.placed}," if after.placed else ""
    return f"On the patients kept{how} it is worse than its parent{some}: {told}."


def _clearly(name: str, before: float, after: float) -> bool:
    if name.startswith("dice_"):
        return before - after > CLEARLY_DICE
    if not name.startswith(("rmse", "mae_", "me_")):
        return False
    before, after = abs(before), abs(after)
    least = CLEARLY_HU if name.endswith("_hu") else 0.0
    return after - before > max(CLEARLY * before, least)
