"""One slice of a synthesis, for a look before the whole is made.

A network's slice has the voxels the whole run would give it: everything that depends on the whole
volume (normalization, body, checks) is taken from the whole volume, and only the network runs on
the neighbors of one slice. Where a card asks for another spacing, the slice lies on the network's
own grid, which the whole run would resample; and where it asks for the brightest tissue at a value,
the whole run stretches the whole image. A preview says both.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from SynthCore.dicom.stated import header_of
from SynthCore.engine import network
from SynthCore.engine.grid import resample
from SynthCore.engine.mean import answer
from SynthCore.engine.prepare import Prepared, scaled
from SynthCore.engine.ready import Ready, finish, make_ready
from SynthCore.engine.super_resolve import make_fine
from SynthCore.engine.warm import Warm
from SynthCore.errors import InputError
from SynthCore.image import Affine, Array, Source
from SynthCore.models.classical.base import Job
from SynthCore.models.methods import load_method
from SynthCore.physics.fine_grid import fine_grid
from SynthCore.request import Cancelled, Progress, SynthesisRequest, SynthesisResult
from SynthCore.tasks import FINER_TASK

Float32 = npt.NDArray[np.float32]
Point = tuple[float, float, float]

REACH = 2
"""Slices on either side of the previewed one that a classical method works on."""

BESIDE_PLANE = 16
"""Planes on either side of the previewed one that a network across them works on."""

BESIDE = 1.0
"""Slices that a point may lie beyond the first or last one: a view's offset is rarely exact."""


def preview(
    request: SynthesisRequest,
    point_lps: Point,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    warm: Warm | None = None,
) -> SynthesisResult:
    """Synthesize the slice nearest to a point.

    Parameters
    ----------
    request : SynthesisRequest
        As for the whole volume.
    point_lps : tuple of float
        Millimeters; a slice is chosen by it, wherever in its plane it lies.
    progress, cancelled : callable, optional
        As for `SynthCore.engine.synthesize.synthesize`.
    warm : Warm, optional
        Likewise; with it the next slice of the same input takes hardly longer than its network.

    Returns
    -------
    SynthesisResult
        Its image has one slice (k); the warnings say what it is.

    Raises
    ------
    InputError
        If the point lies beyond the volume.
    SynthCoreError
        As for the whole volume.
    """
    warm = warm or Warm()
    ready = make_ready(request, warm, progress, cancelled)
    if request.task == FINER_TASK:
        return _of_finer(ready, point_lps, warm, progress, cancelled)
    if ready.chosen.bundle.card.kind == "network":
        return _by_network(ready, point_lps, warm, progress, cancelled)
    return _by_method(ready, point_lps, progress, cancelled)


