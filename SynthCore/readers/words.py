"""Figures of a reader study in words, and what may be concluded from them."""

from __future__ import annotations

import math

from SynthCore.readers.found import Results
from SynthCore.readers.statistics import CHANCE, Kappa, Proportion

NOT_DEFINED = "not defined"


def percent(value: float) -> str:
    """A share as whole percent."""
    return NOT_DEFINED if math.isnan(value) else f"{100 * value:.0f}%"


def share(found: Proportion) -> str:
    """A share with its interval."""
    if not found.count:
        return "no answer"
    return f"{percent(found.value)} ({100 * found.low:.0f} to {100 * found.high:.0f}%)"


def kappa(found: Kappa) -> str:
    """A kappa with its interval where it has one."""
    if math.isnan(found.value):
        return NOT_DEFINED
    if math.isnan(found.low):
        return f"{found.value:.2f}"
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"


def p_value(value: float) -> str:
    """A p value."""
    if math.isnan(value):
        return NOT_DEFINED
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def number(value: float, digits: int = 2) -> str:
    """A figure with so many decimals."""
    return NOT_DEFINED if math.isnan(value) else f"{value:.{digits}f}"


def span(pair: tuple[float, float], digits: int = 2) -> str:
    """An interval."""
    low, high = pair
    return NOT_DEFINED if math.isnan(low) else f"{low:.{digits}f} to {high:.{digits}f}"


def verdict(found: Results) -> list[str]:
    """What the study shows and what it does not, in sentences.

    That a difference was not found is never taken for its absence: that takes a stated margin.
    """
    several = len(found.readers) > 1
    who = f"{len(found.readers)} readers" if several else "One reader"
    accuracy = found.resampled.accuracy
    how = (
        f"{percent(accuracy.value)} right on average (95% interval over readers and cases "
        f"{_percents(accuracy.interval())}, by t over readers "
        f"{_percents(found.over_readers_by_t())})"
        if several
        else f"{share(found.accuracy)} right (Wilson's 95% interval)"
    )
    lines = [f"{who}: {how}; AUC {number(found.resampled.auc.value)} "
             f"(over {'readers and cases' if several else 'cases'} "
             f"{span(found.resampled.auc.interval())})."]  # fmt: skip
    if not found.balanced:
        lines.append(
            "Real and synthetic images were not judged in like numbers, so that one answer given "
            "always is right more than half of the time: the share of right answers is not held "
            "against guessing. Look at AUC, sensitivity and specificity."
        )
        return [*lines, *_by_confidence(found), *_cautions(found)]
    low, high = 100 * (CHANCE - found.margin), 100 * (CHANCE + found.margin)
    lines.append(
        {
            1: "Real and synthetic images were told apart better than by guessing.",
            -1: "Answers were wrong more often than by guessing: the images were told apart, but "
            "the synthetic ones were taken for real.",
            0: f"More right answers than by guessing were not shown ({_held_by(several)}); this "
            "does not show that the images cannot be told apart.",
        }[found.told_apart]
    )
    if found.told_apart == 0:
        lines += _by_confidence(found)
    if found.equivalent:
        lines.append(
            f"Accuracy between {low:g} and {high:g}%, the stated margin, was shown at 5%: these "
            "readers, with these images in this window, did little better or worse than guessing."
        )
    else:
        lines.append(
            f"Accuracy between {low:g} and {high:g}%, the stated margin, was not shown: nothing "
            "here says that the images cannot be told apart."
        )
    return lines + _cautions(found)


def _by_confidence(found: Results) -> list[str]:
    if found.surer_of_synthetic:
        return [
            "Yet confidence that an image is synthetic was higher where it is: the AUC lies above "
            "0.5 by the bootstrap and by a permutation test."
        ]
    return []


def _cautions(found: Results) -> list[str]:
    lines = []
    if len(found.readers) == 1:
        lines.append("One reader says nothing of others.")
    if found.taught:
        lines.append(
            "These are answers of the teaching mode: the truth of every earlier image was known, "
            "so they measure learning, not the images."
        )
    short = [r.name for r in found.readers if r.accuracy.count < found.images]
    if short:
        lines.append(f"Not finished: {', '.join(short)}; judged as far as answered.")
    if found.balanced and 2 * found.real_images != found.images:
        lines.append(
            "Real and synthetic images are not equally many: look at sensitivity and specificity."
        )
    return lines


def _held_by(several: bool) -> str:
    return "the widest of three 95% intervals" if several else "exact test"


def _percents(pair: tuple[float, float]) -> str:
    low, high = pair
    return NOT_DEFINED if math.isnan(low) else f"{100 * low:.0f} to {100 * high:.0f}%"
