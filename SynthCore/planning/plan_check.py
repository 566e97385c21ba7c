"""The whole check of one synthetic CT: every part that the given files allow, and the verdict."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from SynthCore.dicom.rt.dose import Dose
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.planning.acceptance import DEFAULTS, Acceptance
from SynthCore.planning.alone_check import alone_check
from SynthCore.planning.bulk_check import bulk_check
from SynthCore.planning.comparators import BULK_OF_MR, comparator_images, told_of
from SynthCore.planning.computed_check import computed_check
from SynthCore.planning.coverage_check import coverage_check
from SynthCore.planning.density import GENERIC, Curve
from SynthCore.planning.dose_check import DoseComparison, dose_check
from SynthCore.planning.engine.of_study import REAL, SYNTHETIC, DoseOptions, doses_of_study
from SynthCore.planning.finding import Finding, Light
from SynthCore.planning.image_check import image_check
from SynthCore.planning.path_length import Beam, RangeDifference
from SynthCore.planning.range_check import EVERY_WAY, range_check
from SynthCore.planning.study import Study
from SynthCore.planning.uncertainty_check import uncertainty_check
from SynthCore.planning.verdict import light_of, verdict_of
from SynthCore.quality.body import body_in_ct
from SynthCore.request import Cancelled, Progress, part_of, stop_if

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Comparator:
    """What a simple CT of the same patient would have given: it stands beside, and is not judged.

    Findings of the image, of the range, and of doses that were computed here, under the titles of
    the synthetic CT's: for all water within the real body, and for bulk densities.
    """

    name: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class PlanCheck:
    """The result.

    Attributes
    ----------
    findings : tuple of Finding
        In order: plausibility, registration, image, range, dose.
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
    dose: DoseOptions | None = None,
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
    dose : DoseOptions, optional
        Plan on the real CT, and compute the dose of that plan on all CTs.

    Raises
    ------
    CancelledError, InputError, ComputationError
        As its parts.
    """
    if dose is not None and study.reference is None:
        raise InputError("A dose is planned on the real CT: give it with --reference.")
    started = time.perf_counter()
    notes = list(study.notes)
    organs = {n: m for n, m in study.structures.items() if not study.body_structure(n)}
    _tell(progress, cancelled, 0.0, "plausibility")
    found: list[Finding] = list(alone_check(study.synthetic, study.mr, organs, study.reference))
    ways = tuple(beams) or _of_plan(study) or EVERY_WAY
    if study.mr is not None or study.uncertainty is not None:
        _tell(progress, cancelled, 0.05, "path length")
        inside = body_in_ct(study.synthetic)
        aim, name = _target(study, inside, notes if study.reference is None else [])
        if study.mr is not None:
            found += bulk_check(
                study.synthetic, study.mr, aim, ways, curve, name=name, cancelled=cancelled
            )
        if study.uncertainty is not None:
            found += uncertainty_check(
                study.synthetic, study.uncertainty, aim, ways, curve, name=name,
                cancelled=cancelled,
            )  # fmt: skip
    if study.registration is not None:
        found += study.registration.findings
    ranges: tuple[RangeDifference, ...] = ()
    comparators: tuple[Comparator, ...] = ()
    against = _against_reference(
        study, organs, ways, curve, notes, progress=part_of(progress, 0.1, 0.3), cancelled=cancelled
    )
    if against is not None:
        found += against.findings
        ranges, comparators = against.ranges, against.comparators
    doses: tuple[DoseComparison, ...] = ()
    structures = {n: _mask_image(study, m) for n, m in organs.items()}
    prescription = prescription_gy or (study.plan.prescription_gy if study.plan else None)
    if study.doses is not None:
        more, given = dose_check(
            study.doses[0].image, study.doses[1].image, structures, study.targets,
            prescription_gy or _of_whole_plan(study.doses[0], prescription, notes),
            progress=part_of(progress, 0.3, 0.4), cancelled=cancelled,
        )  # fmt: skip
        found += more
        doses = (given,)
    if against is not None and dose is not None:
        computed = doses_of_study(
            against.images, against.bodies, against.target, dose,
            beams=tuple(beams) or _of_plan(study), prescription_gy=prescription,
            notes=notes, progress=part_of(progress, 0.4, 0.8), cancelled=cancelled,
        )  # fmt: skip
        dosed, comparisons, by_name = computed_check(
            computed, structures, (against.name, _mask_image(study, against.target)),
            study.targets, notes, progress=part_of(progress, 0.8, 1.0), cancelled=cancelled,
        )  # fmt: skip
        found += dosed
        doses += comparisons
        comparators = tuple(
            replace(c, findings=(*c.findings, *by_name.get(c.name, ()))) for c in comparators
        )
    if curve.generic:
        notes.append(f"Density by the {curve.name} curve: not a site's calibration.")
    judged = tuple(acceptance.judge(finding) for finding in found)
    return PlanCheck(
        judged, light_of(judged, acceptance), verdict_of(judged, acceptance), acceptance, curve,
        ranges, comparators, doses, tuple(notes), time.perf_counter() - started,
    )  # fmt: skip


@dataclass(frozen=True)
class _Against:
    """What the real CT says of the synthetic one, and what the doses are computed on.

    Attributes
    ----------
    images, bodies : dict
        The real CT, the synthetic one and the comparators by name, and the patient in each.
    target : numpy.ndarray of bool
        [k, j, i], of the name `name`.
    """

    findings: tuple[Finding, ...]
    ranges: tuple[RangeDifference, ...]
    comparators: tuple[Comparator, ...]
    images: dict[str, Image]
    bodies: dict[str, Mask]
    target: Mask
    name: str


def _against_reference(
    study: Study,
    organs: Mapping[str, Mask],
    ways: tuple[Beam, ...],
    curve: Curve,
    notes: list[str],
    *,
    progress: Progress,
    cancelled: Cancelled | None,
) -> _Against | None:
    """Image and range against the real CT; nothing without one."""
    if study.reference is None:
        return None
    _tell(progress, cancelled, 0.0, "image")
    findings = (
        *coverage_check(
            study.synthetic, study.seen,
            {name: study.structures[name] for name in study.targets}, study.around,
        ),
        *image_check(study.synthetic, study.reference, study.seen, organs, presets=True),
    )  # fmt: skip
    body, made = (body_in_ct(image) & study.seen for image in (study.reference, study.synthetic))
    target, name = _target(study, body, notes)
    if not target.any():
        raise InputError(
            f"Nothing of {name} lies where both CTs show the patient: check that structures "
            "and CTs belong together, or give another --target."
        )
    parts, ranges = range_check(
        study.synthetic, study.reference, target, ways, curve, bodies=(made, body),
        name=name, progress=part_of(progress, 0.0, 0.5), cancelled=cancelled,
    )  # fmt: skip
    others = comparator_images(study.reference, body, study.mr, study.seen)
    own = dict.fromkeys(others, body)
    if (bulk := others.get(BULK_OF_MR)) is not None:
        own[BULK_OF_MR] = body_in_ct(bulk) & study.seen
    comparators = []
    for n, (other, image) in enumerate(others.items()):
        beside = image_check(image, study.reference, study.seen, organs)
        done = 0.5 + 0.5 * n / len(others)
        far, _ = range_check(
            image, study.reference, target, ways, curve, bodies=(own[other], body), name=name,
            progress=part_of(progress, done, done + 0.5 / len(others)), cancelled=cancelled,
        )  # fmt: skip
        comparators.append(Comparator(other, (*told_of(other, beside), *far)))
    return _Against(
        (*findings, *parts), ranges, tuple(comparators),
        {REAL: study.reference, SYNTHETIC: study.synthetic, **others},
        {REAL: body, SYNTHETIC: made, **own}, target, name,
    )  # fmt: skip


def _of_plan(study: Study) -> tuple[Beam, ...]:
    if study.plan is None:
        return ()
    return tuple(
        dict.fromkeys(Beam(*way, beam.position) for beam in study.plan.beams for way in beam.ways)
    )


def _of_whole_plan(dose: Dose, prescription: float | None, notes: list[str]) -> float | None:
    """The plan's prescription, unless the dose is of a part of the plan: a fraction, a beam."""
    if prescription is None or dose.summation in ("", "PLAN"):
        return prescription
    notes.append(
        f"The doses are those of a {dose.summation.lower()}, not of the plan: they are held "
        "against the target's median dose, not against the plan's prescription."
    )
    return None


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


def _mask_image(study: Study, mask: Mask) -> Image:
    return study.synthetic.with_voxels(mask.astype(np.uint8), modality="", unit="")


def _tell(
    progress: Progress | None, cancelled: Cancelled | None, fraction: float, stage: str
) -> None:
    stop_if(cancelled)
    if progress is not None:
        progress(fraction, stage)
