"""From paths to a result: read, check that all of it belongs together, synthesize."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from SynthCore.dicom.patient_study import require_one_patient
from SynthCore.engine.role_checks import require_role
from SynthCore.engine.synthesize import synthesize
from SynthCore.engine.warm import Warm
from SynthCore.errors import InputError
from SynthCore.files.mask import read_mask
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.one_run.inputs import read_inputs
from SynthCore.quality.grids import resample_to
from SynthCore.quality.real import doubts
from SynthCore.request import Cancelled, Options, Progress, SynthesisResult


@dataclass(frozen=True)
class Wanted:
    """What is asked of one run.

    Attributes
    ----------
    task : str
        Of the catalogue.
    paths : mapping
        Where the inputs lie, by role; ``FOLDER#SERIES`` names one series.
    target : str
        The role to make, as `Task.resolve_target` gives it.
    model : str or None
        Id or folder; None for the best.
    mask, reference : Path or None
        What is filled or scored, and a real image to compare with.
    options : Options
        How to compute.
    """

    task: str
    paths: Mapping[str, str]
    target: str
    model: str | None = None
    mask: Path | None = None
    reference: Path | None = None
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Computed:
    """A result, and what it was made from and is compared with: all that `publish` writes of."""

    result: SynthesisResult
    images: Mapping[str, Image]
    mask: Image | None = None
    reference: Image | None = None


def compute(
    wanted: Wanted,
    *,
    given_as: str = "as --reference",
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    warm: Warm | None = None,
) -> Computed:
    """Read and synthesize; nothing is written.

    Parameters
    ----------
    wanted : Wanted
        What is asked.
    given_as : str
        Where a reference is given, for errors.
    progress, cancelled, warm
        As of `synthesize`.

    Raises
    ------
    InputError
        If something cannot be read or does not belong together.
    RefusedError, ComputationError, CancelledError
        As `synthesize`.
    """
    if progress is not None:
        progress(0.0, "read")
    images = read_inputs(wanted.paths)
    base = images.get(wanted.target) or next(iter(images.values()))
    region = None if wanted.mask is None else read_mask(wanted.mask, base)
    real = None
    if wanted.reference is not None:
        real = _reference(wanted.reference, wanted.target, base, given_as)
    result = synthesize(
        wanted.task,
        images,
        target=wanted.target,
        model=wanted.model,
        mask=region,
        options=wanted.options,
        progress=progress,
        cancelled=cancelled,
        warm=warm,
    )
    if wanted.mask is not None and not result.image.same_grid(base):
        region = read_mask(wanted.mask, result.image)
    if real is not None:
        doubted = doubts(real, result.image)
        result = dataclasses.replace(result, warnings=(*result.warnings, *doubted))
    return Computed(result, images, region, real)


def _reference(path: Path, role: str, base: Image, given_as: str) -> Image:
    """The real image to compare with; a wrong one is found before anything is computed."""
    real = read(path, modality=role)
    require_role(role, real, f"Give a real {role} {given_as}.")
    require_one_patient([i.source.headers[0] for i in (base, real) if i.source.headers])
    if not resample_to(real, base, means=False)[1].any():
        raise InputError(
            f"The reference {path.name} does not overlap the input in the patient's space; check "
            "that both are of one patient and one frame of reference."
        )
    return real
