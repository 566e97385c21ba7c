"""An uncertainty of CT numbers as millimeters of path length, against slabs reckoned by hand."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.cli.main import main
from SynthCore.dicom.uncertainty_map import read_map, write_map
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.image import Image, Source, make_affine
from SynthCore.planning.bulk_check import bulk_check
from SynthCore.planning.density import Curve
from SynthCore.planning.identity import require_same_frame
from SynthCore.planning.path_length import Beam
from SynthCore.planning.uncertainty_check import density_deviation, uncertainty_check
from Testing.dicom.results import headers as headers_of
from Testing.planning.test_checks import EVERYWHERE, leg, shifted
from Testing.planning.test_plan_check_command import write

LINE = Curve("line", "red", (-1000.0, 1000.0), (0.0, 2.0))


def slab() -> Image:
    """80 mm of water from front to back, 60 mm wide, in air."""
    hu = np.full((10, 60, 50), -1000.0, dtype=np.float32)
    hu[:, 10:50, 10:40] = 0.0
    return Image(hu, make_affine((2.0, 2.0, 2.0)), "CT", "HU")


def test_errors_of_one_sign_add_up_and_others_mostly_cancel() -> None:
    water = slab()
    target = np.zeros(water.shape, dtype=bool)
    target[5, 30, 25] = True
    deviation = water.with_voxels(np.full(water.shape, 50.0, dtype=np.float32))
    (found,) = uncertainty_check(water, deviation, target, (Beam(0),), LINE, name="PTV")
    # 50 HU are 5% of water's density; from y = 19 mm to the voxel's center at 60 mm
    assert found.value == pytest.approx(0.05 * 41, rel=0.03)
    assert f"{np.sqrt(10 * 0.05**2 * 41):.1f} mm if they go together" in found.reason


def test_a_flat_curve_gives_no_uncertainty() -> None:
    flat = Curve("flat", "red", (-1000.0, -10.0, 10.0, 1000.0), (0.0, 1.0, 1.0, 2.0))
    water = slab()
    deviation = water.with_voxels(np.full(water.shape, 5.0, dtype=np.float32))
    assert not density_deviation(water, deviation, flat)[water.voxels == 0].any()


def test_bulk_densities_of_the_mr_are_near_a_good_image_and_far_from_a_wrong_one() -> None:
    real = leg()
    # as T1 shows it: fat bright, muscle gray, cortex and air dark
    signal = np.select([real.voxels > 300, real.voxels > 0, real.voxels > -300], [20, 300, 800], 0)
    rng = np.random.default_rng(0)
    noisy = (signal + rng.normal(0, 8, signal.shape)).clip(0).astype(np.float32)
    mr = Image(noisy, real.affine, "T1")
    target = np.zeros(real.shape, dtype=bool)
    target[4:8, 26:34, 34:42] = True

    # beams beside the bone: bulk bone of 500 HU is not this one's 700
    def lights(image: Image) -> set[str]:
        found = bulk_check(image, mr, target & EVERYWHERE, (Beam(0), Beam(90)), LINE, name="PTV")
        return {f.light for f in found}

    assert lights(real) == {"pass"}
    assert lights(shifted(real, 150)) == {"warn"}


def test_the_command_takes_an_uncertainty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = str(write(tmp_path / "made.nii.gz", leg().voxels))
    sigma = str(write(tmp_path / "sigma.nii.gz", np.where(leg().voxels > -300, 20.0, 0.0)))
    arguments = ["plan-check", made, "--beam", "0", "--json", "--uncertainty"]
    assert main([*arguments, sigma]) == 0
    told = json.loads(capsys.readouterr().out)
    (one,) = [f for f in told["findings"] if f["id"] == "range_uncertainty"]
    assert 0.1 < one["value"] < 2 and one["light"] == "shown"
    assert main([*arguments, made]) == 2
    assert "standard deviations in HU" in capsys.readouterr().out


def test_the_command_takes_the_map_that_a_run_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = leg()
    made = str(write(tmp_path / "made.nii.gz", given.voxels))
    sigma = np.where(given.voxels > -300, 20.0, 0.0).astype(np.float32)
    found = []
    for form in ("nifti", "dicom"):
        path = tmp_path / f"sigma-{form}.{'dcm' if form == 'dicom' else 'nii.gz'}"
        if form == "nifti":
            write(path, sigma)
        else:
            here = read(made, modality="CT")
            headers = tuple(headers_of(here.shape, here.affine))
            source = Source("dicom", "", str(headers[0].SeriesInstanceUID), headers=headers)
            write_map(path, here.with_voxels(sigma), replace(here, source=source))
        arguments = ["plan-check", made, "--beam", "30", "--json", "--uncertainty", str(path)]
        assert main(arguments) == 0
        told = json.loads(capsys.readouterr().out)
        found.append([f["value"] for f in told["findings"] if f["id"] == "range_uncertainty"])
    assert found[1] == pytest.approx(found[0], rel=1e-4)
    assert found[0][0] > 0.1


def test_a_map_says_whose_it_is_and_where_it_lies(tmp_path: Path) -> None:
    given = leg()
    headers = tuple(headers_of(given.shape, given.affine))
    source = Source("dicom", "", str(headers[0].SeriesInstanceUID), headers=headers)
    sigma = np.where(given.voxels > -300, 20.0, 0.0).astype(np.float32)
    series = replace(given, source=source)
    write_map(tmp_path / "sigma.dcm", given.with_voxels(sigma), series)
    made = read_map(tmp_path / "sigma.dcm")
    notes: list[str] = []
    require_same_frame(series, made, "uncertainty map", notes)
    assert notes == [], "it is known to lie there"
    for keyword, why in (
        ("PatientID", "another patient"),
        ("FrameOfReferenceUID", "another frame"),
    ):
        other = deepcopy(headers)
        for header in other:
            setattr(header, keyword, "1.2.3.4")
        with pytest.raises(InputError, match=why):
            require_same_frame(
                replace(given, source=replace(source, headers=other)), made, "map", []
            )
