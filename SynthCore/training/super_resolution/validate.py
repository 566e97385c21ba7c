"""The table of super-resolution: real volumes thinned here, against interpolation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from SynthCore.models.networks import SliceUNet
from SynthCore.models.normalize import Normalization
from SynthCore.physics.fine_grid import fine_grid
from SynthCore.physics.thick_slices import Float32, Matrix, ThickStack, along_first
from SynthCore.tasks import CT_ROLES
from SynthCore.training.super_resolution import apply
from SynthCore.training.super_resolution.thinned import Thinned, cases, score, thinned
from SynthCore.training.super_resolution.volumes import CT_NORMALIZATION, MR_NORMALIZATION

Method = Callable[[Thinned, ThickStack], Float32]
COMMAND = "synthcore bench super-resolution"
PRESET = "thinned"
MASK = "the patient's body, or the brain where the skull was taken away"


def interpolated(case: Thinned, stack: ThickStack) -> Float32:
    """SimpleITK's cubic B-spline through the slices' centers."""
    thick = sitk.GetImageFromArray(case.thick.voxels)
    thick.SetSpacing((1.0, 1.0, stack.factor))
    thick.SetOrigin((0.0, 0.0, (stack.factor - 1) / 2))
    onto = sitk.ResampleImageFilter()
    onto.SetSize((case.thick.shape[2], case.thick.shape[1], stack.made))
    onto.SetInterpolator(sitk.sitkBSpline)
    onto.SetUseNearestNeighborExtrapolator(True)
    made: Float32 = sitk.GetArrayFromImage(onto.Execute(thick))
    return made


def cubic(case: Thinned, stack: ThickStack) -> Float32:
    """Cubic convolution through the slices' centers."""
    return along_first(cubic_matrix(stack), case.thick.voxels)


def cubic_matrix(stack: ThickStack) -> Matrix:
    """[M, N] of cubic convolution with a = -1/2, ends repeated (Keys, IEEE TASSP 29, 1981)."""
    place = (np.arange(stack.made) + 0.5) / stack.factor - 0.5
    matrix = np.zeros((stack.made, stack.slices))
    first = np.floor(place).astype(int) - 1
    for offset in range(4):
        at = first + offset
        x = np.abs(place - at)
        near = 1.5 * x**3 - 2.5 * x**2 + 1
        far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
        weight = np.where(x <= 1, near, np.where(x < 2, far, 0.0))
        np.add.at(matrix, (np.arange(stack.made), np.clip(at, 0, stack.slices - 1)), weight)
    return matrix


def smoothest(case: Thinned, stack: ThickStack) -> Float32:
    """The classical model's slices."""
    return along_first(stack.smoothest, case.thick.voxels)


PEERS: dict[str, Method] = {"cubic": cubic, "B-spline": interpolated, "smoothest": smoothest}


def normalization_of(role: str) -> Normalization:
    """As the card has it."""
    return CT_NORMALIZATION if role in CT_ROLES else MR_NORMALIZATION


def of_network(network: SliceUNet) -> Method:
    """A network's slices, in agreement with the thick ones."""

    def made(case: Thinned, stack: ThickStack) -> Float32:
        how = normalization_of(case.full.modality)
        floor = -1024.0 if case.full.modality in CT_ROLES else 0.0
        return apply.made(network, case.thick.voxels, stack, how, floor)

    return made


def rows(
    data: Path, methods: Mapping[str, Method], chosen: Sequence[tuple[str, str, str, int]]
) -> list[dict[str, Any]]:
    """A row of figures for each case and method."""
    found = []
    for one in chosen:
        case = thinned(data, *one)
        stack = fine_grid(case.thick).stack
        for name, make in methods.items():
            figures = score(make(case, stack), case)
            found.append({"case": case.name, "factor": case.factor, "method": name, **figures})
    return found


def quick_error(data: Path, network: SliceUNet) -> float:
    """Root mean square error of one case, in its range; 1 where its file is not there."""
    found = rows(data, {"model": of_network(network)}, cases(data, quick=True)[-1:])
    return float(10 ** (-found[0]["psnr_db"] / 20)) if found else 1.0


def quality(data: Path, network: SliceUNet) -> list[dict[str, Any]]:
    """The card's figures: each case by the model, SimpleITK's B-spline and cubic convolution."""
    table = rows(data, {"model": of_network(network), **PEERS}, cases(data))
    found = []
    for case, factor in dict.fromkeys((row["case"], row["factor"]) for row in table):
        by = {r["method"]: _rounded(r) for r in table if (r["case"], r["factor"]) == (case, factor)}
        found.append(
            {
                "preset": PRESET,
                "data": f"{case}, {factor} slices averaged into one",
                "mask": MASK,
                "clip": [-1024, 3071] if case.endswith("CT") else None,
                "data_range": 4095.0 if case.endswith("CT") else 1.0,
                "metrics": by.pop("model"),
                "baseline": {"name": "B-spline", "metrics": by["B-spline"]},
                "baselines": [{"name": name, "metrics": by[name]} for name in PEERS],
                "command": COMMAND,
            }
        )
    return found


def _rounded(row: Mapping[str, Any]) -> dict[str, float]:
    return {name: round(float(row[name]), 3) for name in ("psnr_db", "ssim", "mae")}
