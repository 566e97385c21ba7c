"""How much memory a tile takes, whether it is there, and what would fit where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil

from SynthCore.errors import OutOfMemoryError
from SynthCore.models.card import Prepare

if TYPE_CHECKING:
    import torch

Shape = tuple[int, int, int, int]

ACTIVATIONS_ALIVE = 6
"""Feature maps of the widest layer at full resolution that are alive at once: input, output and
workspace of a convolution, the skip connection, and what the allocator keeps (measured on
`SliceUNet` under both CPU backends, rounded up)."""

ACTIVATIONS_ALIVE_ELSEWHERE = 12
"""The same for other networks (`RedCNN` keeps every layer at full resolution)."""

SMALLEST_TILE = 128
"""Smaller ones are not offered: what a network sees around a voxel decides about its value (bone
Dice of `mr-to-ct-extremity` on STS_010: 0.71 in one piece and in tiles of 64, 0.63 in tiles of 32;
99% of voxels of `mr-to-ct-head` within 24 HU in tiles of 128, within 141 HU in tiles of 64)."""

_SIGNS = (
    "out of memory",
    "not enough memory",
    "bad_alloc",
    "alloc_cpu",
    "could not allocate",
    "failed to allocate",
    "unable to allocate",
    "t allocate memory",
)


def tile_bytes(network: torch.nn.Module, shape: Shape) -> int:
    """Bytes that running a batch of that shape takes, as an upper estimate."""
    widest = max(
        (p.shape[0] for p in network.parameters() if p.ndim == 4 and p.shape[2] > 1), default=8
    )
    first = next((p.shape[0] for p in network.parameters() if p.ndim == 4), widest)
    batch, channels, rows, columns = shape
    from SynthCore.models.networks import SliceUNet

    alive = ACTIVATIONS_ALIVE if isinstance(network, SliceUNet) else ACTIVATIONS_ALIVE_ELSEWHERE
    return 4 * batch * rows * columns * (channels + alive * max(first, widest // 4))


def available(device: str) -> int:
    """Bytes free on the device."""
    if device.startswith("cuda"):
        import torch

        free, _ = torch.cuda.mem_get_info(device)
        # what torch keeps for its next tensors is free as well
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(free) + int(kept)
    return int(psutil.virtual_memory().available)


def largest_batch(network: torch.nn.Module, shape: Shape, device: str) -> int:
    """Batch items that fit into memory, between 1 and those of `shape`."""
    one = tile_bytes(network, (1, *shape[1:]))
    return max(1, min(shape[0], available(device) // (2 * one)))


def require(network: torch.nn.Module, shape: Shape, device: str, prepare: Prepare) -> None:
    """Raise `OutOfMemoryError` before computing if the batch cannot fit.

    Raises
    ------
    OutOfMemoryError
        Naming the largest tile that would fit.
    """
    if tile_bytes(network, shape) > available(device):
        raise _error(network, shape, device, prepare)


@contextmanager
def named_when_out(
    network: torch.nn.Module, shape: Shape, device: str, prepare: Prepare
) -> Iterator[None]:
    """Turn whatever a backend raises when memory runs out into `OutOfMemoryError`."""
    try:
        yield
    except MemoryError as error:
        raise _error(network, shape, device, prepare) from error
    except RuntimeError as error:
        if any(sign in str(error).lower() for sign in _SIGNS):
            raise _error(network, shape, device, prepare) from error
        raise


def _error(
    network: torch.nn.Module, shape: Shape, device: str, prepare: Prepare
) -> OutOfMemoryError:
    fits = _largest_that_fits(network, shape, available(device), prepare.multiple_of)
    tried = f"{shape[2]} x {shape[3]}"
    if fits is None:
        advice = "close other programs or use another device"
    else:
        advice = f"a tile of {fits[0]} x {fits[1]} would fit: set --tile {fits[0]}"
    return OutOfMemoryError(
        f"Memory on {device} ran out with a tile of {tried} voxels; {advice}.",
        None if fits is None else (1, *fits),
    )


def _largest_that_fits(
    network: torch.nn.Module, shape: Shape, free: int, multiple_of: int
) -> tuple[int, int] | None:
    side = max(shape[2], shape[3])
    while (side := side // 2 // multiple_of * multiple_of) >= max(SMALLEST_TILE, multiple_of):
        # half of what is free: other programs take memory while a run goes on
        if tile_bytes(network, (1, shape[1], side, side)) < free // 2:
            return side, side
    return None


def with_tile(prepare: Prepare, side: int | None) -> Prepare:
    """The same preparation with square tiles of that side (rounded down to what the net takes)."""
    if side is None:
        return prepare
    rounded = max(prepare.multiple_of, side // prepare.multiple_of * prepare.multiple_of)
    return replace(prepare, tile=(rounded, rounded))


def told_of_tile(prepare: Prepare, side: int | None, slice_shape: tuple[int, int]) -> list[str]:
    """A warning where tiles of that side hold less of a slice than the model's own.

    Parameters
    ----------
    prepare : Prepare
        Of the model's card.
    side : int or None
        What was asked for.
    slice_shape : tuple of int
        Rows and columns of a slice, as the network sees it.
    """
    tile = with_tile(prepare, side).tile
    seen, own = (
        [min(t, n) for t, n in zip(size, slice_shape, strict=True)] for size in (tile, prepare.tile)
    )
    if seen[0] >= own[0] and seen[1] >= own[1]:
        return []
    return [
        f"Made in tiles of {tile[0]} x {tile[1]} voxels, where the model was measured with "
        f"{own[0]} x {own[1]} at once: near the edges of tiles it sees less, so that values differ "
        "and the figures of its card, its uncertainty among them, do not hold."
    ]
