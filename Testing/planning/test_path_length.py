"""Path lengths against slabs whose thickness is known."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.dicom.rt.plan import POSITIONS
from SynthCore.image import make_affine
from SynthCore.planning.path_length import LIES, Beam, compare_beam, path_lengths, points_in

AFFINE = make_affine((1.0, 1.0, 2.0), (-50.0, -40.0, 10.0))


def slabs() -> np.ndarray:
    """[20, 80, 100]: 20 mm of air, 20 of fat, 10 of bone, 30 of water, from front to back."""
    density = np.zeros((20, 80, 100), dtype=np.float32)
    density[:, 20:40] = 0.95
    density[:, 40:50] = 1.6
    density[:, 50:] = 1.0
    return density


@pytest.mark.parametrize(
    ("gantry", "couch", "direction"),
    [(0, 0, (0, 1, 0)), (90, 0, (-1, 0, 0)), (180, 0, (0, -1, 0)), (270, 0, (1, 0, 0)),
     (90, 90, (0, 0, 1)), (90, 270, (0, 0, -1))],
)  # fmt: skip
def test_beams_come_from_where_iec_says(
    gantry: float, couch: float, direction: tuple[float, ...]
) -> None:
    np.testing.assert_allclose(Beam(gantry, couch).direction, direction, atol=1e-12)


def test_from_the_front_slabs_add_up() -> None:
    # the point lies 15 mm into the water
    point = np.array([[0.0, -40.0 - 0.5 + 65.0, 30.0]])
    found = path_lengths(slabs(), AFFINE, Beam(0), point)
    assert found[0] == pytest.approx(20 * 0.95 + 10 * 1.6 + 15, abs=0.3)


def test_from_the_back_only_water_lies_before_it() -> None:
    point = np.array([[0.0, -40.0 - 0.5 + 65.0, 30.0]])
    # to the face of the outermost voxel
    assert path_lengths(slabs(), AFFINE, Beam(180), point)[0] == pytest.approx(15, abs=0.05)


def test_an_oblique_beam_is_longer_by_its_cosine() -> None:
    density = np.zeros((20, 200, 300), dtype=np.float32)
    density[:, 40:100] = 1.2
    affine = make_affine((1.0, 1.0, 2.0))
    point = np.array([[150.0, 120.0, 20.0]])
    for gantry in (10, 25, 40):
        found = path_lengths(density, affine, Beam(gantry), point)[0]
        assert found == pytest.approx(60 * 1.2 / np.cos(np.deg2rad(gantry)), rel=0.01)


def test_one_percent_more_density_is_one_percent_more_path() -> None:
    density = slabs()
    mask = np.zeros(density.shape, dtype=bool)
    mask[5:15, 60:70, 40:60] = True
    points = points_in(mask, AFFINE, 50)
    assert len(points) == 50
    found = compare_beam(density * 1.01, density, AFFINE, Beam(0), points)
    assert found.difference_percent == pytest.approx(1.0, abs=1e-4)
    assert found.difference_mm == pytest.approx(0.01 * found.mean_mm, rel=1e-4)
    again = points_in(mask, AFFINE, 50)
    np.testing.assert_array_equal(points, again)


def test_the_worst_difference_is_the_98th_percentile_over_the_points() -> None:
    """Columns of 0 to 100 times 0.1% more density in 40 mm of water: 0 to 4 mm, evenly."""
    density = np.ones((3, 60, 101), dtype=np.float32)
    made = density * (1 + 0.001 * np.arange(101, dtype=np.float32))
    affine = make_affine((1.0, 1.0, 2.0))
    columns = np.arange(101.0)
    points = np.stack([columns, np.full(101, 39.5), np.full(101, 2.0)], axis=1)
    found = compare_beam(made, density, affine, Beam(0), points)
    assert found.mean_mm == pytest.approx(40, abs=0.3)
    assert found.worst_mm == pytest.approx(0.098 * found.mean_mm, rel=1e-3)
    # the sign does not matter: what is too short is as bad
    other = compare_beam(density, made, affine, Beam(0), points)
    assert other.worst_mm == pytest.approx(found.worst_mm, rel=1e-5)


def test_a_point_before_the_patient_has_no_path() -> None:
    assert path_lengths(slabs(), AFFINE, Beam(0), np.array([[0.0, -500.0, 30.0]]))[0] == 0


@pytest.mark.parametrize(
    ("position", "gantry", "direction"),
    [("HFP", 0, (0, -1, 0)), ("HFP", 90, (1, 0, 0)), ("FFS", 0, (0, 1, 0)), ("FFS", 90, (1, 0, 0)),
     ("FFP", 0, (0, -1, 0)), ("FFP", 90, (-1, 0, 0)),
     # on the right side, the left one is above, where gantry 0 shines from
     ("HFDR", 0, (-1, 0, 0)), ("FFDR", 0, (-1, 0, 0)), ("HFDL", 0, (1, 0, 0)),
     ("FFDL", 0, (1, 0, 0)),
     # facing the gantry, gantry 90 is on the right hand: who lies head first on the right side
     # has the back there, who lies feet first the front
     ("HFDR", 90, (0, -1, 0)), ("FFDR", 90, (0, 1, 0)), ("HFDL", 90, (0, 1, 0)),
     ("FFDL", 90, (0, -1, 0))],
)  # fmt: skip
def test_beams_go_through_a_patient_as_he_lies(
    position: str, gantry: float, direction: tuple[float, ...]
) -> None:
    np.testing.assert_allclose(Beam(gantry, 0, position).direction, direction, atol=1e-12)


@pytest.mark.parametrize("position", LIES)
def test_every_beam_has_its_like_for_who_lies_head_first_and_supine(position: str) -> None:
    assert tuple(LIES) == POSITIONS, "of every position that a plan is read with"
    assert np.linalg.det(LIES[position]) == pytest.approx(1), "a turn, no mirror"
    for gantry in (0, 17, 90, 135, 180, 243, 270):
        for couch in (0, 30, 90, 271):
            beam = Beam(gantry, couch, position)
            assert beam.supine.position == "HFS" and (beam.supine.couch + 90) % 360 - 90 >= -90
            np.testing.assert_allclose(beam.supine.direction, beam.direction, atol=1e-6)
    assert Beam(10, 0, "HFP").supine == Beam(190, 0)
    assert Beam(10, 0, "HFP").name == "gantry 10, HFP" and Beam(10).name == "gantry 10"
