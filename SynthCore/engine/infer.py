"""Run a 2.5D network over a volume: neighborhoods of slices, tiles in the plane, one pass.

Memory beyond the volumes themselves is bounded by the tile and the batch: neighborhoods are
gathered for one batch at a time, and a slice is finished before the next begins.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from SynthCore.engine import backends, memory
from SynthCore.engine.backends import Backend, Float32, Make
from SynthCore.engine.tiles import TilePlan, blend_weights, plan
from SynthCore.models.card import Prepare
from SynthCore.request import Cancelled, Progress, stop_if

if TYPE_CHECKING:
    import torch

BATCH_PIXELS = 256 * 256
"""Pixels of output a batch holds at least; small tiles are run several at a time."""

PATIENCE_SECONDS = 0.05
"""How long a batch is waited for before cancellation is asked for again."""

Place = tuple[int, tuple[int, int]]


def infer(
    network: torch.nn.Module,
    channels: Float32,
    prepare: Prepare,
    *,
    device: str,
    backend: str,
    threads: int = 0,
    needed: npt.NDArray[np.bool_] | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    make: Make = backends.make,
    layer: int | None = None,
    output: int = 0,
) -> tuple[Float32, Backend]:
    """One channel of the network's output for every voxel.

    Parameters
    ----------
    network : torch.nn.Module
        [n, channels * slices, rows, columns] to [n, outputs, rows, columns].
    channels : numpy.ndarray
        Prepared inputs [role, k, j, i].
    prepare : Prepare
        Slices, tile and padding, from the card.
    device, backend : str
        As resolved by `backends.choose`.
    threads : int
        CPU threads, 0 for all.
    needed : numpy.ndarray of bool, optional
        [k, j, i]; tiles in which no voxel is needed are left at 0.
    progress, cancelled : callable, optional
        Called after, and asked before, every batch.
    make : callable, optional
        Makes the network ready to run; one that keeps what it made saves the time.
    layer : int, optional
        Make this k alone, with the voxels it has in the whole.
    output : int
        Which of the network's output channels.

    Returns
    -------
    tuple
        Output [k, j, i] in the network's own scale (one k for a `layer`), and the backend that
        made it.

    Raises
    ------
    CancelledError
        If `cancelled` said so.
    OutOfMemoryError
        If memory ran out, naming a tile that would fit.
    """
    _, depth, rows, columns = channels.shape
    tiles = plan((rows, columns), prepare.tile, prepare.multiple_of)
    batch = max(1, BATCH_PIXELS // (tiles.size[0] * tiles.size[1]))
    places = [
        (k, start)
        for k in range(depth)
        for start in tiles.starts
        if _wanted(needed, k, start, tiles)
    ]
    batch = min(batch, max(1, len(places)))
    shape = (batch, channels.shape[0] * prepare.slices, *tiles.size)
    shape = (memory.largest_batch(network, shape, device), *shape[1:])
    memory.require(network, shape, device, prepare)
    most = min(backends.most_slots(backend, threads), max(1, -(-len(places) // shape[0])))
    slots = memory.largest_batch(network, (most * shape[0], *shape[1:]), device) // shape[0]
    first = 0
    if layer is not None:  # in batches of the same shape: another might round otherwise
        first, depth = layer, 1
        places = [place for place in places if place[0] == layer]
    out = np.zeros((depth, rows, columns), dtype=np.float32)
    with memory.named_when_out(network, shape, device, prepare):
        stop_if(cancelled)
        runner = make(network, shape, device, backend, threads, max(1, slots))
        predictions = _predict_all(
            runner, channels, tiles, places, shape, prepare.slices, cancelled, output
        )
        lay = _lay_whole if tiles.whole else _blend
        lay(out, first, tiles, _watched(predictions, len(places), progress, cancelled))
    return out, runner


def _wanted(
    needed: npt.NDArray[np.bool_] | None, k: int, start: tuple[int, int], tiles: TilePlan
) -> bool:
    if needed is None:
        return True
    j, i = start
    return bool(needed[k, j : j + tiles.size[0], i : i + tiles.size[1]].any())


def _predict_all(
    runner: Backend,
    channels: Float32,
    tiles: TilePlan,
    places: list[Place],
    shape: tuple[int, int, int, int],
    slices: int,
    cancelled: Cancelled | None,
    output: int,
) -> Iterator[tuple[Place, Float32]]:
    """Tiles in the order of their places, with as many batches under way as the runner has slots.

    Every item is valid until the next one is asked for.
    """
    buffers = [np.zeros(shape, dtype=np.float32) for _ in range(runner.slots)]
    under_way: deque[tuple[int, list[Place]]] = deque()

    def take() -> Iterator[tuple[Place, Float32]]:
        slot, chunk = under_way[0]
        while not runner.ready(slot, PATIENCE_SECONDS):
            stop_if(cancelled)
        predicted = runner.take(slot)
        for n, place in enumerate(chunk):
            yield place, predicted[n, output]
        under_way.popleft()

    try:
        for number, first in enumerate(range(0, len(places), shape[0])):
            if len(under_way) == runner.slots:
                yield from take()
            slot, chunk = number % runner.slots, places[first : first + shape[0]]
            for n, (k, start) in enumerate(chunk):
                _gather(buffers[slot][n], channels, k, start, slices)
            runner.start(slot, buffers[slot])
            under_way.append((slot, chunk))
        while under_way:
            yield from take()
    finally:
        for slot, _ in under_way:  # the buffers must outlive whoever reads them
            runner.stop(slot)


def _gather(into: Float32, channels: Float32, k: int, start: tuple[int, int], slices: int) -> None:
    """Fill one batch item: neighbors of slice k for every role, edges repeated."""
    j, i = start
    depth = channels.shape[1]
    window = channels[:, :, j : j + into.shape[1], i : i + into.shape[2]]
    height, width = window.shape[2:]
    for offset in range(slices):
        neighbor = min(max(k + offset - slices // 2, 0), depth - 1)
        target = into[offset::slices]
        target[:, :height, :width] = window[:, neighbor]
        # repeat the last row and column: zeros would be an edge that is not there
        target[:, height:, :width] = target[:, height - 1 : height, :width]
        target[:, :, width:] = target[:, :, width - 1 : width]


def _watched(
    predictions: Iterator[tuple[Place, Float32]],
    total: int,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> Iterator[tuple[Place, Float32]]:
    """Pass predictions on, asking for cancellation and telling progress as they go."""
    for done, item in enumerate(predictions, start=1):
        yield item
        stop_if(cancelled)
        if progress is not None:
            progress(done / total, "synthesize")


def _lay_whole(
    out: Float32, first: int, tiles: TilePlan, predictions: Iterator[tuple[Place, Float32]]
) -> None:
    rows, columns = out.shape[1:]
    for (k, _), tile in predictions:
        out[k - first] = tile[:rows, :columns]


def _blend(
    out: Float32, first: int, tiles: TilePlan, predictions: Iterator[tuple[Place, Float32]]
) -> None:
    """Weighted mean of overlapping tiles; one slice's sums are held at a time."""
    weights = blend_weights(tiles.size)
    sums = np.zeros(tiles.padded, dtype=np.float32)
    total = np.zeros(tiles.padded, dtype=np.float32)
    current: int | None = None

    def finish(k: int) -> None:
        rows, columns = out.shape[1:]
        seen = total[:rows, :columns] > 0
        np.divide(sums[:rows, :columns], total[:rows, :columns], out=out[k - first], where=seen)
        sums.fill(0)
        total.fill(0)

    for (k, (j, i)), tile in predictions:
        if current is not None and k != current:
            finish(current)
        current = k
        area = np.s_[j : j + tiles.size[0], i : i + tiles.size[1]]
        sums[area] += weights * tile
        total[area] += weights
    if current is not None:
        finish(current)
