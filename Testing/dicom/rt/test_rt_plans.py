"""Where a plan's beams come from, and where doses and contours lie, by unusual files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from SynthCore.dicom.rt.dose import read_dose
from SynthCore.dicom.rt.plan import Plan, read_plan
from SynthCore.dicom.rt.structures import Structure, mask_of
from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from Testing.slicer.rt_files import write_rt_dose, write_rt_plan

Point = tuple[float | None, str]


def planned(folder: Path, arcs: Sequence[Sequence[Point]], position: str = "") -> Plan:
    """A plan whose beams have these control points: gantry angle and direction of rotation."""
    path = folder / "plan.dcm"
    write_rt_plan(path)
    made = pydicom.dcmread(path)
    for beam, points in zip(made.BeamSequence, arcs, strict=True):
        beam.ControlPointSequence = [_point(*point) for point in points]
        beam.ReferencedPatientSetupNumber = 1
    setup = Dataset()
    setup.PatientSetupNumber, setup.PatientPosition = 1, position
    made.PatientSetupSequence = [setup]
    made.save_as(path)
    return read_plan(path)


def _point(gantry: float | None, turns: str) -> Dataset:
    point = Dataset()
    if gantry is not None:
        point.GantryAngle = gantry
    if turns:
        point.GantryRotationDirection = turns
    return point


def test_an_arc_is_its_ends_and_steps_between(tmp_path: Path) -> None:
    there = [(181.0, "CW"), *[(float(a % 360), "") for a in range(183, 539, 2)], (179.0, "NONE")]
    back = [(179.0, "CC"), (0.0, ""), (181.0, "NONE")]
    one, two = planned(tmp_path, [there, back]).beams
    every = {(float(step), 0.0) for step in range(0, 360, 30) if step != 180}
    assert set(one.ways) == set(two.ways) == {(181.0, 0.0), (179.0, 0.0)} | every
    assert one.ways[0] == (181.0, 0.0) and one.ways[-1] == (179.0, 0.0)


def test_an_arc_goes_the_way_that_it_states(tmp_path: Path) -> None:
    long, short = planned(
        tmp_path, [[(20.0, "CC"), (100.0, "NONE")], [(20.0, "CW"), (100.0, "NONE")]]
    ).beams
    assert [gantry for gantry, _ in short.ways] == [20, 30, 60, 90, 100]
    assert {gantry for gantry, _ in long.ways} == {20, 0, 330, 300, 270, 240, 210, 180, 150, 120,
                                                   100}  # fmt: skip


def test_a_whole_turn_and_a_beam_that_stands(tmp_path: Path) -> None:
    turn, still = planned(
        tmp_path, [[(180.0, "CW"), (180.0, "NONE")], [(72.5, "NONE"), (None, "")]]
    ).beams
    assert len(turn.ways) == 12 and still.ways == ((72.5, 0.0),)


def test_how_the_patient_lies_is_read(tmp_path: Path) -> None:
    still: list[list[Point]] = [[(0.0, "NONE")], [(90.0, "NONE")]]
    assert {beam.position for beam in planned(tmp_path, still, "FFDL").beams} == {"FFDL"}
    assert all(beam.says_position for beam in planned(tmp_path, still, "FFDL").beams)
    assert {beam.position for beam in planned(tmp_path, still).beams} == {"HFS"}
    assert not any(beam.says_position for beam in planned(tmp_path, still).beams)
    with pytest.raises(InputError, match="positions the patient SITTING, which is none of HFS"):
        planned(tmp_path, still, "SITTING")


@pytest.mark.parametrize(
    ("keyword", "value", "why"),
    [
        ("TableTopPitchAngle", 20.0, "field 1 tilts the couch"),
        ("TableTopRollAngle", 357.0, "field 1 tilts the couch"),
        ("GantryAngle", None, "field 1 has no gantry angle"),
        ("GantryAngle", float("nan"), "GantryAngle of the plan is no number"),
        ("TableTopPitchAngle", 360.0, ""),
    ],
)
def test_a_direction_that_cannot_be_meant_is_refused(
    tmp_path: Path, keyword: str, value: float | None, why: str
) -> None:
    path = tmp_path / "plan.dcm"
    write_rt_plan(path)
    made = pydicom.dcmread(path)
    setattr(made.BeamSequence[0].ControlPointSequence[0], keyword, value)
    made.save_as(path)
    if not why:
        assert len(read_plan(path).beams) == 2
        return
    with pytest.raises(InputError, match=why):
        read_plan(path)


@pytest.mark.parametrize("normal", [1, -1])
@pytest.mark.parametrize("absolute", [False, True])
def test_planes_of_a_dose_lie_where_their_offsets_say(
    tmp_path: Path, normal: int, absolute: bool
) -> None:
    """In the standard's second form the offsets are z, whatever way rows and columns run."""
    voxels = np.arange(3 * 4 * 5, dtype=np.float32).reshape(3, 4, 5) + 1
    image = Image(voxels, make_affine((2.0, 2.0, 5.0), (0.0, 0.0, 100.0)), unit="Gy")
    path = write_rt_dose(tmp_path / "dose.dcm", image)
    given = pydicom.dcmread(path)
    given.ImageOrientationPatient = [normal, 0, 0, 0, 1, 0]
    if absolute:
        given.GridFrameOffsetVector = [100.0, 105.0, 110.0]
    given.save_as(path)
    step = read_dose(path).image.affine[:3, 2]
    np.testing.assert_allclose(step, (0, 0, 5.0 if absolute else 5.0 * normal))
    given.GridFrameOffsetVector = [90.0, 95.0, 100.0]
    given.save_as(path)
    with pytest.raises(InputError, match="neither 0 nor the height of its first plane"):
        read_dose(path)


def test_a_ring_is_one_in_every_slice_whatever_grid_it_is_read_on() -> None:
    """Heights of contours are rounded in a header, and slices of an MR lie between a CT's."""
    random = np.random.default_rng(4)
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    for _ in range(60):
        bottom = round(float(random.uniform(20, 30)), 2)
        grid = Image(np.zeros((12, 70, 70)), make_affine((1.0, 1.0, 2.0), (-35.0, -35.0, bottom)))
        contours = [
            np.stack([r * np.cos(turn), r * np.sin(turn), np.full(60, z + off)], axis=1)
            for z in np.arange(32.0, 43.0, 2.0)
            for r, off in ((30.0, 0.0), (15.0, float(random.uniform(-0.02, 0.02))))
        ]
        made = mask_of(Structure("ring", "", contours), grid)
        drawn = made.any(axis=(1, 2))
        assert 5 <= drawn.sum() <= 7
        assert not made[:, 35, 35].any() and made[drawn][:, 35, 57].all()
