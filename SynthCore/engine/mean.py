"""A network's answer, or the mean of its answers to the input and its mirror images.

A network is not quite indifferent to the side a limb lies on. Where a card says so, it is asked
about the mirrored input as well, and errors that differ between the answers are averaged away.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from SynthCore.engine import backends, network
from SynthCore.engine.changes import changed
from SynthCore.engine.prepare import Prepared
from SynthCore.engine.ready import Ready
from SynthCore.engine.warm import Warm
from SynthCore.request import Cancelled, Progress, part_of

Float32 = npt.NDArray[np.float32]


def answer(
    ready: Ready,
    prepared: Prepared,
    warm: Warm,
    progress: Progress | None,
    cancelled: Cancelled | None,
    layer: int | None = None,
) -> tuple[Float32, backends.Backend]:
    """The network's output [k, j, i] on its own grid, averaged as its card says.

    Parameters
    ----------
    ready, prepared, warm, progress, cancelled
        As for `network.run`.
    layer : int, optional
        One slice alone; mirrors lie in the plane, so that it stays where it is.

    Returns
    -------
    numpy.ndarray
        float32 [k, j, i]; a mean takes one more volume, and a run for each mirror.
    Backend
        What computed it.
    """
    card = ready.chosen.bundle.card
    mirrors = card.output.mean_over
    share = 1 / card.runs
    first = part_of(progress, 0.0, share)
    total, backend = network.run(ready, prepared, warm, first, cancelled, layer=layer)
    if not mirrors:
        return total, backend
    for n, name in enumerate(mirrors, 1):
        change = changed(name, prepared, card)
        part = part_of(progress, n * share, (n + 1) * share)
        made, _ = network.run(ready, change.prepared, warm, part, cancelled, layer=layer)
        total += change.back(made)
    total *= np.float32(share)
    return total, backend
