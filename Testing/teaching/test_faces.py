"""A face is hidden in the page and in DICOM alike, and nothing behind it changes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import generate_uid

from SynthCore.cli.main import main
from SynthCore.dicom.phantom import PhantomStudy, mr_header, write_series
from SynthCore.files.read import read
from SynthCore.image import Image, make_affine
from SynthCore.teaching.case_file import read_case
from SynthCore.teaching.faces import without_faces
from SynthCore.teaching.study import StudySeries, read_study
from Testing.teaching.test_page import cases_in, pixels

SHAPE, SPACING, ORIGIN = (62, 84, 60), (3.0, 3.0, 4.0), (-90.0, -140.0, -130.0)
CASE = 'title = "a"\nquestion = "b"\nanswer = "c"\n[[series]]\nrole = "T1"\npath = "T1"\n'


def a_face() -> tuple[Image, np.ndarray]:
    """A head with a nose 24 mm long, and where the nose is."""
    k, j, i = np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij")
    x, y, z = (n * s + o for n, s, o in zip((i, j, k), SPACING, ORIGIN, strict=True))
    head = (x / 75) ** 2 + (y / 95) ** 2 + (z / 115) ** 2 <= 1
    far = np.abs(x) / 14 + np.abs(z + 20) / 26 + np.clip((-92 - y) / 26, 0, None)
    nose = (far <= 1) & (y < -70)
    rng = np.random.default_rng(3)
    voxels = np.where(head | nose, 600, 0) + rng.integers(0, 20, SHAPE)
    return Image(voxels.astype(np.int16), make_affine(SPACING, ORIGIN), "T1"), nose & ~head


@pytest.fixture(scope="module")
def a_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("face")
    study = PhantomStudy(5, generate_uid(None), generate_uid(None), datetime(2024, 1, 2))
    write_series(folder / "T1", a_face()[0], mr_header("T1"), study, 1)
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    return folder / "case.toml"


@pytest.mark.parametrize("how", ["blur", "remove"])
@pytest.mark.parametrize("scale", [1, 1e-4])
def test_the_nose_goes_and_the_brain_stays(a_case: Path, how: str, scale: float) -> None:
    study = read_study(read_case(a_case))
    (one,) = study.series
    given = one.image.voxels if scale == 1 else (one.image.voxels * scale).astype(np.float32)
    study = replace(study, series=(_with(one, given),))
    hidden, notes = without_faces(study, how)  # type: ignore[arg-type]
    after, nose = hidden.series[0].image.voxels, a_face()[1]
    assert not notes and after.dtype == given.dtype
    changed = after != given
    assert changed[nose].mean() > 0.9
    if how == "remove":
        assert np.median(after[nose]) < 0.1 * np.median(given[nose])
    behind = np.indices(SHAPE)[1] * SPACING[1] + ORIGIN[1] > -20
    assert not changed[behind].any()


def _with(one: StudySeries, voxels: np.ndarray) -> StudySeries:
    return replace(one, image=one.image.with_voxels(voxels))


def test_no_face_is_told(a_case: Path) -> None:
    study = read_study(read_case(a_case))
    (one,) = study.series
    wide = make_affine((9.0, 3.0, 4.0), ORIGIN)  # wider than any head
    body = replace(study, series=(replace(one, image=Image(one.image.voxels, wide, "T1")),))
    same, notes = without_faces(body, "blur")
    assert notes == ("No face was found in T1, so none was hidden; look at it.",)
    assert same.series[0].image is body.series[0].image


def test_the_command_hides_it_in_both(
    a_case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["teach", str(a_case), "--out", str(out), "--html", "--dicom", "--json"]
    assert main([*arguments, "--faces", "gone"]) == 2
    capsys.readouterr()
    assert main([*arguments, "--faces", "remove"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["notes"] == []
    voxels = read(out / "teaching-file" / "images", modality="T1").voxels
    assert np.median(voxels[a_face()[1]]) < 60
    kept = tmp_path / "kept"
    assert main(["teach", str(a_case), "--out", str(kept)]) == 0
    hidden, shown = (
        cases_in((folder / "class-page.html").read_text(encoding="utf-8"))[0]["series"][0]
        for folder in (out, kept)
    )
    number = [one["number"] for one in shown["slices"]].index(28)  # through the nose
    before, after = (pixels(one["pictures"][0][number]).astype(int) for one in (shown, hidden))
    rows = before.shape[0] // 8
    assert before[:rows].max() > 150 > 60 > after[:rows].max()
    assert abs(before[4 * rows :] - after[4 * rows :]).max() < 12  # JPEG
