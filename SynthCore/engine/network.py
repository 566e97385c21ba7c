"""Run the chosen network of a request: over its whole volume, or for one slice of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.engine import backends, memory
from SynthCore.engine.hidden import digest
from SynthCore.engine.infer import infer
from SynthCore.engine.prepare import Prepared, prepare
from SynthCore.engine.ready import Ready
from SynthCore.engine.warm import Warm
from SynthCore.models.card import Card
from SynthCore.request import Cancelled, Progress, stop_if

Float32 = npt.NDArray[np.float32]


def prepared_inputs(ready: Ready, warm: Warm) -> Prepared:
    """The inputs as the network sees them."""
    card = ready.chosen.bundle.card
    used = tuple(ready.identities[role] for role in ready.images)
    settings = (card.id, card.version, card.weights_sha256, repr(card.prepare), repr(card.output))
    region = None if ready.region is None else digest(ready.region)
    return warm.prepared.get(
        (settings, used, ready.target, region),
        lambda: prepare(card, ready.images, ready.body, ready.target, ready.region),
    )


def run(
    ready: Ready,
    prepared: Prepared,
    warm: Warm,
    progress: Progress | None,
    cancelled: Cancelled | None,
    layer: int | None = None,
) -> tuple[Float32, backends.Backend]:
    """The network's output [k, j, i] on its own grid: all of it, or one layer alone."""
    bundle, options = ready.chosen.bundle, ready.request.options
    if progress is not None:
        progress(0.0, "load")
    device, backend = backends.choose(options.device, options.backend)
    network = warm.network(bundle)
    stop_if(cancelled)
    return infer(
        network,
        prepared.channels,
        memory.with_tile(bundle.card.prepare, options.tile),
        device=device,
        backend=backend,
        threads=options.threads,
        needed=_needed(bundle.card, prepared),
        progress=progress,
        cancelled=cancelled,
        make=warm.maker(bundle),
        layer=layer,
        output=bundle.card.output.index(ready.target),
    )


def _needed(card: Card, prepared: Prepared) -> npt.NDArray[np.bool_] | None:
    """Where the network's output is used, [k, j, i]; None for everywhere.

    A region that is filled lies in few slices (one more on either side, for a grid that is
    resampled), and where the card fixes the value outside the body, nothing is used there.
    """
    if card.prepare.mask_channel:
        hole = prepared.channels[-1] > 0
        return np.asarray(ndimage.binary_dilation(hole, iterations=2))
    return prepared.body if card.output.outside is not None else None
