"""Our engine against MONAI's `SlidingWindowInferer`: same weights, same volume, same machine."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from SynthCore.engine.prepare import prepare
from SynthCore.engine.synthesize import find_body
from SynthCore.errors import ComputationError
from SynthCore.image import Image
from SynthCore.models.library import find_bundle
from SynthCore.request import Progress


@dataclass(frozen=True)
class Comparison:
    """Medians over pairs of runs, taken in turn.

    Attributes
    ----------
    peer : str
        What was compared with.
    shape : tuple of int
        The volume, [k, j, i].
    speedup : float
        Median of the peer's seconds over ours, pair by pair.
    memory : float
        Median of our peak resident memory over the peer's.
    difference : float
        Largest difference inside the body, in fractions of the output's range.
    seconds : tuple of float
        Medians of ours and the peer's.
    peak_mb : tuple of float
        Medians of ours and the peer's.
    """

    model: str
    peer: str
    shape: tuple[int, int, int]
    pairs: int
    speedup: float
    memory: float
    difference: float
    seconds: tuple[float, float]
    peak_mb: tuple[float, float]


def compare(
    model: str,
    image: Image,
    *,
    peer: str = "monai",
    pairs: int = 3,
    progress: Progress | None = None,
) -> Comparison:
    """Run both sides in turn, each in a process of its own.

    Parameters
    ----------
    model : str
        Id of a network with one input.
    image : Image
        Its input.
    peer : {'monai', 'monai-batch-1'}
        See `SynthCore.bench.one_run`.
    pairs : int
        Runs of each side.

    Raises
    ------
    ComputationError
        If a side fails.
    """
    bundle = find_bundle(model)
    body = find_body(image)
    prepared = prepare(bundle.card, {bundle.card.inputs[0]: image}, body)
    measured: dict[str, list[dict[str, Any]]] = {"ours": [], peer: []}
    with tempfile.TemporaryDirectory(prefix="synthcore-bench-") as folder:
        volume = Path(folder) / "volume.npz"
        np.savez(volume, channels=prepared.channels, needed=prepared.body)
        for n in range(pairs):
            for step, side in enumerate(measured):
                if progress is not None:
                    progress((2 * n + step) / (2 * pairs), side)
                measured[side].append(_run(side, model, volume, Path(folder) / f"{side}.npy"))
        mine = np.load(Path(folder) / "ours.npy")
        theirs = np.load(Path(folder) / f"{peer}.npy")
    # tiles without body are not computed by our side where the card fixes what is outside
    inside = prepared.body if bundle.card.output.outside is not None else np.s_[:]
    difference = float(np.max(np.abs(mine - theirs)[inside]) / np.ptp(theirs))
    both = list(zip(measured["ours"], measured[peer], strict=True))
    return Comparison(
        model,
        peer,
        image.shape,
        pairs,
        median(b["seconds"] / a["seconds"] for a, b in both),
        median(a["peak_bytes"] / b["peak_bytes"] for a, b in both),
        difference,
        (median(a["seconds"] for a, _ in both), median(b["seconds"] for _, b in both)),
        (
            median(a["peak_bytes"] / 1e6 for a, _ in both),
            median(b["peak_bytes"] / 1e6 for _, b in both),
        ),
    )


def _run(side: str, model: str, volume: Path, out: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "SynthCore.bench.one_run", side, model, str(volume), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise ComputationError(f"The benchmark of {side} failed: {last[0]}")
    measured: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured
