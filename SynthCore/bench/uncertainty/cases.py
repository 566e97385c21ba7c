"""The patients left out of each model's training, and what its calibration is made with.

That of `ct-denoise-body` is measured and not put into its card: what is left after denoising is
noise, of the full dose it is compared with too, and the network's spread tells little of where it
is large (rank correlation 0.10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from SynthCore.bench.uncertainty.observe import Case, Mask
from SynthCore.image import Image
from SynthCore.quality.body import body_in_ct
from SynthCore.request import SynthesisRequest
from SynthCore.training.denoise.recipe import RECIPE as DENOISE
from SynthCore.training.denoise.validate import ABDOMEN, abdomen, lowered_by, scanner_of, thigh
from SynthCore.training.extremity.recipe import RECIPE as EXTREMITY
from SynthCore.training.extremity.reference import REGISTRATIONS, reference

Box = tuple[slice, slice, slice]
"""Of slices, rows and columns."""

DOSES = (0.25, 0.1)
SLICES = 8
"""Of a CT, in the middle: neighbors are alike."""
BESIDE = 8
"""Pixels around the body that are kept."""


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
        whole = abdomen(data) if patient in ABDOMEN.name else thigh(data, patient)
        first = max(0, (whole.shape[0] - SLICES) // 2)
        full = _part(whole, np.s_[first : first + SLICES, :, :])
        box = _around(body_in_ct(full))
        truth = _part(full, box)
        inside = np.ones(truth.shape, dtype=np.bool_)  # the engine finds the body
        own = scanner_of(full)  # a thigh of much noise had little dose to begin with
        for dose in DOSES:
            noisy = _part(lowered_by(own, full, dose), box)  # its projections are of all of it
            request = SynthesisRequest("ct-denoise", {"CT": noisy}, model="ct-denoise-body")
            yield Case(patient, f"dose {dose:g}", request, truth, inside)


def _inner(body: Mask) -> Mask:
    eroded: Mask = ndimage.binary_erosion(body, np.ones((1, 3, 3), dtype=np.bool_))
    return eroded


def _around(body: Mask) -> Box:
    """All slices, and the rows and columns that hold the body with some air."""
    spans = []
    for axis in (1, 2):
        hit = np.flatnonzero(body.any(axis=tuple(a for a in range(3) if a != axis)))
        spans.append(slice(max(0, int(hit[0]) - BESIDE), int(hit[-1]) + 1 + BESIDE))
    return slice(0, len(body)), spans[0], spans[1]


def _part(image: Image, box: Box) -> Image:
    k, j, i = (part.start or 0 for part in box)
    affine = image.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.array([i, j, k], dtype=float)
    return replace(image, voxels=image.voxels[box], affine=affine)


PLANS = (
    Plan(
        "mr-to-ct-extremity",
        ("flip-i", "flip-j", "shift"),
        (-1000, -300, -150, -100, -60, 0, 30, 60, 120, 250, 500, 1000),
        REGISTRATIONS["deformable"],
        "body in MR and CT, cortical bone included, less one voxel at the skin",
        Path("mr_ct_pairs"),
        len(EXTREMITY.validation),
        limbs,
    ),
    Plan(
        "ct-denoise-body",
        ("flip-i", "flip-j", "shift"),
        (-1000, -700, -300, -120, -80, 0, 60, 120, 250, 500, 1000),
        "8 slices at doses of 0.25 and 0.1, simulated; the truth is the full dose with its noise",
        "body",
        ABDOMEN,
        len(DENOISE.validation) * len(DOSES),
        low_doses,
    ),
)
