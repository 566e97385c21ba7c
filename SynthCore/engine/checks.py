"""May this model be used on this input? Every check passes, warns or refuses, with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from SynthCore.axes import toward_lps
from SynthCore.dicom.headers import first_text
from SynthCore.dicom.patient_study import require_one_patient
from SynthCore.engine.noise_check import noise_check
from SynthCore.engine.role_checks import role_checks
from SynthCore.engine.slice_checks import slices_check
from SynthCore.image import Image
from SynthCore.models.card import Card
from SynthCore.models.input_statistics import FACTORS, distance, features
from SynthCore.request import Check, Outcome
from SynthCore.tasks import FINER_TASK
from SynthCore.words import counted

SMALLEST_IN_PLANE = 8
LARGEST_ASPECT = 200.0
NOISE_TASK = "ct-denoise"

Figures = Callable[[str, Image, str], Mapping[str, float]]
"""Figures of one kind (``mr`` or ``ct``) of the image that plays a role."""


def check_input(
    card: Card, role: str, image: Image, figures: Figures | None = None
) -> tuple[Check, ...]:
    """Every check of one input for one model, with its axes turned as the network sees them.

    `figures` gives the figures of the turned image; by default they are computed.
    """
    image, _ = toward_lps(image)
    checks = [*role_checks(role, image), _field_of_view(image)]
    if card.task == FINER_TASK:
        checks.append(slices_check(image))
    if any(check.outcome == "refuse" for check in checks):
        return tuple(checks)
    if card.kind == "network":
        checks.append(_spacing(card, image))
    statistics = card.input_statistics.get(role)
    if statistics is not None and checks[-1].outcome != "refuse":
        checks.append(_distribution(card, role, image, statistics, figures or _figures))
    elif statistics is None and card.kind == "network" and card.task != FINER_TASK:
        # finer slices are made of anything; any other network has seen something
        checks.append(
            Check(
                f"likeness of {role} to the training data",
                "warn",
                f"The card of {card.id} has no figures of its training data: whether the {role} "
                "image is like it was not checked.",
            )
        )
    if card.task == NOISE_TASK and checks[-1].outcome != "refuse":
        checks.append(noise_check(image))
    return tuple(checks)


def check_grids(inputs: Mapping[str, Image]) -> tuple[Check, ...]:
    """Whether several inputs are of one patient, in one frame of reference and on one grid.

    Raises
    ------
    InputError
        If their headers name different patients.
    """
    require_one_patient([i.source.headers[0] for i in inputs.values() if i.source.headers])
    (first_role, first), *others = inputs.items()
    found = []
    for role, image in others:
        if _frame(first) and _frame(image) and _frame(first) != _frame(image):
            found.append(
                Check(
                    f"frame of reference of {role}",
                    "refuse",
                    f"{role} and {first_role} have different frames of reference: register "
                    f"{role} to {first_role} first.",
                )
            )
        elif first.same_grid(image):
            found.append(
                Check(f"grid of {role}", "pass", f"{role} lies on the grid of {first_role}.")
            )
        else:
            found.append(
                Check(
                    f"grid of {role}",
                    "warn",
                    f"{role} lies on another grid and was resampled onto that of {first_role}; "
                    "it was not registered.",
                )
            )
    return tuple(found)


def _frame(image: Image) -> str:
    return first_text(image.source.headers, "FrameOfReferenceUID")


def _field_of_view(image: Image) -> Check:
    name = "field of view"
    sides = sorted(image.shape)
    extent = [n * s for n, s in zip(image.shape[::-1], image.spacing, strict=True)]
    if sides[1] < SMALLEST_IN_PLANE or sides[2] / sides[1] > LARGEST_ASPECT:
        shape = " x ".join(str(n) for n in image.shape[::-1])
        return Check(
            name, "refuse", f"An image of {shape} voxels shows no anatomy to work from.", sides[1]
        )
    if sides[0] < 3:
        return Check(
            name,
            "warn",
            f"The image has {counted(sides[0], 'slice')}: the model sees no neighbors.",
            sides[0],
        )
    return Check(
        name,
        "pass",
        "The image covers " + " x ".join(f"{e:.0f}" for e in extent) + " mm (i, j, k).",
    )


def _spacing(card: Card, image: Image) -> Check:
    name = "spacing"
    limits = card.block.get("spacing_range_mm")
    text = " x ".join(f"{s:.3g}" for s in image.spacing)
    if not limits:
        return Check(name, "pass", f"Voxels are {text} mm; the card sets no limit.")
    found = []
    for axis, spacing, (low, high) in zip("ijk", image.spacing, limits, strict=True):
        if not low <= spacing <= high:
            far = not low / 2 <= spacing <= high * 2
            found.append(
                Check(
                    name,
                    "refuse" if far else "warn",
                    f"Voxels are {text} mm; along {axis} the model was made for {low:g} to "
                    f"{high:g}.",
                    spacing,
                    high if spacing > high else low,
                )
            )
    if not found:
        return Check(name, "pass", f"Voxels are {text} mm, as in the training data.")
    return next((check for check in found if check.outcome == "refuse"), found[0])


def _figures(role: str, image: Image, kind: str) -> Mapping[str, float]:
    return features(image, (kind,))


def _distribution(
    card: Card, role: str, image: Image, statistics: Mapping[str, Any], figures: Figures
) -> Check:
    name = f"likeness of {role} to the training data"
    kinds = {str(figure).split(" ", 1)[0] for figure in statistics["names"]} & set(FACTORS)
    known = {k: v for kind in sorted(kinds) for k, v in figures(role, image, kind).items()}
    found = distance(known, statistics)
    warn, refuse = float(str(statistics["warn"])), float(str(statistics["refuse"]))
    other = statistics.get("unlike")
    if other is not None and found <= refuse and (away := distance(known, other)) < found:
        says = f"The {role} image is more like a {other['what']} than like what {card.id} was"
        how = f"{away:.2f} away from the one and {found:.2f} from the other"
        return Check(name, "refuse", f"{says} trained on ({card.anatomy}): {how}.", found, away)
    outcome: Outcome = "refuse" if found > refuse else "warn" if found > warn else "pass"
    says = {
        "refuse": f"The {role} image is unlike what {card.id} was trained on",
        "warn": f"The {role} image is at the edge of what {card.id} was trained on",
        "pass": f"The {role} image looks like the training data",
    }[outcome]
    if outcome != "refuse":
        return Check(name, outcome, f"{says} ({card.anatomy}).", found, warn)
    sides = zip(image.shape[::-1], image.spacing, strict=True)
    shown = " x ".join(f"{count * step:.0f}" for count, step in sides)
    how = f"distance {found:.2f}, limit {refuse:.2f}; the image is {shown} mm"
    return Check(name, outcome, f"{says} ({card.anatomy}): {how}.", found, refuse)
