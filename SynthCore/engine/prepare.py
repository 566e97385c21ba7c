"""From images to what a network sees, with all that is needed to come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.axes import AxisOrder, toward_lps
from SynthCore.engine.grid import network_grid, resample
from SynthCore.engine.noise_check import share_taken
from SynthCore.errors import ModelError
from SynthCore.image import Affine, Image
from SynthCore.models.brightest import stretch
from SynthCore.models.card import Card, Output
from SynthCore.models.mirror import find_mirror, mirrored
from SynthCore.models.normalize import normalize, scale_of
from SynthCore.models.smooth_fill import smooth_fill

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Prepared:
    """Inputs on the network's grid, and the way back to the input's.

    Attributes
    ----------
    channels : numpy.ndarray
        [channel, k, j, i], normalized float32: roles, or one image; then, where they go in, the
        image mirrored and the mask.
    residual : numpy.ndarray or None
        The voxels a residual network adds to, reordered but on the input's own spacing and in
        its own unit: what is added back never passes through a resampling.
    body : numpy.ndarray of bool
        [k, j, i] on the network's grid.
    scale, offset : float
        Of the normalization of the image that is changed: ``x = scale * y + offset``.
    share : float
        Of the change that the network says, how much is made.
    role : str
        That is made, where it was said.
    """

    channels: Float32
    residual: Float32 | None
    body: npt.NDArray[np.bool_]
    order: AxisOrder
    affine: Affine
    moved: Image
    scale: float = 1.0
    offset: float = 0.0
    share: float = 1.0
    role: str = ""

    @property
    def resampled(self) -> bool:
        """Whether the network's grid has another spacing than the input's."""
        return self.channels.shape[1:] != self.moved.shape or not np.allclose(
            self.affine, self.moved.affine
        )


def prepare(
    card: Card,
    inputs: Mapping[str, Image],
    body: Mask,
    target: str | None = None,
    region: Mask | None = None,
) -> Prepared:
    """Reorder, resample and normalize the inputs of a network.

    Parameters
    ----------
    card : Card
        Of the network.
    inputs : mapping
        Images by role, all on one grid: what `SynthCore.engine.select.used_inputs` gave.
    body : numpy.ndarray of bool
        [k, j, i] on the inputs' grid.
    target : str, optional
        The role that is made.
    region : numpy.ndarray of bool, optional
        [k, j, i] on the inputs' grid: what is to be filled, where the card wants it as a channel.
        Its voxels have no part in the normalization, but where the grid changes they mix with
        those around them: `SynthCore.engine.hidden.without` must have taken them out.

    Raises
    ------
    ModelError
        If the card gives no normalization for one of the roles, or wants a region and gets none.
    """
    if card.prepare.mask_channel and region is None:
        raise ModelError(f"The model {card.id} fills a region, and was given none.")
    first = next(iter(inputs.values()))
    moved, order = toward_lps(first)
    grid = network_grid(moved, card.prepare.spacing_mm)
    affine = moved.affine if grid is None else grid[1]

    def onto(voxels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return voxels if grid is None else resample(voxels, moved.affine, *grid)

    hole = None
    if card.prepare.mask_channel and region is not None:
        hole = onto(order.to(region)) > 0.5
    channels: list[Float32] = []
    residual: Float32 | None = None
    scale, offset = 1.0, 0.0
    for role in card.inputs if card.takes in ("all", "any") else inputs:
        if role not in inputs:
            shape = moved.shape if grid is None else grid[0]
            channels.append(np.full(shape, card.prepare.absent, dtype=np.float32))
            continue
        how = card.prepare.normalization.get(role)
        if how is None:
            raise ModelError(f"The card of {card.id} gives no normalization for {role}.")
        voxels = np.ascontiguousarray(order.to(inputs[role].voxels), dtype=np.float32)
        placed = onto(voxels)
        divisor = scale_of(placed if hole is None else placed[~hole], how)
        if role in (card.output.residual_of, target):
            residual, scale = voxels, divisor
            offset = how.offset if how.kind == "linear" else 0.0
        channel = normalize(placed, how, divisor)
        if hole is not None:
            channel[hole] = card.prepare.hole
        channels.append(channel)
    if hole is not None and card.prepare.first_guess:
        filled, mirror = first_guess(channels[0], hole, affine)
        channels = [filled, *channels[1:], mirror]
    if hole is not None:
        channels.append(hole.astype(np.float32))
    if card.output.residual_of is None:
        residual = None
    inside = onto(order.to(body))
    if grid is not None:
        inside = inside > 0.5
    full_dose = card.output.full_dose_hu
    share = 1.0 if full_dose is None else share_taken(moved, full_dose)
    return Prepared(
        np.stack(channels), residual, inside, order, affine, moved, scale, offset, share,
        target or "",
    )  # fmt: skip


def first_guess(channel: Float32, hole: Mask, affine: Affine) -> tuple[Float32, Float32]:
    """An image with its hole filled smoothly, and the same as seen in its plane of symmetry."""
    i, j, k = (float(s) for s in np.linalg.norm(affine[:3, :3], axis=0))
    filled = smooth_fill(channel, hole, (k, j, i))
    return filled, mirrored(filled, find_mirror(filled, hole, (k, j, i)), (k, j, i))


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
    out = scaled(card.output, predicted, prepared, prepared.residual)
    if card.output.brightest is not None:
        i, j, k = prepared.moved.spacing
        inside = prepared.order.to(body)
        out = stretch(out, inside, card.output.brightest, (k, j, i), prepared.role)
    out = np.ascontiguousarray(prepared.order.back(out))
    if card.output.outside is not None:
        out[~body] = card.output.outside
    return out


def scaled(
    output: Output, predicted: Float32, prepared: Prepared, residual: Float32 | None
) -> Float32:
    """A network's output in the target's unit: scaled, the residual added, clipped."""
    out = predicted * np.float32(output.scale * prepared.share)
    if output.offset:
        out += np.float32(output.offset)
    if output.denormalize:
        out *= np.float32(prepared.scale)
        if residual is None:  # a change has no offset
            out += np.float32(prepared.offset)
    if residual is not None:
        out += residual
    if output.clip is not None:
        np.clip(out, *output.clip, out=out)
    return out
