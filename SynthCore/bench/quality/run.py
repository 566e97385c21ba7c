"""Run every model of a task on its cases and compare it with the classical one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from SynthCore.bench.quality.case import QualityCase, Row, Waiting
from SynthCore.bench.quality.peers import PEERS
from SynthCore.bench.quality.score import Scores, interval_of_difference, score
from SynthCore.engine.synthesize import synthesize
from SynthCore.engine.warm import Warm
from SynthCore.errors import InputError, RefusedError
from SynthCore.image import Image
from SynthCore.models.bundle import Bundle
from SynthCore.models.library import list_bundles
from SynthCore.request import Options

Tell = Callable[[float, str], None]


@dataclass(frozen=True)
class Done:
    """A case with what every model made of it and scored on it."""

    case: QualityCase
    rows: Sequence[Row]
    images: Mapping[str, Image]


def run(waiting: Sequence[Waiting], data: Path, tell: Tell) -> Iterator[Done]:
    """Every case in turn; one is let go before the next is read."""
    warm = Warm()
    for n, one in enumerate(waiting):
        tell(n / len(waiting), f"{one.task}: {one.name}")
        yield run_case(one.make(), data, warm)
        warm.clear()


def run_case(case: QualityCase, data: Path, warm: Warm) -> Done:
    """The peers and all models of the case's task, the learned ones last."""
    bundles = sorted(list_bundles(case.task)[0], key=lambda b: b.card.kind != "classical")
    rows: list[Row] = []
    images: dict[str, Image] = {}
    baseline: tuple[str, Scores] | None = None
    for name, peer in PEERS.get(case.task, {}).items():
        images[name] = peer(case, data)
        rows.append(_scored(_blank(case, name), score(images[name], case)))
    for bundle in bundles:
        if not bundle.card.makes(case.target):
            continue
        blank = _blank(case, bundle.name, _trained_on(bundle, case.patient))
        began = time.perf_counter()
        try:
            made = synthesize(
                case.task,
                case.inputs,
                target=case.target,
                model=bundle.name,
                mask=case.region,
                options=Options(**case.options),  # type: ignore[arg-type]
                warm=warm,
            ).image
        except (RefusedError, InputError) as error:
            rows.append(replace(blank, refused=str(error)))
            continue
        seconds = time.perf_counter() - began
        found = score(made, case)
        images[bundle.name] = made
        row = replace(_scored(blank, found), seconds=seconds)
        if bundle.card.kind == "classical":
            baseline = baseline or (bundle.name, found)
        elif baseline is not None:
            mean, low, high = interval_of_difference(baseline[1], found)
            row = replace(row, baseline=baseline[0], less=mean, less_low=low, less_high=high)
        rows.append(row)
    return Done(case, rows, images)


def _blank(case: QualityCase, model: str, trained_on: str = "") -> Row:
    return Row(
        task=case.task,
        case=case.name,
        model=model,
        trained_on=trained_on,
        preset=case.preset,
        area_name=case.area_name,
        unit=case.reference.unit if case.reference.unit == "HU" else "%",
        note=case.note,
    )


def _scored(row: Row, found: Scores) -> Row:
    return replace(
        row, psnr_db=found.psnr_db, ssim=found.ssim, whole=found.whole, area=found.area,
        lesion=found.lesion, signed=found.signed,
    )  # fmt: skip


def _trained_on(bundle: Bundle, patient: str) -> str:
    """What the card says of a patient; nothing for a method that was fitted on nobody."""
    training = bundle.card.block.get("training", {})
    names = {name for data in training.get("data", []) for name in data.get("patients", [])}
    if not names and bundle.card.kind == "classical":
        return ""
    if patient in names:
        return "yes"
    return "no" if patient in training.get("validation", []) else "unknown"
