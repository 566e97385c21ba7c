"""How long a run will take, from what runs of the same model on the same device took here.

Nothing is guessed: without a run that was measured there is no estimate, and a sentence says so.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass

import numpy as np

KEY = "SlicerSynth/Timings"
KEPT = 10
"""Runs kept of each model on each device, the latest."""
SPREAD = 2.0
"""Ratio of voxels from which on runs can tell the start from the work."""
LONGEST_TEXT = 200_000
LIMIT = 1e15
"""No run has more voxels or seconds."""

Run = tuple[float, float]
"""Voxels and seconds."""


@dataclass(frozen=True)
class Estimate:
    """Expected seconds, the number of runs they come from, and where those ran."""

    seconds: float
    runs: int
    place: str = "this machine"

    def __str__(self) -> str:
        runs = "1 run" if self.runs == 1 else f"{self.runs} runs"
        return f"{in_words(self.seconds)}, from {runs} on {self.place}"


class Estimates:
    """Measured runs, kept as text in the settings.

    Parameters
    ----------
    store : mapping
        Keeps texts from one start to the next.
    engine : str
        Which engine is meant (`SlicerSynthLib.settings.EngineSettings.engine_key`).
    """

    def __init__(self, store: MutableMapping[str, str], engine: str = "local") -> None:
        self._store = store
        self._engine = engine

    @property
    def place(self) -> str:
        """Where its runs were measured, in words."""
        return "this machine" if self._engine == "local" else "this remote engine"

    def record(self, model: str, device: str, voxels: int, seconds: float) -> None:
        """Keep the time of a run that ended well."""
        run = _run([voxels, seconds])
        if run is None:
            return
        all_runs = _load(self._store.get(KEY))
        name = self._name(model, device)
        runs = [*all_runs.pop(name, []), run][-KEPT:]
        all_runs[name] = runs  # the last one, so that the text can lose its oldest
        while len(text := json.dumps(all_runs, separators=(",", ":"))) > LONGEST_TEXT:
            del all_runs[next(iter(all_runs))]
        self._store[KEY] = text

    def estimate(self, model: str, device: str, voxels: int) -> Estimate | None:
        """Seconds for a volume of that many voxels, None where nothing was measured."""
        runs = _load(self._store.get(KEY)).get(self._name(model, device), [])
        if not runs or voxels <= 0:
            return None
        return Estimate(_expected(runs, voxels), len(runs), self.place)

    def sentence(self, model: str, device: str, voxels: int) -> str:
        """The estimate in words, also where there is none."""
        estimate = self.estimate(model, device, voxels)
        return f"not measured yet on {self.place}" if estimate is None else str(estimate)

    def _name(self, model: str, device: str) -> str:
        return "|".join((self._engine, device, model))


def with_uncertainty(model: str) -> str:
    """The name that runs of a model are kept under when they estimate the uncertainty as well."""
    return f"{model}+uncertainty"


def in_words(seconds: float) -> str:
    """A time as exact as an estimate can be: ``about 12 s``, ``about 3 min``."""
    if seconds < 1:
        return "less than 1 s"
    if seconds < 20:
        return f"about {seconds:.0f} s"
    if seconds < 97.5:
        return f"about {5 * round(seconds / 5)} s"
    minutes = seconds / 60
    if minutes < 9.75:
        half = round(2 * minutes) / 2
        return f"about {half:g} min"
    return f"about {minutes:.0f} min" if minutes < 90 else f"about {minutes / 60:.1f} h"


def _expected(runs: Sequence[Run], voxels: int) -> float:
    sizes = np.array([size for size, _ in runs])
    seconds = np.array([time for _, time in runs])
    if sizes.max() >= SPREAD * sizes.min():
        # weighted by size: a small volume's error matters as much, relative to it, as a large's
        scaled = np.stack([1 / sizes, np.ones_like(sizes)], axis=1)
        (start, rate), *_ = np.linalg.lstsq(scaled, seconds / sizes, rcond=None)
        if start >= 0 and rate >= 0:
            return float(start + rate * voxels)
    return float(statistics.median(seconds / sizes)) * voxels


def _load(text: object) -> dict[str, list[Run]]:
    """What a stored text holds; whatever in it is no run is left out."""
    try:
        data = json.loads(str(text)) if text else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(data, dict):
        return {}
    found: dict[str, list[Run]] = {}
    for name, values in data.items():
        runs = [run for value in values if (run := _run(value))] if isinstance(values, list) else []
        if runs:
            found[name] = runs[-KEPT:]
    return found


def _run(value: object) -> Run | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    if not all(isinstance(v, int | float) and 0 < v < LIMIT for v in value):
        return None
    voxels, seconds = (float(v) for v in value)
    return voxels, seconds
