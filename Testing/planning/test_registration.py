"""A real CT that lies elsewhere is brought back on request, and the report says how well."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.cli.main import main
from SynthCore.errors import CancelledError, InputError
from SynthCore.image import Image, make_affine
from SynthCore.planning.acceptance import DEFAULTS
from SynthCore.planning.registration import Kind, parse_kind, register_reference
from Testing.planning.test_checks import by_id
from Testing.planning.test_plan_check_command import write

MOVED_MM = (6.0, -4.0)


def thigh(shift: tuple[float, float] = (0.0, 0.0)) -> Image:
    """A thigh with an off-center bone, moved by so many mm to the left and to the back."""
    _, j, i = np.mgrid[:12, :60, :60] * 2.0
    x, y = i - 60 - shift[0], j - 60 - shift[1]
    outline, bone = np.hypot(x / 1.2, y), np.hypot(x + 10, y - 6)
    hu = np.select([bone < 9, outline < 32, outline < 42], [700.0, 55.0, -95.0], -1000.0)
    smooth = ndimage.gaussian_filter(hu, (0, 0.6, 0.6))
    return Image(smooth.astype(np.float32), make_affine((2.0, 2.0, 4.0)), "CT", "HU")


def test_a_rigid_move_is_found_and_told() -> None:
    fixed = thigh()
    found, seen, told = register_reference(fixed, thigh(MOVED_MM), "rigid")
    # it is moved back
    assert told.translation_mm[:2] == pytest.approx([-mm for mm in MOVED_MM], abs=0.5)
    assert told.rotation_degrees < 2
    inside = seen & (fixed.voxels > -300)
    before = np.abs(thigh(MOVED_MM).voxels - fixed.voxels)[inside].mean()
    assert np.abs(found.voxels - fixed.voxels)[inside].mean() < before / 4
    gain = by_id(told.findings, "registration_information")
    assert gain.light == "pass" and gain.value > 0.1
    assert DEFAULTS.judge(by_id(told.findings, "registration_outline")).light == "pass"
    assert not [f for f in told.findings if f.id == "registration_folded"]


def test_a_field_says_whether_it_folds() -> None:
    _, _, told = register_reference(thigh(), thigh((2.0, 0.0)), "deformable")
    folded = by_id(told.findings, "registration_folded")
    assert folded.value == 0 and DEFAULTS.judge(folded).light == "pass"
    assert DEFAULTS.judge(replace(folded, value=0.5)).light == "fail"
    least, most = (by_id(told.findings, f"registration_{n}").value for n in ("shrinks", "grows"))
    assert 0 < least <= most < 2
    assert "may have been one" in told.note


def test_another_frame_of_reference_begins_with_the_bodies_centers() -> None:
    affine = thigh().affine.copy()
    affine[:3, 3] += (300.0, -120.0, 40.0)
    far = replace(thigh(), affine=affine)
    with pytest.raises(InputError, match="do not overlap"):
        register_reference(thigh(), far, "rigid")
    found, _, told = register_reference(thigh(), far, "rigid", apart=True)
    assert told.translation_mm == pytest.approx((-300, 120, -40), abs=1.0)
    assert np.abs(found.voxels - thigh().voxels)[thigh().voxels > -300].mean() < 5


def test_the_command_registers_and_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = write(tmp_path / "made.nii.gz", thigh().voxels)
    real = write(tmp_path / "real.nii.gz", thigh(MOVED_MM).voxels)
    arguments = ["plan-check", str(made), "--reference", str(real), "--beam", "0", "--json"]
    told = []
    for more in ([], ["--register", "rigid"]):
        main([*arguments, *more])
        told.append({f["id"]: f["value"] for f in json.loads(capsys.readouterr().out)["findings"]})
    assert told[1]["body_dice"] > 0.98 > told[0]["body_dice"]
    assert told[1]["registration_translation"] == pytest.approx(np.hypot(*MOVED_MM), abs=0.7)


@pytest.mark.parametrize(("kind", "stage"), [("rigid", "register"), ("deformable", "deform")])
def test_a_registration_can_be_stopped_within(kind: Kind, stage: str) -> None:
    told: list[tuple[float, str]] = []

    def tell(fraction: float, now: str) -> None:
        told.append((fraction, now))
        if now == stage and len(told) > 3:
            raise CancelledError("Cancelled.")

    with pytest.raises(CancelledError):
        register_reference(thigh(), thigh((2.0, 0.0)), kind, progress=tell)
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and fractions[-1] < 1
    assert told[-1][1] == stage


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="rigid or deformable"):
        parse_kind("elastic")
