"""Fit the tables of the classical `mr-sequence` baseline on real studies.

``python -m SynthCore.training.sequence_tables DATA PHANTOM CONFIG`` writes them again, with what
`synthcore demo` writes as PHANTOM and the model's ``configs/inference.json`` as CONFIG.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.models.classical.sequence_regression import NORMALIZATION, fit_table
from SynthCore.models.normalize import foreground, normalize

EDGES = tuple(round(v, 3) for v in np.linspace(0.0, 2.0, 33))
"""Borders of 32 classes of normalized intensity."""

ROLES = ("T1", "T1c", "T2", "FLAIR")


def fit(studies: Mapping[str, Mapping[str, Path]]) -> list[list[Any]]:
    """Tables for every ordered pair of sequences.

    Parameters
    ----------
    studies : mapping
        Name of a study to its image by role; all of a study lie on one grid.

    Returns
    -------
    list of list
        Rows of source role, target role, means and standard deviations.

    Raises
    ------
    InputError
        If no study holds two sequences.
    """
    seen: dict[tuple[str, str], list[tuple[npt.NDArray[Any], npt.NDArray[Any]]]] = {}
    for paths in studies.values():
        images = {role: read(path, modality=role) for role, path in paths.items()}
        inside = np.any([foreground(i.voxels) for i in images.values()], axis=0)
        values = {r: normalize(i.voxels, NORMALIZATION)[inside] for r, i in images.items()}
        for source, target in permutations(values, 2):
            seen.setdefault((source, target), []).append((values[source], values[target]))
    if not seen:
        raise InputError("No study with two sequences was found; give a folder that holds some.")
    tables = []
    for (source, target), pairs in sorted(seen.items()):
        a, b = (np.concatenate(part) for part in zip(*pairs, strict=True))
        mean, deviation, _ = fit_table(a, b, EDGES)
        tables.append([source, target, mean, deviation])
    return tables


REAL_STUDIES = (
    "mr_multicontrast/open_ms_cross_patient07",
    "mr_multicontrast/open_ms_cross_patient26",
    "mr_multicontrast/brainlesion_AURORA",
    "mr_multicontrast/cstar_stroke",
    "tumour/TCGA-FG-6692_brats",
)
"""Brain studies on one grid, below the folder of real images."""

PHANTOM_ROLES = ("T1", "T1c", "T2", "FLAIR", "PD")


def rebuild(data: Path, phantom: Path, config: Path) -> None:
    """Fit every table and write them into a bundle's config.

    No real study here has a PD image, so tables from and to PD come from the digital phantom;
    all others come from real studies alone.

    Parameters
    ----------
    data : Path
        Folder of real images.
    phantom : Path
        The demo study, as `SynthCore.demo.write_demo_study` wrote it.
    config : Path
        The bundle's ``configs/inference.json``.
    """
    real = {}
    for name in REAL_STUDIES:
        by_name = {p.name.split(".")[0].lower(): p for p in (data / name).glob("*.nii.gz")}
        real[name] = {r: by_name[r.lower()] for r in ROLES if r.lower() in by_name}
    made = fit({"phantom": {role: phantom / role for role in PHANTOM_ROLES}})
    tables = fit(real) + [row for row in made if "PD" in row[:2]]
    text = json.loads(config.read_text(encoding="utf-8"))
    text["method_def"] |= {"edges": list(EDGES), "tables": tables}
    config.write_text(json.dumps(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    rebuild(*map(Path, sys.argv[1:4]))
