"""Compute one case, from its files to its folder; whatever goes wrong is an outcome."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.finished import found_of
from SynthCore.cohort.kept import Kept, MadeBy, files_of, keep
from SynthCore.cohort.outcome import Outcome, Score, of_error, short_of_memory
from SynthCore.cohort.picture import picture_of
from SynthCore.cohort.stamp import Stamp, names_of, stamps_of
from SynthCore.cohort.unnamed import Unnamed
from SynthCore.engine.warm import Warm
from SynthCore.errors import InputError, SynthCoreError
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
    # a worker that a call left behind when it was ended by force may have made it since
    if (there := found_of(case, order, out)) is not None:
        return there
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
        if (there := found_of(case, order, out)) is not None:
            return there  # and what is kept of it stays as well
        if short_of_memory(error):
            warm.clear()
        if os.environ.get(DEBUG_VARIABLE) and not isinstance(error, SynthCoreError):
            traceback.print_exc()
        outcome = of_error(case.id, error, Unnamed(names_of(case)), time.perf_counter() - started)
        return _keep_failure(out, Kept(facts, stamps, outcome))


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
        if (out / case.id).exists():  # what is kept must stay that of the first one
            raise InputError(f"The folder {case.id} was made meanwhile; it stays as it is.")
        keep(out, Kept(order.facts(case), stamps, outcome, made_by, picture))
    return outcome


def _keep_failure(out: Path, kept: Kept) -> Outcome:
    # on a full disk it cannot be kept: the outcome says so, and the case is tried again anyway
    with suppress(SynthCoreError):
        keep(out, kept)
    return kept.outcome
