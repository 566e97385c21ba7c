"""The table of the model: real patients, sequence by sequence, beside what must be beaten."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image, make_affine
from SynthCore.models.brightest import Brightest, stretch
from SynthCore.models.classical.base import Job
from SynthCore.models.library import find_bundle
from SynthCore.models.methods import load_method
from SynthCore.models.networks import SliceUNet
from SynthCore.staging import renewed
from SynthCore.training.apply import predict_volume
from SynthCore.training.recipe import Recipe
from SynthCore.training.sequence.lookup import LookupTable
from SynthCore.training.sequence.sampler import ABSENT
from SynthCore.training.sequence.score import Score, scaled, score
from SynthCore.training.sequence.studies import (
    NORMALIZATION,
    PLACES,
    ROLES,
    STRETCHED_ABOVE,
    STRETCHED_OUTSIDE_MM,
    TOP_PERCENTILE,
    Place,
    Study,
    read_study,
)

Floats = npt.NDArray[np.float32]
Predict = Callable[[Study, tuple[str, ...], str], Floats]
"""Study, roles given, role wanted: the image [k, j, i], 1 its 99.5th percentile in the brain."""

BRIGHTEST = Brightest(TOP_PERCENTILE, 1.0, STRETCHED_ABOVE, STRETCHED_OUTSIDE_MM)
"""What the engine does to the network's output, in the network's scale."""

FOUR = ROLES[:4]
TASKS: tuple[tuple[tuple[str, ...], str], ...] = (
    *((tuple(r for r in FOUR if r != target), target) for target in FOUR),
    (("T1",), "T2"),
    (("T1",), "FLAIR"),
)
"""What is given, and what is made of it."""

JUDGES = tuple(p for p in PLACES if len(p.files) == len(FOUR) and not p.skull)
"""Studies with all four sequences, brain only."""


@dataclass(frozen=True)
class Row:
    """One patient, task and method."""

    patient: str
    given: tuple[str, ...]
    target: str
    method: str
    score: Score


@cache
def judge(data: Path, place: Place) -> Study:
    """A study to judge by, read once."""
    return read_study(data, place)


def network_predictor(network: SliceUNet, recipe: Recipe) -> Predict:
    """A network as a function of studies, as the engine runs it."""

    def predict(study: Study, given: tuple[str, ...], target: str) -> Floats:
        channels = np.full((len(ROLES), *study.brain.shape), ABSENT, dtype=np.float32)
        for role in given:
            n = study.roles.index(role)
            seen = study.voxels[n].astype(np.float32) / study.divisors[n]
            channels[ROLES.index(role)] = np.clip(seen, NORMALIZATION.low, NORMALIZATION.high)
        made = predict_volume(network, channels, recipe.slices, ROLES.index(target))
        return stretch(np.maximum(made, 0), study.brain, BRIGHTEST, study.spacing, target)

    return predict


def lookup_predictor(fitted_on: Study) -> Predict:
    """The lookup table of the roles given, fitted on one patient."""

    def predict(study: Study, given: tuple[str, ...], target: str) -> Floats:
        def images(one: Study) -> list[Floats]:
            return [_scaled(one, role) for role in given]

        table = LookupTable.fit(images(fitted_on), _scaled(fitted_on, target), fitted_on.brain)
        return table(images(study))

    return predict


def regression_predictor() -> Predict:
    """The library's classical baseline; its tables were fitted on these very patients too."""
    method = load_method(find_bundle("mr-sequence-regression"))

    def predict(study: Study, given: tuple[str, ...], target: str) -> Floats:
        k, j, i = study.spacing
        images = {role: Image(_scaled(study, role), make_affine((i, j, k)), role) for role in given}
        made = method(Job(images, target, study.brain))
        return made / np.float32(np.percentile(made[study.brain], 99.5))

    return predict


def _scaled(study: Study, role: str) -> Floats:
    return scaled(study.voxels[study.roles.index(role)].astype(np.float32), study.brain)


def rows(
    studies: Sequence[Study],
    methods: Mapping[str, Predict],
    tasks: Sequence[tuple[tuple[str, ...], str]] = TASKS,
) -> list[Row]:
    """Every study, task and method."""
    found = []
    for study in studies:
        for given, target in tasks:
            real = study.voxels[study.roles.index(target)].astype(np.float32)
            for name, predict in methods.items():
                made = predict(study, given, target)
                found.append(
                    Row(study.patient, given, target, name,
                        score(made, real, study.brain, study.lesion))
                )  # fmt: skip
    return found


def baselines(data: Path, patient: str) -> dict[str, Predict]:
    """Lookup tables, each fitted on one other patient, and the library's regression."""
    others = [judge(data, place) for place in JUDGES if place.patient != patient]
    tables = {f"table of {one.patient}": lookup_predictor(one) for one in others}
    return {**tables, "regression": regression_predictor()}


def from_dicts(found: Sequence[Mapping[str, Any]]) -> list[Row]:
    """What `as_dicts` gave, as rows."""
    names = [one.name for one in fields(Score)]
    return [
        Row(
            one["patient"],
            tuple(one["given"]),
            one["target"],
            one["method"],
            Score(*(float("nan") if one[name] is None else float(one[name]) for name in names)),
        )
        for one in found
    ]


def baseline_rows(data: Path, place: Place, cache: Path | None = None) -> list[Row]:
    """What the baselines make of a study; kept in the folder `cache`, for they never change."""
    kept = None if cache is None else cache / f"baselines-{place.patient}.json"
    if kept is not None and kept.exists():
        return from_dicts(json.loads(kept.read_text(encoding="utf-8")))
    found = rows([judge(data, place)], baselines(data, place.patient))
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with renewed(kept) as part:
            part.write_text(json.dumps(as_dicts(found), indent=1), encoding="utf-8")
    return found


def as_text(found: Sequence[Row]) -> str:
    """The rows for a person."""
    names = list(asdict(found[0].score))
    head = f"{'patient':13} {'from':12} {'to':6} {'method':22}"
    lines = [head + "".join(f"{name:>14}" for name in names)]
    for row in found:
        values = "".join(f"{value:14.3f}" for value in asdict(row.score).values())
        given = "+".join(row.given)
        lines.append(f"{row.patient:13} {given:12} {row.target:6} {row.method:22}{values}")
    return "\n".join(lines)


def as_dicts(found: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows for a program."""
    return [
        {"patient": r.patient, "given": list(r.given), "target": r.target, "method": r.method,
         **{name: round(value, 3) if np.isfinite(value) else None
            for name, value in asdict(r.score).items()}}
        for r in found
    ]  # fmt: skip
