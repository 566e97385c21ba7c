"""From registered pairs to what the network learns: as the engine prepares and restores."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from SynthCore.engine.grid import network_grid, resample
from SynthCore.engine.prepare import Prepared, prepare
from SynthCore.engine.ready import find_body
from SynthCore.image import Image
from SynthCore.models.card import Card
from SynthCore.tasks import CT_ROLES
from SynthCore.training.cases import Case
from SynthCore.training.finetune.place import Placed
from SynthCore.training.matchable import STIFF_HU, matchable

Bools = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]

OUTSIDE_WEIGHT = 0.15
"""Of voxels outside both bodies, where the target is air."""

TOP_PERCENTILE = 99.5
"""Of an MR target in the body: what its network makes 1."""


@dataclass(frozen=True)
class Truth:
    """A registered pair on its input's grid.

    Attributes
    ----------
    target : Image
        On the grid of the input; MR targets divided by their top, CT in HU.
    body : numpy.ndarray of bool
        [k, j, i] body of both, within the target's field of view.
    neither : numpy.ndarray of bool
        [k, j, i] body of none, within it.
    seen : numpy.ndarray of bool
        [k, j, i] the target's field of view.
    prepared : Prepared
        The input as the network sees it.
    """

    placed: Placed
    target: Image
    body: Bools
    neither: Bools
    seen: Bools
    prepared: Prepared


def whole_change(card: Card) -> Card:
    """The card that the new model begins with: of what it predicts, all is done.

    Of what a denoiser predicts the engine takes a share, less where there is less noise, so that
    the noise of the full dose stays. A site's pairs show what is to stay: with a share taken of
    it, what is learned from them would never be reached.
    """
    if card.output.full_dose_hu is None:
        return card
    output = {k: v for k, v in card.block["output"].items() if k != "full_dose_hu"}
    return replace(
        card,
        output=replace(card.output, full_dose_hu=None),
        block={**card.block, "output": output},
    )


def make_truth(card: Card, placed: Placed, target_role: str) -> Truth:
    """Place the target of a pair, and find where it may be learned from."""
    pair = placed.pair
    fixed = pair.fixed
    hounsfield = target_role in CT_ROLES
    outside = -1000.0 if hounsfield else 0.0
    image = placed.place.place(fixed, pair.target, outside=outside)
    seen = placed.place.covers(fixed, pair.target)
    there = matchable(image).body & seen
    here = matchable(fixed).body
    if not hounsfield:
        top = float(np.percentile(image.voxels[there], TOP_PERCENTILE)) if there.any() else 1.0
        image = replace(image, voxels=(image.voxels / np.float32(max(top, 1e-6))))
    prepared = prepare(card, pair.inputs, find_body(fixed), target_role)
    return Truth(placed, image, here & there, ~here & ~there & seen, seen, prepared)


def make_case(card: Card, truth: Truth) -> Case:
    """The pair on the network's grid, in the network's scale.

    Where one image shows the body and the other air, nothing is learned.
    """
    prepared = truth.prepared
    grid = network_grid(prepared.moved, card.prepare.spacing_mm)

    def onto(voxels: npt.NDArray[np.float32]) -> Float32:
        moved = np.ascontiguousarray(prepared.order.to(voxels), dtype=np.float32)
        return moved if grid is None else resample(moved, prepared.moved.affine, *grid)

    hounsfield = truth.target.modality in CT_ROLES
    empty = np.float32(-1000.0 if hounsfield else 0.0)
    values = onto(np.where(truth.body, truth.target.voxels, empty).astype(np.float32))
    both, neither = (onto(m.astype(np.float32)) for m in (truth.body, truth.neither))
    weight = np.where(both > 0.99, 1.0, np.where(neither > 0.99, OUTSIDE_WEIGHT, 0.0))
    output = card.output
    if output.residual_of is not None and prepared.residual is not None:
        residual = prepared.residual
        values = values - (
            residual if grid is None else resample(residual, prepared.moved.affine, *grid)
        )
        weight = np.where(both > 0.99, 1.0, 0.0)
    if output.denormalize:
        values = (values - (0 if output.residual_of else prepared.offset)) / prepared.scale
    if hounsfield or output.residual_of is not None:
        values = (values - output.offset) / output.scale
    points = np.argwhere((weight == 1.0) & (onto((truth.target.voxels > STIFF_HU).astype(
        np.float32)) > 0.5)) if hounsfield else np.zeros((0, 3), dtype=np.int64)  # fmt: skip
    return Case(
        patient=str(truth.placed.pair.patient),
        inputs=prepared.channels,
        target=values.astype(np.float32),
        weight=weight.astype(np.float32),
        points=points,
    )
