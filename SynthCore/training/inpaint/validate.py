"""The table of inpainting: what was put into healthy tissue of patients never trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from scipy import ndimage
from torch import nn

from SynthCore.engine.hidden import without
from SynthCore.engine.prepare import prepare, restore
from SynthCore.image import Image
from SynthCore.models.card import Card
from SynthCore.models.classical.base import Job
from SynthCore.models.classical.biharmonic_fill import BiharmonicFill
from SynthCore.models.networks import SliceUNet
from SynthCore.models.parse_card import parse_card
from SynthCore.models.smooth_fill import smooth_fill
from SynthCore.quality.evaluate import evaluate
from SynthCore.request import Progress
from SynthCore.training.apply import predict_volume
from SynthCore.training.inpaint.card import block
from SynthCore.training.inpaint.regions import NAMES, Mask, Region, regions
from SynthCore.training.recipe import Recipe

PRESET = "brats-inpaint"
METRICS = ("ssim", "psnr_db", "mse", "border")
SIZES = {"below 25 mm": (0.0, 25.0), "25 to 35 mm": (25.0, 35.0), "above 35 mm": (35.0, 1e3)}
WATCHED = (
    ("open_ms_cross_patient26", "T1"),
    ("open_ms_long_patient04", "FLAIR"),
)
"""Patient and role of the images that are looked at while training."""
RING_MM = 5.0

Fill = Callable[[Region], Image]
Row = dict[str, Any]


def network_fill(network: nn.Module, recipe: Recipe) -> Fill:
    """A network as the engine runs it, in the slices that hold the region."""
    card = preliminary_card(recipe)

    def fill(region: Region) -> Image:
        image, role = region.image, region.head.role
        body = np.ones(image.shape, dtype=np.bool_)
        given = without(image, region.mask)
        prepared = prepare(card, {role: given}, body, role, region.mask)
        hole = np.flatnonzero(prepared.channels[-1].any(axis=(1, 2)))
        margin = recipe.slices // 2
        first, last = max(0, hole[0] - margin), hole[-1] + margin + 1
        made = prepared.channels[0].copy()
        slab = predict_volume(
            cast(SliceUNet, network), prepared.channels[:, first:last], recipe.slices
        )
        made[hole[0] : hole[-1] + 1] = slab[hole[0] - first : hole[-1] + 1 - first]
        return _with(region, restore(card, prepared, made, body))

    return fill


def preliminary_card(recipe: Recipe) -> Card:
    """The card of a network that has none yet."""
    fixed = {k: v for k, v in block(recipe, ()).items() if k != "training_data"}
    synthcore = {
        "id": recipe.model, "task": recipe.task, "inputs": list(recipe.roles), "kind": "network",
        "weights_sha256": "0" * 64, **fixed,
    }  # fmt: skip
    return parse_card({"version": "0.0.0", "synthcore": synthcore}, recipe.model)


def biharmonic(region: Region) -> Image:
    """The classical baseline."""
    role = region.head.role
    body = np.ones(region.image.shape, dtype=np.bool_)
    return _with(region, BiharmonicFill()(Job({role: region.image}, role, body, region.mask)))


def smooth(region: Region) -> Image:
    """What the network starts from."""
    k, j, i = (float(s) for s in region.image.spacing[::-1])
    voxels = region.image.voxels.astype(np.float32)
    return _with(region, smooth_fill(voxels, region.mask, (k, j, i)))


def ring_mean(region: Region) -> Image:
    """The mean of the brain around the region."""
    spacing = region.image.spacing[::-1]
    away = ndimage.distance_transform_edt(~region.mask, spacing)
    ring = (away > 0) & (away <= RING_MM) & region.brain
    voxels = region.image.voxels.astype(np.float32)
    value = float(voxels[ring].mean()) if ring.any() else 0.0
    return _with(region, np.full(voxels.shape, value, dtype=np.float32))


BASELINES: dict[str, Fill] = {
    "inpaint-biharmonic": biharmonic,
    "smooth in 3D": smooth,
    "mean of the ring": ring_mean,
}


def _with(region: Region, voxels: Any) -> Image:
    given = region.image.voxels.astype(np.float32)
    return region.image.with_voxels(np.where(region.mask, voxels, given).astype(np.float32))


def score(made: Image, region: Region) -> dict[str, float]:
    """Metrics of `PRESET`, and `border`."""
    reference = region.image.with_voxels(region.image.voxels.astype(np.float32))
    mask = reference.with_voxels(region.mask.astype(np.uint8), modality="", unit="")
    found = evaluate(made, reference, preset=PRESET, mask=mask).metrics
    return {
        "ssim": float(found["ssim"]),
        "psnr_db": float(found["psnr_db"]),
        "mse": float(found["mse"]),
        "border": border(made, region),
    }


def border(made: Image, region: Region) -> float:
    """Mean gradient magnitude across the region's border, relative to that of the real tissue.

    In the slice, in the voxels on either side of the border; 1 is as in the real tissue, and more
    is an edge that can be seen.
    """
    cross = ndimage.generate_binary_structure(2, 1)[None]
    at: Mask = ndimage.binary_dilation(region.mask, cross) & ~ndimage.binary_erosion(
        region.mask, cross
    )
    at &= region.brain
    box = ndimage.find_objects(ndimage.binary_dilation(at).astype(np.uint8))[0]
    steep = []
    for image in (made, region.image):
        voxels = image.voxels[box].astype(np.float32)
        steps = (image.spacing[1], image.spacing[0])
        rows, columns = (np.gradient(voxels, s, axis=a) for s, a in zip(steps, (1, 2), strict=True))
        steep.append(float(np.hypot(rows, columns)[at[box]].mean()))
    return steep[0] / max(steep[1], 1e-9)


def table(
    data: Path,
    methods: Mapping[str, Fill],
    patients: tuple[str, ...],
    names: tuple[str, ...] = NAMES,
    progress: Progress | None = None,
) -> list[Row]:
    """A row for every region and method: whose, which, its size, metrics."""
    rows: list[Row] = []
    for region in regions(data, patients, names):
        if progress is not None:
            progress(0.0, f"{region.head.patient} {region.head.role} {region.name}")
        fixed = {
            "patient": region.head.patient,
            "role": region.head.role,
            "region": region.name,
            "diameter_mm": round(region.diameter_mm, 1),
        }
        rows += [{**fixed, "method": m, **score(f(region), region)} for m, f in methods.items()]
    return rows


def means(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """By method: the mean of each metric, and the standard deviation of SSIM and PSNR."""
    found = {}
    for method in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == method]
        found[method] = {m: float(np.mean([row[m] for row in own])) for m in METRICS}
        found[method] |= {f"{m}_sd": float(np.std([r[m] for r in own])) for m in METRICS[:2]}
    return found


def watched(data: Path, recipe: Recipe) -> list[Region]:
    """One region of each image that is looked at while training."""
    return list(regions(data, recipe.validation, ("drawn",), WATCHED))


def watch(what: Sequence[Region], network: nn.Module, recipe: Recipe) -> dict[str, float]:
    """Means over a few regions; the error is the score."""
    fill = network_fill(network, recipe)
    found = [score(fill(region), region) for region in what]
    if not found:
        return {"mse": 0.0}
    return {m: float(np.mean([one[m] for one in found])) for m in ("mse", "psnr_db", "ssim")}


def quality(data: Path, network: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    """The card's figures, in every region; empty without validation patients."""
    methods = {"model": network_fill(network, recipe), **BASELINES}
    return as_quality(table(data, methods, recipe.validation))


def as_quality(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows as a card keeps them: all regions, and by size and sequence."""
    groups: dict[str, list[Mapping[str, Any]]] = {"all regions": list(rows)}
    for name, (low, high) in SIZES.items():
        groups[f"regions {name}"] = [r for r in rows if low <= r["diameter_mm"] < high]
    for role in dict.fromkeys(row["role"] for row in rows):
        groups[f"regions in {role}"] = [r for r in rows if r["role"] == role]
    found = []
    for name, group in groups.items():
        if not group:
            continue
        by = means(group)
        own = next(iter(by))
        count = sum(row["method"] == own for row in group)
        patients = ", ".join(dict.fromkeys(row["patient"] for row in group))
        others = [{"name": m, "metrics": _rounded(v)} for m, v in by.items() if m != own]
        found.append(
            {
                "preset": PRESET,
                "data": f"healthy tissue of {patients}: {name} ({count})",
                "mask": "the region that was hidden",
                "clip": "0.5 and 99.5 percentiles of the image without the region",
                "data_range": 1.0,
                "metrics": _rounded(by[own]),
                "baselines": others,
                **({"baseline": others[0]} if others else {}),
                "command": "synthcore bench inpaint",
            }
        )
    return found


def _rounded(row: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in row.items()}
