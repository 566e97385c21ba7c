"""The whole check of one synthetic CT: every part that the given files allow, and the verdict."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from SynthCore.errors import CancelledError
from SynthCore.image import Image
from SynthCore.planning.acceptance import DEFAULTS, Acceptance
from SynthCore.planning.alone_check import alone_check
from SynthCore.planning.density import GENERIC, Curve
from SynthCore.planning.dose_check import DoseComparison, dose_check
from SynthCore.planning.finding import Finding, Light, worst
from SynthCore.planning.image_check import image_check
from SynthCore.planning.path_length import Beam, RangeDifference
from SynthCore.planning.range_check import EVERY_WAY, range_check
from SynthCore.planning.study import Study
from SynthCore.quality.masks import body_mask_ct
from SynthCore.request import Cancelled, Progress

Mask = npt.NDArray[np.bool_]

WATER_HU = 0.0


@dataclass(frozen=True)
class Comparator:
    """What a simple CT of the same patient would have given: it stands beside, and is not judged.

    Findings of the image and of the range, for all water within the real body.
    """

    name: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class PlanCheck:
    """The result.

    Attributes
    ----------
    findings : tuple of Finding
        In order: plausibility, image, range, dose.
    light, verdict : str
        How all of them stand, and one sentence of it.
    curve : Curve
        From CT number to density.
    ranges : tuple of RangeDifference
        By beam.
    doses : tuple of DoseComparison
        Those given as files first, then those computed here.
    comparators : tuple of Comparator
        Empty without a real CT.
    seconds : float
        It took.
    """

    findings: tuple[Finding, ...]
    light: Light
    verdict: str
    acceptance: Acceptance
    curve: Curve
    ranges: tuple[RangeDifference, ...]
    comparators: tuple[Comparator, ...]
    doses: tuple[DoseComparison, ...]
    notes: tuple[str, ...]
    seconds: float


def check(
    study: Study,
    *,
    acceptance: Acceptance = DEFAULTS,
    curve: Curve = GENERIC["spr"],
    beams: Sequence[Beam] = (),
    prescription_gy: float | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> PlanCheck:
    """Check a synthetic CT as far as the study allows.

    Parameters
    ----------
    study : Study
        What `read_study` gave.
    acceptance : Acceptance
        The site's thresholds.
    curve : Curve
        To relative density, for path lengths.
    beams : sequence of Beam
        The plan's beams where not given; eight directions without a plan.
    prescription_gy : float, optional
        The plan's where not given.

    Raises
    ------
    CancelledError, InputError
        As its parts.
    """
    started = time.perf_counter()
    notes = list(study.notes)
    organs = {n: m for n, m in study.structures.items() if not study.body_structure(n)}
    _tell(progress, cancelled, 0.0, "plausibility")
    found: list[Finding] = list(alone_check(study.synthetic, study.mr, organs))
    ranges: tuple[RangeDifference, ...] = ()
    comparators: tuple[Comparator, ...] = ()
    if study.reference is not None:
        _tell(progress, cancelled, 0.1, "image")
        found += image_check(study.synthetic, study.reference, study.seen, organs)
        ways = tuple(beams) or _of_plan(study) or EVERY_WAY
        body = body_mask_ct(study.reference.voxels, study.reference.spacing) & study.seen
        target, name = _target(study, body, notes)
        parts, ranges = range_check(
            study.synthetic, study.reference, target, ways, curve, body=body, name=name,
            progress=_part(progress, 0.2, 0.4), cancelled=cancelled,
        )  # fmt: skip
        found += parts
        water = _water(study.reference, body)
        beside = image_check(water, study.reference, study.seen, organs)
        far, _ = range_check(
            water, study.reference, target, ways, curve, body=body, name=name,
            progress=_part(progress, 0.4, 0.6), cancelled=cancelled,
        )  # fmt: skip
        comparators = (Comparator("all water", (*beside, *far)),)
    doses: tuple[DoseComparison, ...] = ()
    if study.doses is not None:
        structures = {
            n: study.synthetic.with_voxels(m.astype(np.uint8), modality="", unit="")
            for n, m in organs.items()
        }
        prescription = prescription_gy or (study.plan.prescription_gy if study.plan else None)
        more, given = dose_check(
            study.doses[0].image, study.doses[1].image, structures, study.targets, prescription,
            progress=_part(progress, 0.6, 1.0), cancelled=cancelled,
        )  # fmt: skip
        found += more
        doses = (given,)
    if curve.generic:
        notes.append(f"Density by the {curve.name} curve: not a site's calibration.")
    judged = tuple(acceptance.judge(finding) for finding in found)
    return PlanCheck(
        judged, worst(judged), acceptance.verdict(judged), acceptance, curve, ranges, comparators,
        doses, tuple(notes), time.perf_counter() - started,
    )  # fmt: skip


def _of_plan(study: Study) -> tuple[Beam, ...]:
    if study.plan is None:
        return ()
    return tuple(dict.fromkeys(Beam(b.gantry, b.couch) for b in study.plan.beams))


def _target(study: Study, body: Mask, notes: list[str]) -> tuple[Mask, str]:
    if study.targets:
        masks = [study.structures[name] for name in study.targets]
        return np.any(masks, axis=0) & body, ", ".join(study.targets)
    notes.append("No target was given: path lengths go to the middle of the body.")
    middle = np.argwhere(body).mean(axis=0)
    k, j, i = np.ogrid[: body.shape[0], : body.shape[1], : body.shape[2]]
    si, sj, sk = study.synthetic.spacing
    far = ((k - middle[0]) * sk) ** 2 + ((j - middle[1]) * sj) ** 2 + ((i - middle[2]) * si) ** 2
    return body & (far < 20.0**2), "the middle of the body"


def _water(reference: Image, body: Mask) -> Image:
    return reference.with_voxels(np.where(body, WATER_HU, -1000.0).astype(np.float32))


def _part(progress: Progress | None, low: float, high: float) -> Progress | None:
    if progress is None:
        return None
    return lambda fraction, stage: progress(low + (high - low) * fraction, stage)


def _tell(
    progress: Progress | None, cancelled: Cancelled | None, fraction: float, stage: str
) -> None:
    if cancelled is not None and cancelled():
        raise CancelledError("Cancelled; nothing was written.")
    if progress is not None:
        progress(fraction, stage)
