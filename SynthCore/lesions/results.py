"""A placed lesion as results with records, as every synthesis has them."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import SynthCore
from SynthCore.image import Image, summary
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.told import SHOWN_WHOLE, shares_shown
from SynthCore.request import Check, SynthesisRecord, SynthesisResult
from SynthCore.tasks import LESION_TASK, unit_of

MODEL = "lesion-physics"
"""What a record names: equations and published values. A learned model that blended the border
stands in the facts of the lesion, with the hash of its weights."""

VOLUME_WITHIN = 0.02
"""Of the volume asked for; a mask of few voxels cannot have every volume."""

CARD: Mapping[str, Any] = {
    "id": MODEL,
    "kind": "physics",
    "intended_use": "Places a lesion that was never there, for teaching and to train software. "
    "Research software, not cleared for clinical use.",
    "known_failures": [
        "Contrast follows from published relaxation times and CT numbers, not from images of "
        "lesions: it is right in sign and usual in size, and never a patient's own.",
        "Mass effect is smooth and stops at the organ's outline; falx and tentorium do not hold "
        "it back.",
    ],
}


def results_of(placed: Placed, images: Mapping[str, Image]) -> dict[str, SynthesisResult]:
    """The image of every role with its record.

    Parameters
    ----------
    placed : Placed
        What `SynthCore.lesions.place.place` made.
    images : mapping
        What it was placed in, by role.
    """
    inputs = {role: summary(image) for role, image in images.items()}
    check = Check(
        "lesion volume",
        "pass" if abs(placed.volume_ml / placed.wish.volume_ml - 1) <= VOLUME_WITHIN else "warn",
        f"The mask holds {placed.volume_ml:.4g} ml of the {placed.wish.volume_ml:g} ml asked for.",
        placed.volume_ml,
        placed.wish.volume_ml,
    )
    shown = shares_shown(placed.facts["levels"])
    out = {}
    for role, image in placed.images.items():
        source = replace(images[role].source, path="")
        made = replace(image, modality=role, unit=unit_of(role), source=source, synthetic="YES")
        # its own image first: the one whose grid and headers the result has
        own = {role: inputs[role], **{r: s for r, s in inputs.items() if r != role}}
        checks = (check, _shown(role, shown[role]))
        record = make_record(placed, role, own, made, checks)
        out[role] = SynthesisResult(made, record, checks, placed.warnings, CARD)
    return out


def _shown(role: str, share: float) -> Check:
    return Check(
        "lesion in the image",
        "pass" if share >= SHOWN_WHOLE else "warn",
        f"{share:.0%} of the lesion lies in the {role} image.",
        share,
        SHOWN_WHOLE,
    )


def make_record(
    placed: Placed,
    target: str,
    inputs: Mapping[str, Mapping[str, Any]],
    image: Image,
    checks: tuple[Check, ...] = (),
) -> SynthesisRecord:
    """The record of one image, or of the mask, of a placed lesion."""
    software = {"SynthCore": SynthCore.__version__, "python": platform.python_version()}
    for package in ("numpy", "scipy", "scikit-image", "torch"):
        software[package] = version(package)
    return SynthesisRecord(
        task=LESION_TASK,
        target=target,
        model=MODEL,
        model_version=SynthCore.__version__,
        weights_sha256="",
        inputs=inputs,
        mask=summary(placed.mask),
        options={"seed": placed.wish.seed, "lesion": dict(placed.facts)},
        device="cpu",
        backend="numpy",
        software=software,
        checks=checks,
        warnings=placed.warnings,
        output=summary(image),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
