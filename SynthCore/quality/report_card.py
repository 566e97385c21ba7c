"""The model's card as a report prints it.

A card comes from a model folder, which may be anybody's: nothing in it is trusted to have the
right shape, and everything ends as plain text that the template escapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from SynthCore.quality.words import interval, metric_name, metric_value, number


@dataclass(frozen=True)
class MeasuredQuality:
    """One table of the card's quality.

    Attributes
    ----------
    title, definition : str
        What was measured, and how.
    columns : tuple of str
        Of figures: this model, then every baseline.
    rows : tuple
        Name of a metric, and its figure in each column.
    command : str
        What prints it.
    """

    title: str
    definition: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    command: str


@dataclass(frozen=True)
class CardText:
    """What a report says of a model."""

    facts: tuple[tuple[str, str], ...]
    intended_use: str
    known_failures: tuple[str, ...]
    data: tuple[tuple[str, str, str], ...]
    quality: tuple[MeasuredQuality, ...]


def card_text(card: Mapping[str, Any]) -> CardText:
    """Read a ``synthcore`` block; missing or misshapen parts are left out, never an error."""
    training = _mapping(card.get("training"))
    facts = [
        ("Model", _text(card.get("id"))),
        ("Kind", _text(card.get("kind"))),
        ("Anatomy", _text(card.get("anatomy"))),
        ("Inputs", ", ".join(_texts(card.get("inputs")))),
        ("Makes", _text(card.get("target"))),
        ("Recipe", _text(training.get("recipe"))),
        ("Split", _text(training.get("split"))),
        ("Validated on", _listed(training.get("validation"))),
        ("Parameters", _count(training.get("parameters"))),
        ("Weights, SHA-256", _text(card.get("weights_sha256"))),
    ]
    return CardText(
        facts=tuple((name, text) for name, text in facts if text),
        intended_use=_text(card.get("intended_use")),
        known_failures=_texts(card.get("known_failures")),
        data=tuple(_source(_mapping(entry)) for entry in _sequence(training.get("data"))),
        quality=tuple(_quality(_mapping(entry)) for entry in _sequence(card.get("quality"))),
    )


def _source(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    licence = _text(entry.get("licence") or entry.get("license")) or "not stated"
    patients = entry.get("patients")
    many = len(_sequence(patients)) or patients
    return _text(entry.get("name")), licence, _text(many) if many else ""


def _quality(entry: Mapping[str, Any]) -> MeasuredQuality:
    baselines = [_mapping(one) for one in _sequence(entry.get("baselines"))]
    if not baselines:  # of a card with one
        baselines = [_mapping(entry.get("baseline"))]
    named = [one for one in baselines if _text(one.get("name"))]
    found = [_mapping(one.get("metrics")) for one in (entry, *named)]
    keys = dict.fromkeys(key for metrics in found for key in metrics)
    rows = tuple(
        (
            metric_name(str(key)),
            tuple(metric_value(str(key), one[key]) if key in one else "" for one in found),
        )
        for key in keys
    )
    definition = (
        f"mask: {_text(entry.get('mask')) or 'not stated'}; clip {interval(entry.get('clip'))}; "
        f"data range {number(entry.get('data_range')) or 'not stated'}"
    )
    title = " on ".join(t for t in (_text(entry.get("preset")), _text(entry.get("data"))) if t)
    return MeasuredQuality(
        title or "Measured quality",
        definition,
        ("This model", *(_text(one["name"]) for one in named)),
        rows,
        _text(entry.get("command")),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _text(value: Any) -> str:
    if value is None or isinstance(value, Mapping | list | tuple):
        return ""
    return str(value)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(text for text in map(_text, _sequence(value)) if text)


def _listed(value: Any) -> str:
    """Names, or how many where they are many."""
    names = _texts(value)
    return ", ".join(names) if len(names) <= 8 else f"{len(names)} cases"


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and value else ""
