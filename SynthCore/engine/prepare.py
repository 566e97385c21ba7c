"""From images to what a network sees, with all that is needed to come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from SynthCore.engine.grid import AxisOrder, network_grid, resample, toward_lps
from SynthCore.errors import ModelError
from SynthCore.image import Affine, Image
from SynthCore.models.card import Card, Output
from SynthCore.models.normalize import normalize

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Prepared:
    """Inputs on the network's grid, and the way back to the input's.

    Attributes
    ----------
    channels : numpy.ndarray
        [role, k, j, i], normalized float32.
    residual : numpy.ndarray or None
        The voxels a residual network adds to, reordered but on the input's own spacing and in
        its own unit: what is added back never passes through a resampling.
    body : numpy.ndarray of bool
        [k, j, i] on the network's grid.
    """

    channels: Float32
    residual: Float32 | None
    body: npt.NDArray[np.bool_]
    order: AxisOrder
    affine: Affine
    moved: Image

    @property
    def resampled(self) -> bool:
        """Whether the network's grid has another spacing than the input's."""
        return self.channels.shape[1:] != self.moved.shape or not np.allclose(
            self.affine, self.moved.affine
        )


def prepare(card: Card, inputs: Mapping[str, Image], body: npt.NDArray[np.bool_]) -> Prepared:
    """Reorder, resample and normalize the inputs of a network.

    Parameters
    ----------
    card : Card
        Of the network.
    inputs : mapping
        Images by role, all on one grid; the card's roles must be among them.
    body : numpy.ndarray of bool
        [k, j, i] on the inputs' grid.

    Raises
    ------
    ModelError
        If the card gives no normalization for one of its roles.
    """
    channels = []
    residual: Float32 | None = None
    target: tuple[tuple[int, int, int], Affine] | None = None
    moved = order = None
    for role in card.inputs:
        if role not in card.prepare.normalization:
            raise ModelError(f"The card of {card.id} gives no normalization for {role}.")
        moved, order = toward_lps(inputs[role])
        target = network_grid(moved, card.prepare.spacing_mm)
        voxels = np.ascontiguousarray(moved.voxels, dtype=np.float32)
        if role == card.output.residual_of:
            residual = voxels
        if target is not None:
            voxels = resample(voxels, moved.affine, *target)
        channels.append(normalize(voxels, card.prepare.normalization[role]))
    assert moved is not None and order is not None  # noqa: S101 (a card has at least one input)
    inside = order.to(body)
    if target is not None:
        inside = resample(inside, moved.affine, *target) > 0.5
    affine = moved.affine if target is None else target[1]
    return Prepared(np.stack(channels), residual, inside, order, affine, moved)


def restore(
    card: Card, prepared: Prepared, predicted: Float32, body: npt.NDArray[np.bool_]
) -> Float32:
    """The network's output in the target's unit, on the input's exact grid [k, j, i].

    Parameters
    ----------
    card : Card
        Of the network.
    prepared : Prepared
        What `prepare` gave.
    predicted : numpy.ndarray
        [k, j, i] on the network's grid, in the network's scale.
    body : numpy.ndarray of bool
        [k, j, i] on the input's grid.
    """
    if prepared.resampled:
        predicted = resample(
            predicted, prepared.affine, prepared.moved.shape, prepared.moved.affine
        )
    out = scaled(card.output, predicted, prepared.residual)
    out = np.ascontiguousarray(prepared.order.back(out))
    if card.output.outside is not None:
        out[~body] = card.output.outside
    return out


def scaled(output: Output, predicted: Float32, residual: Float32 | None) -> Float32:
    """A network's output in the target's unit: scaled, the residual added, clipped."""
    out = predicted * np.float32(output.scale)
    if output.offset:
        out += np.float32(output.offset)
    if residual is not None:
        out += residual
    if output.clip is not None:
        np.clip(out, *output.clip, out=out)
    return out
