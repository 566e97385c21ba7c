"""Small cohorts on disk, and the command over them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from SynthCore.cli.main import main
from SynthCore.files.record import read_record
from Testing.cli.studies import hounsfield, limb, write_nifti, write_series

BULK = ("--model", "mr-to-ct-bulk-density")
NIFTI = ("--format", "nifti")
COLUMNS = ("id", "T1", "T1c", "T2", "mask", "reference")


def write_table(path: Path, rows: list[dict[str, str]], *, delimiter: str = ",") -> Path:
    """A table with the columns that its rows use."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def three_legs(folder: Path) -> list[dict[str, str]]:
    """Three limbs as NIfTI and as DICOM, two of them with a real CT; paths are relative."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in (1, 2):
        write_nifti(folder / f"mueller_{number}_t1.nii.gz", limb(seed=number))
        write_nifti(folder / f"mueller_{number}_ct.nii.gz", hounsfield(seed=number))
    write_series(folder / "leg c", limb(seed=3))
    return [
        {"id": "a", "T1": "mueller_1_t1.nii.gz", "reference": "mueller_1_ct.nii.gz"},
        {"id": "b b", "T1": "mueller_2_t1.nii.gz", "reference": "mueller_2_ct.nii.gz"},
        {"id": "c", "T1": "leg c#1", "reference": ""},
    ]


def batch(table: Path, out: Path, *more: str, task: str = "mr-to-ct") -> int:
    """The command's exit code."""
    return main(["batch", task, str(table), "--out", str(out), *more])


def batch_json(
    capsys: pytest.CaptureFixture[str], table: Path, out: Path, *more: str, code: int = 0
) -> dict[str, Any]:
    """What the command prints with --json: one object and nothing else on stdout."""
    capsys.readouterr()
    assert batch(table, out, *more, "--json") == code
    printed, told = capsys.readouterr()
    assert printed.count("\n") == 1, told
    data: dict[str, Any] = json.loads(printed)
    return data


def sheet(out: Path) -> dict[str, dict[str, str]]:
    """The lines of batch.csv by id, in its order."""
    with (out / "batch.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row for row in csv.DictReader(stream)}


def outcomes(out: Path) -> dict[str, str]:
    """What became of each case, by the table."""
    return {name: row["outcome"] for name, row in sheet(out).items()}


def temporary(out: Path) -> list[Path]:
    """What lies under a temporary name, or asks workers to stop, or holds the folder."""
    names = (".partial-*", ".batch/.partial-*", "*/.partial-*", ".batch/stop-*")
    return [path for name in names for path in out.glob(name)]


def same_results(one: Path, other: Path, names: list[str]) -> None:
    """Results of two batches have the same voxels, and records that differ in nothing but time."""
    for name in names:
        files = [place / name / "synthetic-CT.nii.gz" for place in (one, other)]
        voxels = [np.asanyarray(nib.load(file).dataobj) for file in files]
        assert np.array_equal(*voxels)
        records = [json.loads(read_record(file) or "") for file in files]
        for record in records:
            record.pop("created")
            record["options"].pop("threads")
        assert records[0] == records[1]
