"""The plane of a preview: the one the engine will make of an order, and the one it has made.

A classical method makes an acquired slice, and so does the task that makes slices thinner; a
network makes a slice across the axis of the volume that runs nearest to head and feet.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np

from SlicerSynthLib.geometry import RAS_TO_LPS
from SlicerSynthLib.nodes import grid_of
from SlicerSynthLib.orders import Order
from SynthCore.image import Affine, Array
from SynthCore.tasks import FINER_TASK


def normal_to_make(order: Order, by_network: bool) -> Array | None:
    """RAS direction across the slice that a preview will be; None while no volume is given.

    Raises
    ------
    InputError
        If the volume cannot be given to the engine.
    """
    if order.source is None:
        return None
    directions = _directions(_in_ras(order.source))
    if not by_network or order.task == FINER_TASK:
        return directions[2]
    # as the engine puts the axes in order before its network sees them
    best = max(
        permutations(range(3)),
        key=lambda axes: sum(abs(directions[axis][world]) for world, axis in enumerate(axes)),
    )
    return directions[best[2]]


def plane_of(preview: Any) -> tuple[Array, Array]:
    """The middle of a volume of one slice, and the direction across it; RAS."""
    to_ras = _in_ras(preview)
    last = np.array(preview.GetImageData().GetDimensions()) - 1
    return (to_ras @ [*(last / 2), 1.0])[:3], _directions(to_ras)[2]


def _in_ras(node: Any) -> Affine:
    to_ras: Affine = RAS_TO_LPS @ grid_of(node)[1]
    return to_ras


def _directions(to_ras: Affine) -> list[Array]:
    """Unit vectors along i, j and k."""
    return [column / np.linalg.norm(column) for column in to_ras[:3, :3].T]
