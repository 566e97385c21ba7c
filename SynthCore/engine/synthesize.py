"""The engine's one door: a request in, a result on the input's exact grid out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from SynthCore.engine import backends, memory
from SynthCore.engine.grid import resample
from SynthCore.engine.infer import infer
from SynthCore.engine.prepare import prepare, restore
from SynthCore.engine.provenance import make_record
from SynthCore.engine.select import select
from SynthCore.errors import ComputationError, InputError
from SynthCore.image import Image
from SynthCore.models.bundle import Bundle, load_network
from SynthCore.models.classical.base import Job
from SynthCore.models.methods import load_method
from SynthCore.quality.masks import body_mask_ct, body_mask_mr
from SynthCore.request import (
    Cancelled,
    Options,
    Progress,
    SynthesisRequest,
    SynthesisResult,
)
from SynthCore.tasks import CT_ROLES, get_task, unit_of

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


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
) -> SynthesisResult:
    """Synthesize an image.

    Parameters
    ----------
    task : str or SynthesisRequest
        A task of the catalogue, or a whole request (then only `progress` and `cancelled` count).
    inputs : mapping
        Images by role. The result lies on the grid of the first of the model's inputs.
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

    Returns
    -------
    SynthesisResult
        Image, checks, warnings and record.

    Raises
    ------
    InputError
        If the request is not a possible one.
    RefusedError
        If no model was made for such an input.
    ComputationError
        If the computation fails; `OutOfMemoryError` names a tile that would fit.
    CancelledError
        If `cancelled` said so.
    """
    if isinstance(task, SynthesisRequest):
        request = task
    else:
        request = SynthesisRequest(task, inputs or {}, target, model, mask, options or Options())
    started = time.perf_counter()
    kind = get_task(request.task)
    made = kind.resolve_target(tuple(request.inputs), request.target)
    if progress is not None:
        progress(0.0, "check")
    backends.require_known(request.options.device, request.options.backend)
    chosen = select(kind, request.inputs, made, request.model)
    bundle, checks = chosen.bundle, chosen.checks
    images = _on_one_grid(chosen.inputs)
    base = next(iter(images.values()))
    region = _region(request, base) if kind.needs_mask else None
    warnings = [*chosen.warnings, *(c.message for c in checks if c.outcome == "warn")]
    warnings += [note for given in images.values() for note in given.notes]
    body = find_body(base)
    if not body.any():
        body = np.ones(base.shape, dtype=np.bool_)
        warnings.append("No body was found against the background; all voxels were used.")
    job = Job(images, made, body, region, progress, cancelled)
    if bundle.card.kind == "network":
        voxels, backend = _run_network(bundle, job, request.options)
    else:
        voxels, backend = load_method(bundle)(job), None
    if not np.all(np.isfinite(voxels)):
        raise ComputationError(f"The model {bundle.name} gave values that are not numbers.")
    if region is not None:
        # outside the mask the input's own voxels, bit for bit
        voxels = np.where(region, voxels, images[made].voxels)
    source = replace(base.source, path="")  # the headers stay at hand, the path goes nowhere
    image = Image(voxels, base.affine, made, unit_of(made), source, base.notes)
    told = tuple(dict.fromkeys(warnings))
    record = make_record(request, chosen.inputs, made, bundle, backend, checks, told, image)
    return SynthesisResult(
        image, record, checks, told, bundle.card.block, None, time.perf_counter() - started
    )


def find_body(image: Image) -> Mask:
    """The patient's body in an image, by its role: [k, j, i]."""
    find = body_mask_ct if image.modality in CT_ROLES else body_mask_mr
    return find(image.voxels, image.spacing)


def _run_network(bundle: Bundle, job: Job, options: Options) -> tuple[Float32, backends.Backend]:
    card = bundle.card
    device, backend = backends.choose(options.device, options.backend)
    network = load_network(bundle)
    prepared = prepare(card, job.inputs, job.body)
    predicted, runner = infer(
        network,
        prepared.channels,
        memory.with_tile(card.prepare, options.tile),
        device=device,
        backend=backend,
        threads=options.threads,
        # where the card fixes the value outside the body, tiles without body need no network
        needed=prepared.body if card.output.outside is not None else None,
        progress=job.progress,
        cancelled=job.cancelled,
    )
    return restore(card, prepared, predicted, job.body), runner


def _region(request: SynthesisRequest, base: Image) -> Mask:
    if request.mask is None:
        raise InputError(f"The task {request.task} needs a mask: add --mask PATH.")
    region: Mask = request.mask.voxels.astype(bool)
    if not region.any():
        raise InputError("The mask is empty: draw the region to fill.")
    if not request.mask.same_grid(base):
        raise InputError(
            f"The mask does not lie on the grid of {base.modality}: resample it first."
        )
    return region


def _on_one_grid(inputs: Mapping[str, Image]) -> dict[str, Image]:
    """The inputs by role, the first as it is and the others resampled onto it."""
    out: dict[str, Image] = {}
    for role, image in inputs.items():
        first = next(iter(out.values()), image)
        if not image.same_grid(first):
            voxels = resample(image.voxels, image.affine, first.shape, first.affine)
            image = replace(image, voxels=voxels, affine=first.affine)
        out[role] = replace(image, modality=role)
    return out
