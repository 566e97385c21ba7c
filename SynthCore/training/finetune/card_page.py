"""What a fine-tuned model says of itself, for people: a page in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SynthCore.training.cards import NOT_CLEARED
from SynthCore.training.finetune.card import without
from SynthCore.words import counted


def page(made: Mapping[str, Any]) -> str:
    """The page of a card's block."""
    training = made["training"]
    parent, own = training["parent"], training["data"][-1]
    lines = [
        f"# {made['id']}",
        "",
        f"**{NOT_CLEARED}** {without(made['intended_use'])}",
        "",
        f"- Task: {made['task']}, from {', '.join(made['inputs'])}",
        f"- Made for: {made['anatomy']}",
        f"- Made from: {parent['id']} {parent['version']}, SHA-256 `{parent['weights_sha256']}`",
        f"- Learned from: {own['pairs']} pairs of {len(own['patients'])} patients of "
        f"{own['name']}, {own['licence']}; registration: {own['registration']}",
        f"- Training: {_length(training)}, seed {training['seed']}, "
        f"{training['minutes']:.1f} minutes on {training['machine']}",
    ]
    if own["unlike_parent"]:
        lines.append(
            f"- Unlike what the parent was trained on: {counted(own['unlike_parent'], 'image')} "
            "that it would have refused; the limits of likeness were widened for them"
        )
    lines += [
        "",
        "Patients are numbered in the order of the site's table; "
        f"split {training['split']}. Trained on: {', '.join(own['patients'])}. "
        f"Kept: {', '.join(training['validation'])}.",
        "",
        "## On the patients kept",
        "",
    ]
    for one in made["quality"]:
        lines += _figures(one)
    lines += ["Figures of the parent's own validation hold for the parent alone.", ""]
    lines += ["## What the parent learned from", ""]
    lines += [f"- {data['name']}, {data['licence']}" for data in training["data"][:-1]]
    lines += ["", "## Known failures", "", *(f"- {text}" for text in made["known_failures"]), ""]
    return "\n".join(lines)


def _figures(one: Mapping[str, Any]) -> list[str]:
    before = one["baseline"]["metrics"]
    main = next(iter(one["metrics"]))
    return [
        " ".join(filter(None, (
            f"{one['data']}; mask: {one['mask']}; preset: {one['preset']}.",
            one.get("remark", ""),
            "Nothing was chosen by these figures.",
        ))),
        "",
        "| | before | now |",
        "|---|---|---|",
        *(
            f"| {name} | {before[name]:.4g} | {value:.4g} |"
            for name, value in one["metrics"].items()
            if name in before
        ),
        "",
        f"| {main} | before | now |",
        "|---|---|---|",
        *(
            f"| {name} | {both['before']:.4g} | {both['now']:.4g} |"
            for name, both in one["by_patient"].items()
        ),
        "",
    ]  # fmt: skip


def _length(training: Mapping[str, Any]) -> str:
    steps, asked = training["steps"], training["steps_asked"]
    most = training.get("minutes_at_most")
    done = f"{steps} of {counted(asked, 'step')}" if steps != asked else counted(steps, "step")
    return done if most is None else f"{done}, at most {_minutes(most)}"


def _minutes(minutes: float) -> str:
    """``1 minute``, ``0.5 minutes``."""
    return f"{minutes:g} minute" if minutes == 1 else f"{minutes:g} minutes"
