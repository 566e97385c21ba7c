"""A case in another process, or on another machine: what a Dask worker runs.

Only names, paths and outcomes come this way: images are read from and written to the folders that
the workers share.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import SimpleITK as sitk
import torch
from distributed import get_worker

from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.one_case import run_case
from SynthCore.engine.backends import cpu_threads
from SynthCore.engine.warm import Warm
from SynthCore.request import Cancelled, Progress

TELL_EVERY_S = 0.5
LOOK_EVERY_S = 0.25

_turn = threading.Lock()
"""A process computes one case at a time, however many threads its worker has."""

_warm = Warm()


@dataclass(frozen=True)
class Errand:
    """One case for a worker.

    Attributes
    ----------
    case, order, out
        As of `run_case`.
    sharing : int
        How many workers share the cores of the worker's machine.
    topic : str
        Under which progress is told.
    stop : Path
        A file in the shared folder that asks all workers to stop where it is there.
    """

    case: Case
    order: Order
    out: Path
    sharing: int
    topic: str
    stop: Path


def run_errand(errand: Errand) -> dict[str, Any]:
    """The outcome of a case, as plain data."""
    with _turn:
        threads = max(1, cpu_threads(0) // errand.sharing)
        torch.set_num_threads(threads)
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)
        return run_case(
            errand.case,
            errand.order.with_threads(threads),
            errand.out,
            _warm,
            progress=_telling(errand),
            cancelled=_looking(errand.stop),
        ).to_dict()


def _telling(errand: Errand) -> Progress:
    told = float("-inf")
    worker = get_worker()

    def progress(fraction: float, stage: str) -> None:
        nonlocal told
        if time.monotonic() - told > TELL_EVERY_S:
            told = time.monotonic()
            worker.log_event(errand.topic, [errand.case.id, fraction, stage])

    return progress


def _looking(stop: Path) -> Cancelled:
    looked, asked = float("-inf"), False

    def cancelled() -> bool:
        nonlocal looked, asked
        if not asked and time.monotonic() - looked > LOOK_EVERY_S:
            looked, asked = time.monotonic(), stop.exists()
        return asked

    return cancelled
