"""Cone-beam CT of a water cylinder: every fault shows where it should, and nowhere without it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from SynthCore.errors import InputError
from SynthCore.physics.cone_beam.draw import draw_cone_beam
from SynthCore.physics.cone_beam.scan import ConeBeam, Metal, Motion
from SynthCore.physics.cone_beam.scatter import Scatter
from SynthCore.physics.cone_beam.simulate import ConeBeamImage, apply_cone_beam

PIXEL = 2.0
SPACING = (3.0, PIXEL, PIXEL)
RADIUS = 80.0
CLEAN = ConeBeam(views=180, field_mm=260.0, pitch_mm=2.0, cutoff_per_mm=0.3)


def distances(size: int = 100) -> torch.Tensor:
    place = (torch.arange(size) - (size - 1) / 2) * PIXEL
    return torch.hypot(place[:, None], place[None])


def water(slices: int = 2) -> torch.Tensor:
    """A cylinder of water along k."""
    return torch.where(distances() < RADIUS, 0.0, -1000.0)[None].repeat(slices, 1, 1)


def scan(**changes: object) -> ConeBeamImage:
    return apply_cone_beam(replace(CLEAN, **changes), water(), SPACING)  # type: ignore[arg-type]


def ring(image: ConeBeamImage, inner: float, outer: float) -> float:
    """Mean HU between two distances from the center."""
    distance = distances()
    return float(image.hu[:, (distance >= inner) & (distance < outer)].mean())


def cupping(image: ConeBeamImage) -> float:
    """By how much the center is darker than near the rim."""
    return ring(image, 66, 72) - ring(image, 0, 12)


def test_water_is_water_without_artifacts() -> None:
    image = scan()
    assert abs(ring(image, 0, 12)) < 3
    assert abs(cupping(image)) < 3
    assert abs(ring(image, 90, 95) + 1000) < 15


def test_an_insert_keeps_its_contrast_and_place() -> None:
    hu = water()
    column, row = np.meshgrid(np.arange(100), np.arange(100))
    insert = torch.from_numpy((column - 70) ** 2 + (row - 40) ** 2 < 25)
    hu[:, insert] = 60.0
    image = apply_cone_beam(CLEAN, hu, SPACING)
    core = torch.from_numpy((column - 70) ** 2 + (row - 40) ** 2 < 6)
    assert float(image.hu[:, core].mean()) == pytest.approx(60, abs=6)


def test_scatter_makes_cupping_and_its_correction_takes_most_of_it() -> None:
    scattered = scan(scatter=Scatter(1.0))
    corrected = scan(scatter=Scatter(1.0, corrected=0.9, guess_mm=20.0))
    assert cupping(scattered) > 60
    assert abs(cupping(corrected)) < 0.4 * cupping(scattered)
    assert cupping(scan(scatter=Scatter(2.0))) > 1.3 * cupping(scattered)


def test_calibration_with_a_phantom_brings_water_back_toward_zero() -> None:
    plain = scan(scatter=Scatter(1.0))
    calibrated = scan(scatter=Scatter(1.0), calibrated_mm=2 * RADIUS)
    assert abs(ring(calibrated, 0, 70)) < 0.6 * abs(ring(plain, 0, 70))


def test_beam_hardening_makes_cupping_unless_it_is_corrected() -> None:
    assert cupping(scan(hardness=0.5, hardening_corrected=0.0)) > 6
    assert abs(cupping(scan(hardness=0.5))) < 3


def test_truncation_makes_a_bright_rim_and_extension_takes_it() -> None:
    cut, extended = scan(field_mm=110.0), scan(field_mm=110.0, extension_mm=60.0)
    assert ring(cut, 48, 53) - ring(cut, 0, 12) > 200
    assert abs(ring(extended, 48, 53) - ring(extended, 0, 12)) < 120
    assert not cut.seen[:, distances() > 56].any()
    assert (cut.hu[:, distances() > 56] == -1000).all()


def test_noise_grows_as_dose_and_views_fall() -> None:
    def deviation(counts: float, views: int) -> float:
        with_noise = scan(counts=counts, views=views, electronic=5.0)
        without = scan(views=views)
        return float((with_noise.hu - without.hu)[:, distances() < 40].std())

    plenty = deviation(2000.0, 180)
    assert deviation(500.0, 180) == pytest.approx(2 * plenty, rel=0.2)
    assert deviation(2000.0, 90) == pytest.approx(2**0.5 * plenty, rel=0.2)


def test_gains_make_rings() -> None:
    rings = scan(gain_error=0.01).hu - scan().hu
    distance = distances()
    profile = torch.stack(
        [rings[0, (distance >= r) & (distance < r + 2)].mean() for r in range(10, 60, 2)]
    )
    assert float(profile.std()) > 3


def test_a_patient_who_moves_is_blurred() -> None:
    def edge(image: ConeBeamImage) -> float:
        return float(image.hu[0, 49, 5:20].diff().max())

    assert edge(scan(motion=Motion(swing_mm=4.0, angle=0.0))) < 0.8 * edge(scan())
    assert edge(scan(motion=Motion(jump_mm=8.0))) < 0.8 * edge(scan())


def test_a_slow_panel_smears_views() -> None:
    moved = scan(lag=0.3).hu - scan().hu
    assert float(moved.abs().mean()) > 0.2


def test_metal_is_in_the_truth_and_streaks_in_the_image() -> None:
    image = scan(metal=(Metal(0.5, 0.4, 4.0, 10.0, 20000.0),), hardness=0.3)
    assert float(image.truth.max()) == 3071
    assert float((image.hu - scan(hardness=0.3).hu)[:, distances() < 60].abs().median()) > 5


def test_slices_beyond_the_beam_are_not_seen() -> None:
    image = apply_cone_beam(replace(CLEAN, extent_mm=10.0), water(7), SPACING)
    assert image.seen.any(dim=(1, 2)).tolist() == [False, False, True, True, True, False, False]
    assert (image.hu[0] == -1000).all()


def test_a_short_beam_scatters_less() -> None:
    assert cupping(scan(scatter=Scatter(1.0), extent_mm=40.0)) < 0.5 * cupping(
        scan(scatter=Scatter(1.0))
    )


def test_a_drawn_scan_goes_to_json_and_gives_the_same_voxels_again() -> None:
    seen = set()
    for seed in range(40):
        drawn = draw_cone_beam(np.random.default_rng(seed), 300.0 if seed % 2 else 160.0)
        assert ConeBeam.from_json(json.loads(json.dumps(drawn.to_json()))) == drawn
        seen.add((bool(drawn.metal), drawn.field_mm > 300, drawn.motion.swing_mm > 0))
    assert len(seen) > 4
    drawn = replace(draw_cone_beam(np.random.default_rng(1), 160.0), views=120, pitch_mm=2.0)
    again = ConeBeam.from_json(json.loads(json.dumps(drawn.to_json())))
    first, second = (apply_cone_beam(s, water(), SPACING) for s in (drawn, again))
    assert torch.equal(first.hu, second.hu) and torch.equal(first.seen, second.seen)
    other = apply_cone_beam(replace(drawn, seed=drawn.seed + 1), water(), SPACING)
    assert not torch.equal(first.hu, other.hu)


def test_drawn_scans_look_like_cone_beam_ct() -> None:
    """Errors in soft tissue of tens of HU, not thousands."""
    errors = []
    for seed in range(8):
        drawn = replace(draw_cone_beam(np.random.default_rng(seed), 160.0), metal=(), views=120,
                        pitch_mm=2.0)  # fmt: skip
        image = apply_cone_beam(drawn, water(), SPACING)
        inside = (distances() < 60) & image.seen[0]
        errors.append(float(image.hu[0, inside].mean()))
    assert 10 < np.std(errors) < 200
    assert abs(np.median(errors)) < 150


def test_a_volume_that_cannot_be_scanned_is_refused() -> None:
    with pytest.raises(InputError, match="finite"):
        apply_cone_beam(CLEAN, torch.full((2, 8, 8), float("nan")), SPACING)
    with pytest.raises(InputError, match="Spacing"):
        apply_cone_beam(CLEAN, water(), (3.0, 0.0, 2.0))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_gives_what_the_cpu_gives() -> None:
    drawn = draw_cone_beam(np.random.default_rng(3), 160.0)
    cpu = apply_cone_beam(drawn, water(), SPACING)
    cuda = apply_cone_beam(drawn, water().cuda(), SPACING)
    assert float((cpu.hu - cuda.hu.cpu()).abs().max()) < 1
