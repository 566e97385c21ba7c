"""The patients left out of each model's training, and what its calibration is made with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from SynthCore.bench.uncertainty.observe import Case, Mask
from SynthCore.image import Image
from SynthCore.request import SynthesisRequest
from SynthCore.training.denoise.recipe import RECIPE as DENOISE
from SynthCore.training.denoise.validate import ABDOMEN, abdomen, lowered, thigh
from SynthCore.training.extremity.recipe import RECIPE as EXTREMITY
from SynthCore.training.extremity.reference import reference

DOSES = (0.5, 0.25, 0.1)
SLICES = 12
"""Of a limb, in the middle: neighbors are alike, and the abdomen has 41."""


@dataclass(frozen=True)
class Plan:
    """How one model is calibrated.

    Attributes
    ----------
    changes : tuple of str
        Of `SynthCore.models.uncertainty.CHANGES`: those that its training made no difference of
        and that moved its answers most.
    knots : tuple of float
        Predicted CT numbers, HU: close where most voxels are.
    data, mask : str
        What was measured, for the card.
    needs : Path
        In the folder of real images.
    count : int
        Of the cases.
    cases : callable
        The cases in a folder of real images.
    """

    model: str
    changes: tuple[str, ...]
    knots: tuple[float, ...]
    data: str
    mask: str
    needs: Path
    count: int
    cases: Callable[[Path], Iterator[Case]]


def limbs(data: Path) -> Iterator[Case]:
    """MR of the limbs that no network was trained on, with CTs placed by mutual information."""
    for patient in EXTREMITY.validation:
        truth = reference(data, patient, "deformable")
        request = SynthesisRequest("mr-to-ct", {"T1": truth.pair.mr}, model="mr-to-ct-extremity")
        yield Case(patient, "T1", request, truth.ct, _inner(truth.body))


def low_doses(data: Path) -> Iterator[Case]:
    """CTs that no denoiser was trained on, at fractions of their dose."""
    for patient in DENOISE.validation:
        full = abdomen(data) if patient in ABDOMEN.name else _middle(thigh(data, patient))
        for dose in DOSES:
            request = SynthesisRequest(
                "ct-denoise", {"CT": lowered(data, full, dose)}, model="ct-denoise-body"
            )
            inside = np.ones(full.shape, dtype=np.bool_)  # the engine finds the body
            yield Case(patient, f"dose {dose:g}", request, full, inside)


def _inner(body: Mask) -> Mask:
    eroded: Mask = ndimage.binary_erosion(body, np.ones((1, 3, 3), dtype=np.bool_))
    return eroded


def _middle(image: Image) -> Image:
    first = max(0, (image.shape[0] - SLICES) // 2)
    affine = image.affine.copy()
    affine[:3, 3] += first * affine[:3, 2]
    return replace(image, voxels=image.voxels[first : first + SLICES], affine=affine)


PLANS = (
    Plan(
        "mr-to-ct-extremity",
        ("flip-i", "flip-j", "shift"),
        (-1000, -300, -150, -100, -60, 0, 30, 60, 120, 250, 500, 1000),
        "CT registered rigidly, then with a smooth field, by mutual information alone",
        "body in MR and CT, cortical bone included, less one voxel at the skin",
        Path("mr_ct_pairs"),
        len(EXTREMITY.validation),
        limbs,
    ),
    Plan(
        "ct-denoise-body",
        ("flip-i", "flip-j", "shift"),
        (-1000, -700, -300, -120, -80, 0, 60, 120, 250, 500, 1000),
        "doses of 0.5, 0.25 and 0.1, simulated; the truth is the full dose with its own noise",
        "body",
        ABDOMEN,
        len(DENOISE.validation) * len(DOSES),
        low_doses,
    ),
)
