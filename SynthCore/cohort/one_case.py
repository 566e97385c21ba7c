"""Compute one case, from its files to its folder; whatever goes wrong is an outcome."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.kept import Kept, MadeBy, files_of, keep, kept_of
from SynthCore.cohort.outcome import Outcome, Score, Unnamed, of_error, short_of_memory
from SynthCore.cohort.picture import picture_of
from SynthCore.cohort.stamp import Stamp, names_of, stamps_of
from SynthCore.engine.warm import Warm
from SynthCore.errors import SynthCoreError
from SynthCore.one_run.compute import Computed, compute
from SynthCore.one_run.publish import publish
from SynthCore.request import Cancelled, Progress, part_of, stop_if
from SynthCore.staging import new_folder

DEBUG_VARIABLE = "SYNTHCORE_DEBUG"
"""Environment variable: set, an unexpected error prints its traceback on stderr."""

COMPUTED = 0.85
"""Of a case's time: what follows is written."""


def run_case(
    case: Case,
    order: Order,
    out: Path,
    warm: Warm,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Outcome:
    """Make the folder of a case as `run` does, and keep what became of it.

    Parameters
    ----------
    case, order
        What is computed, and how.
    out : Path
        The output folder; its `KEPT` folder is there.
    warm : Warm
        What earlier cases left.
    progress, cancelled : callable, optional
        As of `synthesize`.

    Returns
    -------
    Outcome
        Of the case, whatever went wrong; only an interrupt is not caught.
    """
    started = time.perf_counter()
    stamps: Mapping[str, Stamp] = {}
    facts = order.facts(case)
    if (made := _made_meanwhile(case, facts, out)) is not None:
        return made
    try:
        keep(out, Kept(facts, {}, Outcome(case.id, "waiting")))
        stop_if(cancelled)
        stamps = stamps_of(case)  # before they are read: a change meanwhile is one
        found = compute(
            order.of(case),
            given_as="in the column reference",
            progress=part_of(progress, 0.0, COMPUTED),
            cancelled=cancelled,
            warm=warm,
        )
        stop_if(cancelled)
        if progress is not None:
            progress(COMPUTED, "write")
        return _write(case, order, out, found, stamps, started)
    except Exception as error:
        if (made := _made_meanwhile(case, facts, out)) is not None:
            return made
        if short_of_memory(error):
            warm.clear()
        if os.environ.get(DEBUG_VARIABLE) and not isinstance(error, SynthCoreError):
            traceback.print_exc()
        outcome = of_error(case.id, error, Unnamed(names_of(case)), time.perf_counter() - started)
        return _keep_failure(out, Kept(facts, stamps, outcome))


def _made_meanwhile(case: Case, facts: Mapping[str, Any], out: Path) -> Outcome | None:
    """What a worker of a call that was ended by force has made of the case since.

    On a cluster of its own it goes on with the case that it had; both may come to the end, and the
    first one's result stays.
    """
    there = kept_of(out, case.id)
    if there is None or not there.outcome.done or there.order != facts:
        return None
    return there.outcome if (out / case.id / there.outcome.record).is_file() else None


def _write(
    case: Case,
    order: Order,
    out: Path,
    found: Computed,
    stamps: Mapping[str, Stamp],
    started: float,
) -> Outcome:
    """Write result and outcome; the folder takes its name when both are whole."""
    with new_folder(out / case.id) as stage:
        written = publish(
            found.result,
            found.images,
            stage,
            order.form,
            mask=found.mask,
            reference=found.reference,
        )
        picture = picture_of(found)
        unnamed = Unnamed(names_of(case))
        warnings = dict.fromkeys((*found.result.warnings, *written.warnings))
        evaluation = written.evaluation
        record = found.result.record
        outcome = Outcome(
            case.id,
            "done",
            model=f"{record.model} {record.model_version}".strip(),
            warnings=tuple(unnamed(warning) for warning in warnings),
            seconds=round(time.perf_counter() - started, 3),
            score=None if evaluation is None else Score.of(evaluation),
            image=written.image.name,
            record=written.record.name,
            report=written.report.name,
            uncertainty="" if written.uncertainty is None else written.uncertainty.name,
        )
        made_by = MadeBy(
            record.model,
            record.model_version,
            record.weights_sha256,
            files_of(stage),
        )
        keep(out, Kept(order.facts(case), stamps, outcome, made_by, picture))
    return outcome


def _keep_failure(out: Path, kept: Kept) -> Outcome:
    # on a full disk it cannot be kept: the outcome says so, and the case is tried again anyway
    with suppress(SynthCoreError):
        keep(out, kept)
    return kept.outcome
