"""The classical correction of cone-beam CT: shading, CT numbers, noise; and the task's way out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from pydicom import dcmread

from SynthCore.cli.main import main
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import RefusedError
from SynthCore.files.read import read
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from SynthCore.models.classical.base import Job
from SynthCore.models.classical.shading_correction import ShadingCorrection
from SynthCore.physics.cone_beam.scan import ConeBeam
from SynthCore.physics.cone_beam.scatter import Scatter
from SynthCore.physics.cone_beam.simulate import apply_cone_beam
from SynthCore.physics.field_of_view import seen_by_scan
from Testing.cli.studies import write_series

PIXEL = 2.0
MODEL = "cbct-to-ct-correction"


def body() -> np.ndarray:
    """A trunk of muscle in a rim of fat, with islands of fat, [k, j, i] in HU."""
    j, i = np.mgrid[:96, :96].astype(np.float32)
    radius = np.hypot(j - 47.5, i - 47.5)
    plane = np.select([radius < 34, radius < 42], [50.0, -100.0], -1000.0)
    for center in ((30, 40), (60, 60), (48, 70), (62, 36)):
        plane[np.hypot(j - center[0], i - center[1]) < 5] = -100.0
    return np.repeat(plane[None], 3, axis=0).astype(np.float32)


def scanned(hu: np.ndarray) -> np.ndarray:
    """With the scatter and noise of a scanner that corrects neither."""
    scan = ConeBeam(views=180, field_mm=230.0, pitch_mm=2.0, cutoff_per_mm=0.3, counts=3000.0,
                    scatter=Scatter(0.8, corrected=0.6), calibrated_mm=160.0)  # fmt: skip
    image: np.ndarray = apply_cone_beam(scan, torch.from_numpy(hu), (3.0, PIXEL, PIXEL)).hu.numpy()
    return image


@pytest.fixture(scope="module")
def made() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    hu = body()
    return (
        hu,
        (cbct := scanned(hu)),
        synthesize("cbct-to-ct", {"CBCT": image(cbct)}, model=MODEL).image.voxels,
    )


def image(voxels: np.ndarray) -> Image:
    return Image(voxels, make_affine((PIXEL, PIXEL, 3.0)), "CBCT", "HU")


def test_shading_and_noise_become_less(
    made: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    hu, cbct, _ = made
    corrected = ShadingCorrection()(Job({"CBCT": image(cbct)}, "CT", hu > -500))
    inside = hu > -500
    assert np.abs(corrected - hu)[inside].mean() < 0.8 * np.abs(cbct - hu)[inside].mean()
    muscle = hu == 50
    assert corrected[muscle].std() < cbct[muscle].std()
    assert 35 <= np.median(corrected[muscle]) <= 110


def test_what_lies_in_range_and_is_flat_stays() -> None:
    hu = body()
    corrected = ShadingCorrection()(Job({"CBCT": image(hu)}, "CT", hu > -500))
    assert np.abs(corrected - hu)[hu > -500].mean() < 3


def test_what_was_not_seen_stays_air() -> None:
    cbct = body()
    cbct[:, :, :30] = -1000.0
    corrected = ShadingCorrection()(Job({"CBCT": image(cbct)}, "CT", cbct > -500))
    assert (corrected[:, :, :30] == -1000).all()


def in_a_circle(filling: float) -> np.ndarray:
    """A scan with air inside of the body, deeper than air, in a field of view filled up."""
    cbct = scanned(body())
    j, i = np.mgrid[:96, :96]
    cbct[:, np.hypot(j - 47.5, i - 47.5) < 12] = -1010.0
    cbct[:, np.hypot(j - 47.5, i - 47.5) > 46] = filling
    return cbct


@pytest.mark.parametrize("filling", [-1000.0, -3024.0])
def test_air_within_the_field_of_view_is_corrected_and_scored(
    filling: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cbct = in_a_circle(filling)
    given = image(cbct)
    hole = np.abs(cbct + 1010) < 1
    corrected = synthesize("cbct-to-ct", {"CBCT": given}, model=MODEL).image.voxels
    assert (corrected[hole] >= -1024).all() and (corrected[hole] != cbct[hole]).mean() > 0.9
    outside = cbct == filling
    assert (corrected[outside] == filling).all()
    assert (seen_by_scan(cbct) == ~outside).all()

    for name, voxels in (("cbct", cbct), ("ct", body())):
        write_nifti(image(voxels), tmp_path / f"{name}.nii.gz", record_json=None)
    run = ["run", "cbct-to-ct", "--input", f"CBCT={tmp_path / 'cbct.nii.gz'}", "--out",
           str(tmp_path / "out"), "--model", MODEL, "--format", "nifti", "--json"]  # fmt: skip
    assert main(run) == 0
    made = json.loads(capsys.readouterr().out)["image"]
    assert main(["evaluate", made, str(tmp_path / "ct.nii.gz"), "--json"]) == 0
    scored = json.loads(capsys.readouterr().out)["metrics"]
    assert scored["mae_hu"] < 150

    saved = sitk.ReadImage(made)  # as the module saves it
    record = json.loads(Path(made.replace(".nii.gz", ".json")).read_text(encoding="utf-8"))
    for key, value in (
        ("SyntheticData", "YES"), ("Task", "cbct-to-ct"), ("Record", json.dumps(record["Record"])),
    ):  # fmt: skip
        saved.SetMetaData(f"SynthCore.{key}", value)
    made = str(tmp_path / "made.nrrd")
    sitk.WriteImage(saved, made)
    assert main(["evaluate", made, str(tmp_path / "ct.nii.gz"), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)["metrics"]
    known = [name for name, value in scored.items() if value is not None]
    assert [again[name] for name in known] == pytest.approx([scored[name] for name in known], 1e-3)


def test_a_cropped_field_of_view_and_clipped_air_are_told_apart() -> None:
    cbct = in_a_circle(-1000.0)
    outside = cbct == -1000.0
    for part in (np.s_[:, 8:, 40:], np.s_[:, :, :60]):  # two of four corners are left, and fewer
        assert (seen_by_scan(cbct[part]) == ~outside[part]).all()
    assert seen_by_scan(cbct[:, 20:70, 20:70]).all()
    # noise clipped at the value of the filling: single voxels of air are no filling
    j, i = np.mgrid[:96, :96]
    air = ~outside & (np.hypot(j - 47.5, i - 47.5) > 20)
    noise = np.random.default_rng(1).normal(-1000, 15, cbct.shape)
    clipped = np.where(air, np.maximum(noise, -1000), cbct).astype(np.float32)
    seen = seen_by_scan(clipped)
    assert seen[air].mean() > 0.9 and not seen[outside].any()
    with pytest.raises(RefusedError, match="filled with 0"):
        synthesize("cbct-to-ct", {"CBCT": image(in_a_circle(0.0)[:, 8:, 40:])}, model=MODEL)


def test_a_field_of_view_filled_with_tissue_is_refused() -> None:
    with pytest.raises(RefusedError, match="filled with 0, which would be taken for tissue"):
        synthesize("cbct-to-ct", {"CBCT": image(in_a_circle(0.0))}, model=MODEL)


def test_a_scan_with_nothing_in_it_comes_back() -> None:
    empty = np.full((2, 16, 16), -1000.0, dtype=np.float32)
    corrected = ShadingCorrection()(Job({"CBCT": image(empty)}, "CT", empty > 0))
    assert (corrected == empty).all()


@pytest.mark.parametrize("wrong", [{"degree": 9}, {"strength": 0.0}, {"fat": (0.0, -50.0)}])
def test_values_it_cannot_work_with_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="degree is 0 to 8"):
        ShadingCorrection(**wrong)  # type: ignore[arg-type]


def test_cone_beam_dicom_becomes_marked_ct_dicom(
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
    made: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:  # fmt: skip
    """The file says CT, the user says CBCT, the result is CT."""
    study = write_series(
        tmp_path / "cbct", np.rint(made[1]).astype(np.int16), "CT", description="kV CBCT"
    )
    out = tmp_path / "out"
    arguments = ["run", "cbct-to-ct", "--input", f"CBCT={study}", "--out", str(out)]
    assert main([*arguments, "--model", MODEL, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    series = Path(answer["image"])
    assert read(series).same_grid(read(study))
    source = dcmread(next(study.iterdir()))
    for path in series.iterdir():
        item = dcmread(path)
        assert item.Modality == "CT"
        assert item["SyntheticData"].value == "YES"
        assert item.FrameOfReferenceUID == source.FrameOfReferenceUID
        assert item.PatientID == source.PatientID
    assert main(["verify", str(series)]) == 0
