"""The steps that every synthesis shares: check, put on one grid, find the body; and tell of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.engine import backends
from SynthCore.engine.grid import resample
from SynthCore.engine.hidden import asked_region, digest, without
from SynthCore.engine.mask_check import mask_check
from SynthCore.engine.padding import beyond_padding
from SynthCore.engine.provenance import make_record
from SynthCore.engine.role_checks import require_distinct
from SynthCore.engine.select import Selection, select
from SynthCore.engine.warm import Identity, Mask, Warm, identify
from SynthCore.errors import ComputationError, RefusedError
from SynthCore.image import Affine, Image, Source, notes_of, summary
from SynthCore.models.classical.base import Job
from SynthCore.physics.field_of_view import seen_by_scan
from SynthCore.quality.body import body_in_ct, body_in_mr
from SynthCore.quality.grids import outside_value, reached
from SynthCore.request import Cancelled, Check, Progress, SynthesisRequest, SynthesisResult, stop_if
from SynthCore.tasks import CT_ROLES, FINER_TASK, get_task, unit_of

Float32 = npt.NDArray[np.float32]

SCAN_TASK = "cbct-to-ct"
"""Its scans do not fill their grid: beyond their field of view nothing is made."""


@dataclass(frozen=True)
class Ready:
    """A request whose model is chosen and whose inputs passed its checks.

    Attributes
    ----------
    chosen : Selection
        The model, and the inputs it uses as they were given.
    images : mapping
        Those inputs by role, all on the grid of the first; without what lies under a mask.
    body, region : numpy.ndarray of bool
        [k, j, i] on that grid: the patient's body; where something is made, if not everywhere:
        the mask given, for tasks that take one, what a cone beam saw, and of a CT for finer slices
        what is no padding.
    identities : mapping
        Of the inputs as they were given, by role.
    """

    request: SynthesisRequest
    target: str
    chosen: Selection
    images: Mapping[str, Image]
    body: Mask
    region: Mask | None
    warnings: tuple[str, ...]
    identities: Mapping[str, Identity]
    started: float

    @property
    def base(self) -> Image:
        """The input whose grid the result lies on."""
        return next(iter(self.images.values()))

    @property
    def own(self) -> Image:
        """The input that stays as it is beyond `region`."""
        return self.images.get(self.target, self.base)

    def job(self, progress: Progress | None, cancelled: Cancelled | None) -> Job:
        """The run as a classical model takes it."""
        return Job(self.images, self.target, self.body, self.region, progress, cancelled)


def make_ready(
    request: SynthesisRequest,
    warm: Warm,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> Ready:
    """Choose the model, check the inputs, and find the body.

    Raises
    ------
    InputError, RefusedError, CancelledError
        As `SynthCore.engine.synthesize.synthesize`.
    """
    started = time.perf_counter()
    kind = get_task(request.task)
    made = kind.resolve_target(tuple(request.inputs), request.target)
    if progress is not None:
        progress(0.0, "check")
    backends.require_known(request.options.device, request.options.backend)
    identities = {role: identify(role, image) for role, image in request.inputs.items()}
    stop_if(cancelled)
    require_distinct({role: one.sha256 for role, one in identities.items()})
    region, checks = None, tuple[Check, ...]()
    inputs, seen = request.inputs, identities
    if kind.needs_mask:
        given = inputs[made]
        region = asked_region(request, replace(given, modality=made))
        body, _ = _body(replace(given, modality=made), seen[made], warm)
        checks = (mask_check(given, region, body),)
        if checks[0].outcome == "refuse":
            raise RefusedError(f"{checks[0].message} Nothing was made.", checks)
        inputs = {**inputs, made: without(given, region)}
        seen = {**seen, made: replace(seen[made], hidden=digest(region))}
        stop_if(cancelled)
    chosen = select(kind, inputs, made, request.model, seen, warm)
    chosen = replace(chosen, checks=(*chosen.checks, *checks))
    stop_if(cancelled)
    images, told = on_one_grid(chosen.inputs), list[str]()
    role, base = next(iter(images.items()))
    if request.task == FINER_TASK and role in CT_ROLES:
        base, region, told = beyond_padding(base)
        images = {role: base}
        if region is not None:
            seen = {**seen, role: replace(seen[role], hidden=digest(~region))}
    warnings = [*chosen.warnings, *_warned(chosen.checks), *told]
    warnings += notes_of(images, always=region is not None)
    if region is not None and request.mask is not None:
        warnings += request.mask.notes
    if progress is not None:
        progress(0.0, "prepare")
    body, found = _body(base, seen[role], warm)
    if not found:
        warnings.append("No body was found against the background; all voxels were used.")
    if request.task == SCAN_TASK:
        region = seen_by_scan(base.voxels)
    stop_if(cancelled)
    return Ready(request, made, chosen, images, body, region, tuple(warnings), identities, started)


def finish(
    ready: Ready,
    voxels: Float32,
    affine: Affine,
    backend: backends.Backend | None,
    *warnings: str,
    uncertainty: Float32 | None = None,
) -> SynthesisResult:
    """The result from its voxels and their place, and the standard deviation of their error.

    Raises
    ------
    ComputationError
        If a voxel is not a number.
    """
    chosen = ready.chosen
    if not np.isfinite(voxels).all():
        raise ComputationError(f"The model {chosen.bundle.name} gave values that are not numbers.")
    base = ready.base
    source = replace(base.source, path="")  # the headers stay at hand, the path goes nowhere
    if voxels.shape != base.shape:  # a part of it: the headers are of the whole
        source = Source(source.kind, "", source.series_uid)
    image = Image(voxels, affine, ready.target, unit_of(ready.target), source, base.notes, "YES")
    told = tuple(dict.fromkeys((*ready.warnings, *warnings)))
    hashes = {role: identity.sha256 for role, identity in ready.identities.items()}
    record = make_record(
        ready.request, chosen.inputs, ready.target, chosen.bundle, backend, chosen.checks, told,
        image, hashes,
    )  # fmt: skip
    sigma = None
    if uncertainty is not None:
        sigma = replace(image, voxels=uncertainty, modality="", notes=())
        record = replace(record, output={**record.output, "uncertainty": summary(sigma)})
    seconds = time.perf_counter() - ready.started
    card = chosen.bundle.card.block
    return SynthesisResult(image, record, chosen.checks, told, card, sigma, seconds)


def _warned(checks: tuple[Check, ...]) -> list[str]:
    return [check.message for check in checks if check.outcome == "warn"]


def find_body(image: Image) -> Mask:
    """The patient's body in an image, by its role: [k, j, i]."""
    return body_in_ct(image) if image.modality in CT_ROLES else body_in_mr(image)


def _body(image: Image, identity: Identity, warm: Warm) -> tuple[Mask, bool]:
    """The patient's body in an image, and whether one was found: if none was, it is everywhere."""
    body = warm.bodies.get(identity, lambda: _fixed(find_body(image)))
    return (body, True) if body.any() else (np.ones(image.shape, dtype=np.bool_), False)


def _fixed(mask: Mask) -> Mask:
    mask.setflags(write=False)  # it serves the next request as well
    return mask


def on_one_grid(inputs: Mapping[str, Image]) -> dict[str, Image]:
    """The inputs by role, the first as it is and the others resampled onto it; air beyond them."""
    out: dict[str, Image] = {}
    for role, image in inputs.items():
        first = next(iter(out.values()), image)
        if not image.same_grid(first):
            voxels = resample(image.voxels, image.affine, first.shape, first.affine)
            # an edge that is repeated all the way would be anatomy that nobody has seen
            near = ndimage.binary_dilation(reached(image, first))
            voxels[~near] = outside_value(image)
            image = replace(image, voxels=voxels, affine=first.affine)
        out[role] = replace(image, modality=role)
    return out
