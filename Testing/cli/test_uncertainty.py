"""``run --uncertainty``: the map beside the image, in its format, verified and read again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from SynthCore.cli.main import main
from SynthCore.dicom.uncertainty_map import read_map
from SynthCore.files.read import read
from SynthCore.request import SynthesisRecord
from Testing.cli.studies import limb, write_nifti, write_series
from Testing.cli.test_commands import BULK, run_json
from Testing.dicom.validators import entity_errors, object_errors, require_dicom3tools
from Testing.engine.conftest import write_bundle
from Testing.engine.test_uncertainty import calibration, with_calibration


@pytest.fixture
def a_model(tmp_path: Path) -> list[str]:
    torch.manual_seed(2)
    network = torch.nn.Conv2d(1, 1, 3, padding=1)
    definition = {"_target_": "torch.nn.Conv2d", "in_channels": 1, "out_channels": 1,
                  "kernel_size": 3, "padding": 1}  # fmt: skip
    settings = {"slices": 1, "tile": [64, 64], "normalization": {"T1": {"kind": "percentile"}}}
    folder = write_bundle(
        tmp_path / "random", network, definition, prepare=settings, output={"scale": 1000.0}
    )
    return ["--model", str(with_calibration(folder, calibration("flip-i", "brighter")))]


def test_nifti(tmp_path: Path, a_model: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    path = write_nifti(tmp_path / "t1.nii.gz", limb())
    out = tmp_path / "out"
    made = run_json(
        capsys, "run", "mr-to-ct", "--input", f"T1={path}", "--out", str(out),
        "--format", "nifti", "--uncertainty", *a_model,
    )  # fmt: skip
    assert made["uncertainty"] == str(out / "synthetic-CT-uncertainty.nii.gz")
    sigma, image = read(made["uncertainty"]), read(made["image"])
    assert sigma.same_grid(image)
    assert sigma.voxels.max() > 20
    beside = json.loads((out / "synthetic-CT-uncertainty.json").read_text())
    record = SynthesisRecord.from_json(json.dumps(beside["Record"]))
    assert record.options["uncertainty"] is True
    whole = SynthesisRecord.from_json(
        json.dumps(json.loads(Path(made["record"]).read_text())["Record"])
    )
    assert record.output["uncertainty_of"] == whole.output["sha256"]
    assert whole.output["uncertainty"]["sha256"] == record.output["sha256"]
    assert main(["verify", str(out)]) == 0
    html = Path(made["report"]).read_text(encoding="utf-8")
    assert "Standard deviation of the error" in html
    assert "no bound" in html
    altered = sigma.with_voxels(sigma.voxels + 1)
    Path(made["uncertainty"]).unlink()
    write_nifti(Path(made["uncertainty"]), altered.voxels)
    assert main(["verify", str(out)]) == 3


def test_dicom(tmp_path: Path, a_model: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    require_dicom3tools()
    study = write_series(tmp_path / "mr", limb())
    out = tmp_path / "out"
    made = run_json(capsys, "run", "mr-to-ct", "--input", f"T1={study}", "--out", str(out),
                    "--uncertainty", *a_model)  # fmt: skip
    path = Path(made["uncertainty"])
    assert path == out / "synthetic-CT-uncertainty.dcm"
    record = SynthesisRecord.from_json(Path(made["record"]).read_text())
    sigma = read_map(path)
    assert sorted(sigma.shape) == sorted(record.output["uncertainty"]["shape_kji"])
    assert sigma.voxels.max() > 20
    assert object_errors([path], tmp_path) == []
    assert entity_errors([path, *sorted(Path(made["image"]).iterdir())]) == []
    assert main(["verify", str(out)]) == 0
    data = bytearray(path.read_bytes())
    at = data.find(np.float32(sigma.voxels.max()).tobytes())
    assert at > 0
    data[at + 1] ^= 1
    path.write_bytes(data)
    assert main(["verify", str(out)]) == 3


def test_a_model_that_has_no_calibration_is_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_nifti(tmp_path / "t1.nii.gz", limb())
    out = tmp_path / "out"
    code = main(["run", "mr-to-ct", "--input", f"T1={path}", "--out", str(out),
                 "--uncertainty", *BULK])  # fmt: skip
    assert code == 2
    assert "holds no calibration" in capsys.readouterr().err
    assert not out.exists() or not list(out.iterdir())
