"""Where a plan's beams come from: static, turning, and of patients who lie otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from SynthCore.dicom.rt.plan import Plan, read_plan
from SynthCore.errors import InputError
from Testing.slicer.rt_files import write_rt_plan

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
    assert {beam.position for beam in planned(tmp_path, still).beams} == {"HFS"}
    with pytest.raises(InputError, match="positions the patient SITTING, which is none of HFS"):
        planned(tmp_path, still, "SITTING")
