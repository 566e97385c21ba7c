"""The uncertainty of a network's result: run it on changed inputs, and apply the calibration."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from SynthCore.engine import network
from SynthCore.engine.changes import changed
from SynthCore.engine.grid import resample
from SynthCore.engine.prepare import Prepared
from SynthCore.engine.ready import Ready
from SynthCore.engine.warm import Warm
from SynthCore.errors import InputError
from SynthCore.models.card import Card
from SynthCore.models.library import list_bundles
from SynthCore.models.uncertainty import Calibration
from SynthCore.request import Cancelled, Progress, part_of

Float32 = npt.NDArray[np.float32]


def require_calibration(card: Card) -> Calibration:
    """The card's calibration.

    Raises
    ------
    InputError
        If it has none: a spread that nobody compared with errors is not shown.
    """
    if card.uncertainty is not None:
        return card.uncertainty
    able = [b.name for b in list_bundles(card.task)[0] if b.card.uncertainty is not None]
    instead = f", or choose a model that has one ({', '.join(able)})" if able else ""
    raise InputError(
        f"The model {card.id} gives no uncertainty, since its card holds no calibration of it; "
        f"run without uncertainty{instead}."
    )


def spread(
    ready: Ready,
    prepared: Prepared,
    predicted: Float32,
    changes: tuple[str, ...],
    warm: Warm,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> Float32:
    """Root mean square difference of the network's answers to changed inputs from the result.

    Parameters
    ----------
    ready, prepared, warm, progress, cancelled
        As for `network.run`; `progress` is told the fraction of these runs.
    predicted : numpy.ndarray
        What `mean.answer` gave, [k, j, i] on the network's grid.
    changes : tuple of str
        Of `SynthCore.models.uncertainty.CHANGES`; one run each.

    Returns
    -------
    numpy.ndarray
        float32 [k, j, i] on the network's grid, in the network's scale. Beyond it and the answer
        of one run, a changed copy of the channels is held.
    """
    squares = np.zeros(predicted.shape, dtype=np.float32)
    runs = np.zeros(predicted.shape[1:], dtype=np.float32)
    card = ready.chosen.bundle.card
    for n, name in enumerate(changes):
        change = changed(name, prepared, card)
        part = part_of(progress, n / len(changes), (n + 1) / len(changes))
        made, _ = network.run(ready, change.prepared, warm, _named(part), cancelled)
        made = change.back(made)
        inner = np.s_[change.first[0] :, change.first[1] :]
        for k in range(len(made)):  # a slice at a time: no more volumes
            squares[k][inner] += (made[k] - predicted[k][inner]) ** 2
        runs[inner] += 1
    squares /= np.maximum(runs, 1)
    return np.sqrt(squares, out=squares)


def _named(progress: Progress) -> Progress:
    return lambda fraction, stage: progress(fraction, "uncertainty")


def on_input_grid(card: Card, prepared: Prepared, spread: Float32) -> Float32:
    """A spread of `spread` in the unit of the result, on the input's exact grid [k, j, i]."""
    if prepared.resampled:
        spread = resample(spread, prepared.affine, prepared.moved.shape, prepared.moved.affine)
    scale = card.output.scale * prepared.share
    if card.output.denormalize:
        scale *= prepared.scale
    return np.ascontiguousarray(prepared.order.back(spread * np.float32(abs(scale))))


def deviation(
    calibration: Calibration, ready: Ready, prepared: Prepared, spread: Float32, voxels: Float32
) -> Float32:
    """Standard deviation of a result's error, on the input's grid [k, j, i], in its unit.

    0 outside the patient's body, where nothing was measured and nothing is stated.
    """
    placed = on_input_grid(ready.chosen.bundle.card, prepared, spread)
    out = calibration.deviation(voxels, placed)
    out[~ready.body] = 0.0
    return out
