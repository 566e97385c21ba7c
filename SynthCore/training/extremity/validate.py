"""The table of the extremity model: error against the registered CT of the validation patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.models.classical.base import Job
from SynthCore.models.classical.bulk_density import BulkDensity
from SynthCore.models.networks import SliceUNet
from SynthCore.models.normalize import normalize
from SynthCore.quality.masks import body_mask_mr
from SynthCore.training.apply import predict_mean
from SynthCore.training.extremity.card import MIRRORED
from SynthCore.training.extremity.recipe import RECIPE
from SynthCore.training.extremity.reference import REGISTRATIONS, Reference, reference
from SynthCore.training.pairs import HU_SCALE, MR_NORMALIZATION
from SynthCore.training.recipe import Recipe

SOFT_HU = (-200.0, 200.0)
"""Reference CT in this range is soft tissue: fat, muscle, tumor and marrow fat.

Wider than the soft tissue of `SynthCore.quality.ct_numbers`, which begins above fat at -30 HU."""

PLACED = "the CT with the field"
"""The acquired CT as the smooth field places it, judged by where the rigid move alone leaves it:
what a CT scores there for lying where the MR lies, its own noise counted twice. Compared where
both show tissue: the field pulls some of it past the end of the CT."""

BONE_HU = 200.0
WATER_HU = 40.0

Predict = Callable[[Image], Image]
"""An MR in, a synthetic CT on its grid out."""


@dataclass(frozen=True)
class Row:
    """One patient, one method and one way to register the reference.

    Attributes
    ----------
    registration : str
        A key of `REGISTRATIONS`.
    mae_hu, me_hu : float
        Mean absolute and mean signed error in the mask (synthetic less real).
    me_soft_hu, me_bone_hu : float
        Signed error where the reference is soft tissue, and bone (above 200 HU), in the mask.
    bone_dice : float
        CT above 200 HU in both, in the mask.
    bone_dice_body : float
        The same in the body of both, cortical bone included (the mask leaves most of it out:
        it is as dark as air in MR).
    mae_3d_hu : float
        Mean absolute error with the mask eroded across slices as well.
    voxels : int
        In the mask.
    """

    patient: str
    method: str
    registration: str
    mae_hu: float
    me_hu: float
    me_soft_hu: float
    me_bone_hu: float
    bone_dice: float
    bone_dice_body: float
    mae_3d_hu: float
    voxels: int


def score(made: Image, truth: Reference, method: str) -> Row:
    """Compare a synthetic CT with the registered one."""
    ct, hu = truth.ct.voxels, made.voxels.astype(np.float32)
    mask, error = truth.mask, made.voxels.astype(np.float32) - truth.ct.voxels
    soft = mask & (ct > SOFT_HU[0]) & (ct < SOFT_HU[1])
    bone = mask & (ct > BONE_HU)
    return Row(
        patient=truth.pair.patient,
        method=method,
        registration=truth.registration,
        mae_hu=float(np.abs(error[mask]).mean()),
        me_hu=float(error[mask].mean()),
        me_soft_hu=float(error[soft].mean()),
        me_bone_hu=float(error[bone].mean()) if bone.any() else float("nan"),
        bone_dice=_dice(hu > BONE_HU, ct > BONE_HU, mask),
        bone_dice_body=_dice(hu > BONE_HU, ct > BONE_HU, truth.body),
        mae_3d_hu=float(np.abs(error[truth.mask_3d]).mean()),
        voxels=int(mask.sum()),
    )


def _common(one: Reference, other: Reference) -> Reference:
    """The first, with masks that lie in both."""
    return replace(
        one,
        mask=one.mask & other.mask,
        mask_3d=one.mask_3d & other.mask_3d,
        body=one.body & other.body,
    )


def _dice(a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_], mask: npt.NDArray[np.bool_]) -> float:
    total = int((a & mask).sum() + (b & mask).sum())
    return 2 * int((a & b & mask).sum()) / total if total else float("nan")


def water(mr: Image) -> Image:
    """Everything at +40 HU: what a synthetic CT must beat at the least."""
    filled = np.full(mr.shape, WATER_HU, dtype=np.float32)
    return mr.with_voxels(filled, modality="CT", unit="HU")


def bulk_density(mr: Image) -> Image:
    """The classical baseline of the library, with the body as the engine finds it."""
    body = body_mask_mr(mr.voxels, mr.spacing)
    made = BulkDensity()(Job({"T1": mr}, "CT", body))
    return mr.with_voxels(made, modality="CT", unit="HU")


def table(
    data: Path,
    methods: Mapping[str, Predict],
    patients: Sequence[str] = RECIPE.validation,
    registrations: Sequence[str] = tuple(REGISTRATIONS),
) -> list[Row]:
    """Rows for every patient, registration and method, ``water`` included, `PLACED` where rigid.

    Parameters
    ----------
    data : Path
        The folder that holds ``mr_ct_pairs``.
    methods : mapping
        By name: MR in, synthetic CT on its grid out (a learned model, bulk density, ...).
    patients : sequence of str
        The validation patients.
    registrations : sequence of str
        Keys of `REGISTRATIONS`.
    """
    rows = []
    for patient in patients:
        made: dict[str, Image] = {}
        for registration in registrations:
            truth = reference(data, patient, registration)
            for name, predict in {**methods, "water": water}.items():
                if name not in made:
                    made[name] = predict(truth.pair.mr)
                rows.append(score(made[name], truth, name))
            if registration == "rigid":
                bent = reference(data, patient, "deformable")
                rows.append(score(bent.ct, _common(truth, bent), PLACED))
    return rows


FIGURES = (
    "mae_hu",
    "me_hu",
    "me_soft_hu",
    "me_bone_hu",
    "bone_dice",
    "bone_dice_body",
    "mae_3d_hu",
)


def means(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """By method, the mean over patients of each figure (patients without bone are left out).

    `rows` are of one registration; see `by_registration`.
    """
    methods = dict.fromkeys(row.method for row in rows)
    return {
        method: {
            name: float(np.nanmean([getattr(r, name) for r in rows if r.method == method]))
            for name in FIGURES
        }
        for method in methods
    }


def by_registration(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each registration, in the order they come in."""
    return {
        name: [row for row in rows if row.registration == name]
        for name in dict.fromkeys(row.registration for row in rows)
    }