def _by_network(
    ready: Ready,
    point: Point,
    warm: Warm,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> SynthesisResult:
    card = ready.chosen.bundle.card
    prepared = network.prepared_inputs(ready, warm)
    k = slice_at(point, prepared.affine, prepared.channels.shape[1])
    predicted, backend = answer(ready, prepared, warm, progress, cancelled, layer=k)
    cut = _Cut(prepared, k)
    residual = None if prepared.residual is None else cut.of(prepared.residual)
    voxels = scaled(card.output, predicted, prepared, residual)
    if card.output.outside is not None:
        voxels[~prepared.body[k : k + 1]] = card.output.outside
    if ready.region is not None:
        own = cut.of(prepared.order.to(ready.own.voxels))
        voxels = np.where(cut.of(prepared.order.to(ready.region)) > 0.5, voxels, own)
    told = [f"A preview: slice {k + 1} of {prepared.channels.shape[1]} alone."]
    if prepared.resampled:
        told.append("It lies on the model's own grid; the whole result is resampled from that.")
    if card.output.brightest is not None:
        told.append("Its brightest tissue may be brighter in the whole result, which is stretched.")
    return finish(ready, voxels, cut.affine, backend, *told)


def _by_method(
    ready: Ready, point: Point, progress: Progress | None, cancelled: Cancelled | None
) -> SynthesisResult:
    depth = ready.base.shape[0]
    k = slice_at(point, ready.base.affine, depth)
    first, last = max(0, k - REACH), min(depth, k + REACH + 1)
    slab = slice(first, last)
    images = {
        role: replace(image, voxels=image.voxels[slab], affine=moved_along_k(image.affine, first))
        for role, image in ready.images.items()
    }
    region = None if ready.region is None else ready.region[slab]
    job = Job(images, ready.target, ready.body[slab], region, progress, cancelled)
    made = load_method(ready.chosen.bundle)(job)
    if region is not None:
        made = np.where(region, made, ready.own.voxels[slab])
    return finish(
        ready,
        np.ascontiguousarray(made[k - first : k - first + 1], dtype=np.float32),
        moved_along_k(ready.base.affine, k),
        None,
        f"A preview: slice {k + 1} of {depth} alone.",
        f"Its method saw {last - first} slices of {depth}: the whole result can differ a little.",
    )


def _of_finer(
    ready: Ready,
    point: Point,
    warm: Warm,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> SynthesisResult:
    """The made slice nearest to the point, from the acquired ones around it."""
    whole = fine_grid(ready.base)
    k = slice_at(point, whole.affine, whole.shape[0])
    if whole.axis == 0:
        near, reach = int((k + 0.5) / whole.stack.factor), REACH
    else:  # the acquired slices stand upright on this plane
        near, reach = k, BESIDE_PLANE
    first, last = max(0, near - reach), min(ready.base.shape[0], near + reach + 1)
    # the thickness is known of the whole, and few slices do not show it
    header = header_of({"SliceThickness": f"{whole.thickness_mm:.10g}"})
    images = {
        role: replace(
            image,
            voxels=image.voxels[first:last],
            affine=moved_along_k(image.affine, first),
            source=Source(headers=(header,)),
        )
        for role, image in ready.images.items()
    }
    body = ready.body[first:last]
    region = None if ready.region is None else ready.region[first:last]
    body = body if body.any() else np.ones_like(body)
    part = replace(ready, images=images, body=body, region=region)
    fine = make_fine(part, warm, progress, cancelled)
    at = slice_at(point, fine.grid.affine, fine.grid.shape[0])
    return finish(
        ready,
        fine.voxels[at : at + 1],
        moved_along_k(fine.grid.affine, at),
        fine.backend,
        f"A preview: slice {k + 1} of {whole.shape[0]} alone.",
        f"It was made from {last - first} slices of {ready.base.shape[0]}: the whole result can "
        "differ a little.",
    )


def slice_at(point: Point, affine: Affine, depth: int) -> int:
    """Index of the slice (k) of a grid that is nearest to a point.

    Raises
    ------
    InputError
        If the point lies farther than `BESIDE` slices beyond the grid.
    """
    along = float((np.linalg.inv(affine) @ np.array([*point, 1.0]))[2])
    if not -0.5 - BESIDE <= along <= depth - 0.5 + BESIDE:
        raise InputError("The point of the preview lies beyond the volume; choose a slice in it.")
    return min(max(round(along), 0), depth - 1)


def moved_along_k(affine: Affine, k: int) -> Affine:
    """The affine of a grid that begins at slice k of this one."""
    moved = affine.copy()
    moved[:3, 3] += k * affine[:3, 2]
    return moved


class _Cut:
    """One slice of what lies on the reordered input's grid, on the network's grid."""

    def __init__(self, prepared: Prepared, k: int) -> None:
        self._prepared, self._k = prepared, k
        self.affine = moved_along_k(prepared.affine, k)

    def of(self, voxels: Array) -> Array:
        """[1, j, i] of voxels [k, j, i]."""
        prepared = self._prepared
        if not prepared.resampled:
            return voxels[self._k : self._k + 1]
        _, _, rows, columns = prepared.channels.shape
        return resample(voxels, prepared.moved.affine, (1, rows, columns), self.affine)
