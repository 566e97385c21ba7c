"""The pictures of a report: dose, path length, CT numbers with the curve, profiles, slices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.planning.dose_pictures import isodose_picture
from SynthCore.planning.finding import Light, worst
from SynthCore.planning.plan_check import PlanCheck
from SynthCore.planning.plots import (
    histogram_and_curve,
    histograms_of_dose,
    profile_plots,
    range_bars,
)
from SynthCore.planning.profiles import Line, lines_through
from SynthCore.planning.report_content import Picture
from SynthCore.planning.study import Study
from SynthCore.quality.body import body_in_ct
from SynthCore.quality.figures import Shown, three_planes

Mask = npt.NDArray[np.bool_]


def pictures_of(study: Study, check: PlanCheck, lines: Sequence[Line] = ()) -> tuple[Picture, ...]:
    """All of them; none where the synthetic CT shows no body."""
    body = body_in_ct(study.synthetic)
    if not body.any():
        return ()
    found = []
    for doses in check.doses:
        ending = f", {doses.name}" if doses.name else ""
        found += [
            Picture(f"Dose-volume histograms{ending}",
                    "Solid on the real CT, dashed on the synthetic CT.", histograms_of_dose(doses)),
            Picture(f"Isodoses{ending}", "Planes through the target's center. Lines are isodoses, "
                    "dashed lines structures.", isodose_picture(study, doses)),
        ]  # fmt: skip
    if check.ranges:
        found.append(
            Picture("Path length by beam", "Mean difference of water-equivalent path length; at "
                    "each bar the 98th percentile of its absolute difference. Red: one of the two "
                    "did not pass; ochre: passed with a warning.",
                    range_bars(check.ranges, _lights(check)))
        )  # fmt: skip
    real = None if study.reference is None else study.reference.voxels[body & study.seen]
    found.append(
        Picture("CT numbers and density", "In the body of the synthetic CT; the dashed line is the "
                "curve by which they become density.",
                histogram_and_curve(study.synthetic.voxels[body], real, check.curve))
    )  # fmt: skip
    target = [study.structures[name] for name in study.targets]
    outline = np.any(target, axis=0) if target else None
    chosen = tuple(lines) or lines_through(body if outline is None else outline, body,
                                           study.synthetic)  # fmt: skip
    if chosen:
        through = "" if lines else " Lines go through the center of the " + (
            "body." if outline is None else "target."
        )  # fmt: skip
        found.append(
            Picture("Profiles", f"CT number along lines, from and to in LPS mm.{through}",
                    profile_plots(chosen, study.synthetic, _known(study, np.nan)))
        )  # fmt: skip
    shown = [Shown("Synthetic CT", _float(study.synthetic), synthetic=True)]
    if study.reference is not None:
        reference = _float(study.reference)
        shown.append(Shown("Real CT", reference, synthetic=bool(reference.synthetic)))
        # where no real CT is known there is no difference to show
        known = _known(study, shown[0].image.voxels)
        shown.append(Shown("Synthetic - real", shown[0].image, synthetic=True, minus=known))
    # beams cross all of the body, not the target alone
    for plane, png in three_planes(shown, body, outline=outline, focus=body).items():
        line = " The line is the target." if target else ""
        if study.reference is not None and not study.seen.all():
            line += " Where the real CT has no value, no difference is shown."
        found.append(Picture(f"{plane.capitalize()} slices", f"HU.{line}", png))
    return tuple(found)


def _known(study: Study, elsewhere: npt.ArrayLike) -> Image | None:
    """The real CT, and something else where it has no value (beyond it, once it was moved)."""
    if study.reference is None:
        return None
    real = _float(study.reference)
    return real.with_voxels(np.where(study.seen, real.voxels, elsewhere).astype(np.float32))


def _float(image: Image) -> Image:
    return image.with_voxels(image.voxels.astype(np.float32), modality="CT", unit="HU")


def _lights(check: PlanCheck) -> list[Light]:
    """How every beam stands, of those `check.ranges` lists, in its order."""
    means, ends = (
        [one for one in check.findings if one.id == name] for name in ("range_mean", "range_worst")
    )
    return [worst(pair) for pair in zip(means, ends, strict=True)]
