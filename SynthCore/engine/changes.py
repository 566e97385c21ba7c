"""Ways to change a network's input that should not matter, each exact and with its way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from SynthCore.engine.prepare import Prepared
from SynthCore.models.card import MIRRORS, Card

Float32 = npt.NDArray[np.float32]

GAIN = 1.1
GAMMA = 1.1
SHIFT = (3, 5)
SHIFT_MORE = (8, 8)
"""Rows and columns; whole pixels, so that nothing is interpolated. Networks that halve the image
several times see another image then, though nothing in it is different."""

_FLIPS = {**MIRRORS, "flip-k": (0,)}
_GAINS = {"brighter": GAIN, "darker": 1 / GAIN}
_GAMMAS = {"gamma-up": GAMMA, "gamma-down": 1 / GAMMA}
_SHIFTS = {"shift": SHIFT, "shift-more": SHIFT_MORE}


@dataclass(frozen=True)
class Changed:
    """A network's input after a change, and where its output belongs.

    Attributes
    ----------
    prepared : Prepared
        Channels and body as the network is to see them.
    back : callable
        The output [k, j, i] in the input's place; with a shift, fewer rows and columns of it.
    first : tuple of int
        Row and column at which what `back` gives begins; it reaches to the last ones.
    """

    prepared: Prepared
    back: Callable[[Float32], Float32]
    first: tuple[int, int] = (0, 0)


def changed(name: str, prepared: Prepared, card: Card) -> Changed:
    """The input after a change of `SynthCore.models.uncertainty.CHANGES`.

    A flip is a view; other changes take the memory of one more copy of the channels. Air and
    roles that were not given (below 0 in channels) keep their values under a change of intensity.
    """
    if name in _FLIPS:
        axes = _FLIPS[name]
        channels = np.flip(prepared.channels, tuple(a + 1 for a in axes))
        moved = replace(prepared, channels=channels, body=np.flip(prepared.body, axes))
        return Changed(moved, lambda made: np.flip(made, axes))
    if name in _SHIFTS:
        rows, columns = _SHIFTS[name]
        rows = min(rows, prepared.body.shape[1] - 1)
        columns = min(columns, prepared.body.shape[2] - 1)
        around = ((0, 0), (0, 0), (0, rows), (0, columns))
        channels = np.pad(prepared.channels[..., rows:, columns:], around, mode="edge")
        body = np.pad(prepared.body[:, rows:, columns:], around[1:])
        height, width = body.shape[1] - rows, body.shape[2] - columns
        moved = replace(prepared, channels=channels, body=body)
        return Changed(moved, lambda made: made[:, :height, :width], (rows, columns))
    channels = prepared.channels.copy()
    seen = channels > 0
    if name in _GAINS:
        np.multiply(channels, np.float32(_GAINS[name]), out=channels, where=seen)
    else:
        np.power(channels, np.float32(_GAMMAS[name]), out=channels, where=seen)
    highest = max((how.high for how in card.prepare.normalization.values()), default=np.inf)
    np.minimum(channels, np.float32(highest), out=channels)
    return Changed(replace(prepared, channels=channels), lambda made: made)
