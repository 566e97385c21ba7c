"""The engine's one door: a request in, a result on the input's exact grid out.

`super-resolution` alone has a finer grid, whose slices are where the input's are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from SynthCore.engine import network
from SynthCore.engine.mean import answer
from SynthCore.engine.memory import told_of_tile
from SynthCore.engine.prepare import restore
from SynthCore.engine.ready import find_body as find_body
from SynthCore.engine.ready import finish, make_ready
from SynthCore.engine.spread import deviation, require_calibration, spread
from SynthCore.engine.super_resolve import super_resolve
from SynthCore.engine.warm import Warm
from SynthCore.image import Image
from SynthCore.models.methods import load_method
from SynthCore.request import (
    Cancelled,
    Options,
    Progress,
    SynthesisRequest,
    SynthesisResult,
    part_of,
)
from SynthCore.tasks import FINER_TASK


def synthesize(
    task: str | SynthesisRequest,
    inputs: Mapping[str, Image] | None = None,
    *,
    target: str | None = None,
    model: str | None = None,
    mask: Image | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    warm: Warm | None = None,
) -> SynthesisResult:
    """Synthesize an image.

    Parameters
    ----------
    task : str or SynthesisRequest
        A task of the catalogue, or a whole request (then of the others only `progress`,
        `cancelled` and `warm` count).
    inputs : mapping
        Images by role. The result lies on the grid of the first of the model's inputs, or on
        `SynthCore.physics.fine_grid.fine_grid` of it for `super-resolution`.
    target : str, optional
        The role to make, where the task can make several.
    model : str, optional
        Id or folder of a model; by default the best that does not refuse the input.
    mask : Image, optional
        Region to fill, on the input's grid, for tasks that take one.
    options : Options, optional
        Seed, device, backend.
    progress, cancelled : callable, optional
        Called with the fraction done and the stage; asked whether to stop.
    warm : Warm, optional
        What earlier requests left, and what this one leaves for the next.

    Returns
    -------
    SynthesisResult
        Image, checks, warnings and record.

    Raises
    ------
    InputError
        If the request is not a possible one.
    RefusedError
        If no model was made for such an input, or a mask leaves too little to fill it from.
    ComputationError
        If the computation fails; `OutOfMemoryError` names a tile that would fit.
    CancelledError
        If `cancelled` said so.
    """
    if isinstance(task, SynthesisRequest):
        request = task
    else:
        request = SynthesisRequest(task, inputs or {}, target, model, mask, options or Options())
    warm = warm or Warm()
    ready = make_ready(request, warm, progress, cancelled)
    bundle = ready.chosen.bundle
    calibration = require_calibration(bundle.card) if request.options.uncertainty else None
    if request.task == FINER_TASK:
        return super_resolve(ready, warm, progress, cancelled)
    sigma, told = None, list[str]()
    if bundle.card.kind == "network":
        prepared = network.prepared_inputs(ready, warm)
        rows, columns = prepared.channels.shape[2:]
        told = told_of_tile(bundle.card.prepare, request.options.tile, (rows, columns))
        once = 1.0 if calibration is None else bundle.card.runs / bundle.card.uncertainty_runs
        first = part_of(progress, 0.0, once)
        predicted, backend = answer(ready, prepared, warm, first, cancelled)
        moved = None
        if calibration is not None:
            rest = part_of(progress, once, 1.0)
            moved = spread(ready, prepared, predicted, calibration.changes, warm, rest, cancelled)
        if progress is not None:
            progress(1.0, "finish")
        voxels = restore(bundle.card, prepared, predicted, ready.body)
        if calibration is not None and moved is not None:
            sigma = deviation(calibration, ready, prepared, moved, voxels)
    else:
        voxels, backend = load_method(bundle)(ready.job(progress, cancelled)), None
    if ready.region is not None:
        # outside it the input's own voxels, bit for bit
        voxels = np.where(ready.region, voxels, ready.own.voxels)
    return finish(ready, voxels, ready.base.affine, backend, *told, uncertainty=sigma)
