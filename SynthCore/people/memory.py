"""Whether a head on a grid fits into memory."""

from __future__ import annotations

import math

from SynthCore.engine.memory import available
from SynthCore.errors import InputError
from SynthCore.people.grid import Grid, steps_of
from SynthCore.people.wish import SPACING_MM, Wish

BYTES_PER_VOXEL = 130
"""Maps of a person (36), and what a scan with motion takes beside them (measured, rounded up)."""

BASE_BYTES = 1_300_000_000
"""The program, a label map made ready, and a slab while it is made."""

HEAD_MM = (230.0, 250.0, 200.0)
"""A large head with air around, along (k, j, i)."""


def bytes_of(voxels: float) -> float:
    """What a grid of so many fine voxels takes."""
    return BASE_BYTES + BYTES_PER_VOXEL * voxels


def refuse_too_fine(wish: Wish) -> None:
    """Refuse a grid on which a large head would not fit into the memory that is free.

    Raises
    ------
    InputError
        Naming the finest spacing that would fit.
    """
    need, free = _need(wish.spacing_mm, wish.slices_mm), available("cpu")
    if need <= free:
        return
    finest = next(
        (mm for mm in _tenths(wish.spacing_mm) if _need(mm, wish.slices_mm) <= free), None
    )
    advice = "close other programs" if finest is None else f"give --spacing {finest:g} or more"
    raise InputError(
        f"A head in voxels of {wish.spacing_mm:g} mm takes about {need / 1e9:.0f} GB of memory and "
        f"{free / 1e9:.0f} GB are free; {advice}."
    )


def refuse_large(grid: Grid) -> None:
    """Refuse the grid of a person who is to be made again, as `refuse_too_fine` does.

    Raises
    ------
    InputError
        If it would not fit.
    """
    need, free = bytes_of(math.prod(grid.shape)), available("cpu")
    if need > free:
        raise InputError(
            f"This person takes about {need / 1e9:.0f} GB of memory and {free / 1e9:.0f} GB are "
            "free; close other programs, or use another machine."
        )


def _need(spacing_mm: float, slices_mm: float | None) -> float:
    steps, _ = steps_of(spacing_mm, slices_mm)
    return bytes_of(math.prod(mm / step for mm, step in zip(HEAD_MM, steps, strict=True)))


def _tenths(above: float) -> list[float]:
    first, last = math.floor(10 * above) + 1, round(10 * SPACING_MM[1])
    return [n / 10 for n in range(first, last + 1)]