def as_text(rows: Sequence[Row]) -> str:
    """The table for a person, a part for each registration, means last."""
    lines = []
    for registration, part in by_registration(rows).items():
        lines += ["", f"{REGISTRATIONS[registration]}:"]
        head = f"{'patient':9} {'method':22}"
        lines.append(head + "".join(f"{name:>15}" for name in FIGURES))
        for row in part:
            figures = "".join(f"{getattr(row, name):15.2f}" for name in FIGURES)
            lines.append(f"{row.patient:9} {row.method:22}{figures}")
        for method, mean in means(part).items():
            figures = "".join(f"{mean[name]:15.2f}" for name in FIGURES)
            lines.append(f"{'mean':9} {method:22}{figures}")
    return "\n".join(lines[1:])


def network_predictor(network: SliceUNet, recipe: Recipe) -> Predict:
    """A network as a function of images, as the engine runs it."""

    def predict(mr: Image) -> Image:
        channels = normalize(mr.voxels, MR_NORMALIZATION)[None]
        made = predict_mean(network, channels, recipe.slices, MIRRORED) * np.float32(HU_SCALE)
        return mr.with_voxels(np.clip(made, -1024, 3071), modality="CT", unit="HU")

    return predict


def quality(data: Path, network: SliceUNet, recipe: Recipe) -> list[dict[str, Any]]:
    """The card's figures over the recipe's validation patients, one entry a registration."""
    methods = {"model": network_predictor(network, recipe), "bulk density": bulk_density}
    rows = table(data, methods, recipe.validation)
    return [_entry(name, part, recipe) for name, part in by_registration(rows).items()]


def _entry(registration: str, rows: Sequence[Row], recipe: Recipe) -> dict[str, Any]:
    rounded = {m: {k: round(v, 3) for k, v in one.items()} for m, one in means(rows).items()}
    each = {r.patient: round(r.mae_hu, 1) for r in rows if r.method == "model"}
    return {
        "preset": "mean over patients; MAE and signed errors unclipped, HU",
        "data": f"{', '.join(recipe.validation)}, {REGISTRATIONS[registration]}",
        "mask": "MR above 6% of its 99th percentile and CT above -300 HU, eroded by two voxels "
        "in the plane; bone is CT above 200 HU",
        "clip": None,
        "data_range": None,
        "metrics": rounded["model"],
        "mae_hu_by_patient": each,
        "baseline": {"name": "bulk density", "metrics": rounded["bulk density"]},
        "baselines": [
            {"name": "bulk density", "metrics": rounded["bulk density"]},
            {"name": "water, 40 HU", "metrics": rounded["water"]},
            *([{"name": PLACED, "metrics": rounded[PLACED]}] if PLACED in rounded else []),
        ],
        "command": "synthcore bench mr-to-ct",
    }
