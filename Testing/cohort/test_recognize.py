"""A finished case is known by what it was made from and by what it is, and by nothing less."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from pydicom import dcmread

from Testing.cli.studies import limb, write_series
from Testing.cohort.tables import BULK, NIFTI, batch, batch_json, outcomes, write_table


def told(capsys: pytest.CaptureFixture[str], table: Path, out: Path, *more: str) -> dict[str, str]:
    """What became of each case and what was said of it, by id; a call of the same options."""
    data = batch_json(capsys, table, out, *BULK, *more, code=3)
    return {case["id"]: f"{case['outcome']}: {case['told']}" for case in data["cases"]}


def same_time(folder: Path) -> None:
    """All files have one time of change."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (1_700_000_000, 1_700_000_000))


def test_rows_that_were_swapped_do_not_swap_patients(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed, name in enumerate("xy", start=1):
        image = sitk.GetImageFromArray(limb(seed=seed))
        sitk.WriteImage(image, tmp_path / f"{name}.nrrd", useCompression=False)
    shutil.copytree(write_series(tmp_path / "dicom x", limb()), tmp_path / "dicom y")
    for path in (tmp_path / "dicom y").iterdir():
        item = dcmread(path)
        item.PixelData = np.frombuffer(item.PixelData, "<i2")[::-1].tobytes()
        item.save_as(path)
    same_time(tmp_path)
    sizes = [[f.stat().st_size for f in sorted(tmp_path.glob(f"*{n}*/*"))] for n in "xy"]
    assert sizes[0] == sizes[1]
    assert len({path.stat().st_size for path in tmp_path.glob("*.nrrd")}) == 1
    places = ["x.nrrd", "y.nrrd", "dicom x", "dicom y"]
    ids = ["a", "b", "c", "d"]

    def table(order: list[int]) -> Path:
        rows = [{"id": i, "T1": places[n]} for i, n in zip(ids, order, strict=True)]
        return write_table(tmp_path / "t.csv", rows)

    out = tmp_path / "out"
    assert batch(table([0, 1, 2, 3]), out, *BULK, *NIFTI) == 0
    found = told(capsys, table([1, 0, 3, 2]), out, *NIFTI)
    assert all(one.startswith("refused: What stands under T1 is not") for one in found.values())
    # the same content at another place is the same
    shutil.copyfile(tmp_path / "x.nrrd", tmp_path / "moved.nrrd")
    places[0] = "moved.nrrd"
    assert batch(table([0, 1, 2, 3]), out, *BULK, *NIFTI) == 0
    assert set(outcomes(out).values()) == {"skipped"}


def test_a_result_that_is_gone_or_was_written_over_is_not_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_series(tmp_path / "mr", limb())
    ids = ["gone", "slice", "over", "more", "report", "fine"]
    table = write_table(tmp_path / "t.csv", [{"id": name, "T1": "mr"} for name in ids])
    out = tmp_path / "out"
    assert batch(table, out, *BULK) == 0
    shutil.rmtree(out / "gone" / "synthetic-CT")
    series = {name: sorted((out / name / "synthetic-CT").iterdir()) for name in ids[1:]}
    series["slice"][0].unlink()
    over = series["over"][0]
    state, whole = over.stat(), over.read_bytes()
    over.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))  # of the same size, one voxel
    os.utime(over, ns=(state.st_atime_ns, state.st_mtime_ns))
    shutil.copyfile(series["more"][0], series["more"][0].with_name("more.dcm"))
    (out / "report" / "synthetic-CT.html").write_text("", encoding="utf-8")
    (out / "fine" / "notes.txt").write_text("a person's own", encoding="utf-8")
    found = told(capsys, table, out)
    assert found.pop("fine").startswith("skipped")
    assert "refused: The result in the folder gone is not whole: " in found["gone"]
    assert f"is not whole: synthetic-CT/{series['slice'][0].name} is missing" in found["slice"]
    assert f"was changed since it was made: synthetic-CT/{over.name}" in found["over"]
    assert "was changed since it was made: synthetic-CT/more.dcm was added" in found["more"]
    assert "was changed since it was made: synthetic-CT.html" in found["report"]


def test_voxels_beside_a_header_are_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    voxels = limb()
    size = " ".join(str(n) for n in voxels.shape[::-1])
    (tmp_path / "a.mhd").write_text(
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
        "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 1 1 3\n"
        f"DimSize = {size}\nElementType = MET_SHORT\nElementDataFile = other.raw\n",
        encoding="ascii",
    )
    nrrd = (
        f"NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: {size}\n"
        "space directions: (1,0,0) (0,1,0) (0,0,3)\nspace origin: (0,0,0)\nencoding: raw\n"
        "endian: little\n"
    )
    (tmp_path / "b.nhdr").write_text(f"{nrrd}data file: sub/voxels.bin\n", encoding="ascii")
    (tmp_path / "c.nhdr").write_text(f"{nrrd}data file: z%02d.raw 0 7 1 2\n", encoding="ascii")
    names = [f"z{k:02}.raw" for k in range(len(voxels))]
    (tmp_path / "d.nhdr").write_text(
        "\n".join([f"{nrrd}data file: LIST 2", *names, ""]), encoding="ascii"
    )
    (tmp_path / "sub").mkdir()

    def write(values: np.ndarray) -> None:
        values.astype("<i2").tofile(tmp_path / "other.raw")
        values.astype("<i2").tofile(tmp_path / "sub" / "voxels.bin")
        for name, plane in zip(names, values, strict=True):
            plane.astype("<i2").tofile(tmp_path / name)

    write(voxels)
    rows = [{"id": name, "T1": next(tmp_path.glob(f"{name}.*hd*")).name} for name in "abcd"]
    table, out = write_table(tmp_path / "t.csv", rows), tmp_path / "out"
    assert batch(table, out, *BULK, *NIFTI) == 0
    assert batch(table, out, *BULK, *NIFTI) == 0
    assert set(outcomes(out).values()) == {"skipped"}
    voxels[-1] += 1
    write(voxels)
    found = told(capsys, table, out, *NIFTI)
    assert all(one.startswith("refused: What stands under T1") for one in found.values())
