"""Gamma by a second engine, where one is installed: plastimatch, as a process of its own.

Two engines differ in how they search and interpolate, by a point and more at 1%/1 mm. Where they
differ by more, one of the two was asked something else, or is wrong: somebody should look.

plastimatch: https://plastimatch.org; Debian's package ``plastimatch``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import SimpleITK as sitk

from SynthCore.image import Image
from SynthCore.planning.gamma import Criteria

PROGRAM = "plastimatch"
SECONDS = 600


@dataclass(frozen=True)
class SecondGamma:
    """What the second engine says.

    Attributes
    ----------
    pass_percent : float
        Of the voxels of the reference above the cutoff.
    voxels : int
        So many.
    engine : str
        Its name and version.
    """

    pass_percent: float
    voxels: int
    engine: str


def second_gamma(
    reference: Image, evaluated: Image, criteria: Criteria, normalization_gy: float
) -> SecondGamma | None:
    """Compare two doses on one grid by plastimatch.

    Parameters
    ----------
    reference, evaluated : Image
        [k, j, i] in Gy.
    criteria : Criteria
        What passes; its interpolation is the first engine's own.
    normalization_gy : float
        As the first engine used it.

    Returns
    -------
    SecondGamma or None
        None where plastimatch is not installed, or gave no answer: a second opinion is no part of
        the first.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="synthcore-gamma-") as name:
        folder = Path(name)
        for image, file in ((reference, "reference.mha"), (evaluated, "evaluated.mha")):
            _write(image, folder / file)
        command = [
            program, "gamma", "--dose-tolerance", f"{criteria.percent / 100:g}",
            "--dta-tolerance", f"{criteria.distance_mm:g}",
            "--analysis-threshold", f"{criteria.cutoff_percent / 100:g}",
            "--reference-dose", f"{normalization_gy:.6g}", "--gamma-max", f"{criteria.most:g}",
            "--ref-only-threshold", "--interp-search",
            *(["--local-gamma"] if criteria.local else []),
            "--output", str(folder / "gamma.mha"), "--output-text", str(folder / "gamma.txt"),
            str(folder / "reference.mha"), str(folder / "evaluated.mha"),
        ]  # fmt: skip
        try:
            subprocess.run(  # noqa: S603
                command, capture_output=True, check=True, timeout=SECONDS, stdin=subprocess.DEVNULL
            )
            told = (folder / "gamma.txt").read_text("ascii", "replace")
            passed = _number(told, "number_of_pass_voxels")
            counted = _number(told, "number_of_analysis_voxels")
        except (OSError, subprocess.SubprocessError, ValueError):
            return None
    if not counted:
        return None
    return SecondGamma(100 * passed / counted, counted, _version(program))


def _write(image: Image, path: Path) -> None:
    """Along the voxels, as the first engine has it: only lengths count."""
    made = sitk.GetImageFromArray(image.voxels.astype("float32"))
    made.SetSpacing(tuple(float(step) for step in image.spacing))
    sitk.WriteImage(made, str(path))


def _number(told: str, name: str) -> int:
    found = re.search(rf"^{name}\s+(\d+)", told, re.MULTILINE)
    if found is None:
        raise ValueError(f"no {name}")
    return int(found[1])


def _version(program: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            [program, "--version"], capture_output=True, timeout=20, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return PROGRAM
    found = re.search(rb"\d+(\.\d+)+", done.stdout + done.stderr)
    return f"{PROGRAM} {found[0].decode()}" if found else PROGRAM
