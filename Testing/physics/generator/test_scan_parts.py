import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from SynthCore.physics.generator.bias import (
    Coil,
    Receive,
    Waves,
    draw_receive,
    draw_transmit,
    receive_field,
    wave_field,
)
from SynthCore.physics.generator.coil_noise import Noise, noisy_magnitude
from SynthCore.physics.generator.motion import Ghosts, Motion, Pose, ghost, move
from SynthCore.physics.generator.resolution import Resolution, draw_resolution, slice_matrices
from SynthCore.physics.generator.ringing import along, truncation

CPU = torch.device("cpu")


def test_one_coil_gives_rician_mean_and_variance():
    sigma = 0.5
    image = noisy_magnitude(torch.zeros(4, 200, 200), sigma, Noise(20, 1, 7))
    assert float(image.mean()) == pytest.approx(sigma * math.sqrt(math.pi / 2), rel=0.01)
    assert float(image.var()) == pytest.approx((2 - math.pi / 2) * sigma**2, rel=0.02)
    constant = noisy_magnitude(torch.full((4, 200, 200), -3.0), sigma, Noise(20, 1, 8))
    # for a signal of several sigma: mean sqrt(A**2 + sigma**2), variance sigma**2
    assert float(constant.mean()) == pytest.approx(math.hypot(3.0, sigma), rel=0.005)
    assert float(constant.var()) == pytest.approx(sigma**2, rel=0.05)


@pytest.mark.parametrize("coils", [2, 4, 8])
def test_several_coils_give_a_chi_distribution_without_signal(coils):
    sigma = 0.3
    image = noisy_magnitude(torch.zeros(4, 200, 200), sigma, Noise(20, coils, 7))
    degrees = 2 * coils
    mean = sigma * math.sqrt(2) * math.gamma((degrees + 1) / 2) / math.gamma(degrees / 2)
    assert float(image.mean()) == pytest.approx(mean, rel=0.01)
    assert float(image.var()) == pytest.approx(degrees * sigma**2 - mean**2, rel=0.04)
    # the second moment with signal is A**2 + 2 n sigma**2
    bright = noisy_magnitude(torch.full((4, 200, 200), 1.0), sigma, Noise(20, coils, 9))
    assert float(bright.square().mean()) == pytest.approx(1 + degrees * sigma**2, rel=0.01)


def test_truncation_overshoots_an_edge_by_nine_percent():
    edge = torch.zeros(1, 4, 256)
    edge[..., 128:] = 1.0
    rung = along(truncation(256, 0.25, 0.0, CPU), edge, 2)
    assert float(rung.max()) - 1 == pytest.approx(0.0895, abs=0.012)
    assert -float(rung.min()) == pytest.approx(0.0895, abs=0.012)
    smooth = along(truncation(256, 0.25, 1.0, CPU), edge, 2)
    assert float(smooth.max()) - 1 < 0.01


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_truncation_keeps_a_constant_and_takes_fine_detail(axis):
    values = torch.full((24, 24, 24), 2.0)
    matrix = truncation(24, 0.5, 0.2, CPU)
    torch.testing.assert_close(along(matrix, values, axis), values)
    index = torch.arange(24).reshape([-1 if a == axis else 1 for a in range(3)])
    for cycles, kept in ((4, True), (20, False)):
        wave = torch.cos(math.pi * (index + 0.5) * cycles / 24)
        expected = values + (wave if kept else 0)
        torch.testing.assert_close(along(matrix, values + wave, axis), expected)


def test_thick_slices_conserve_the_mean():
    rng = np.random.default_rng(0)
    for _ in range(20):
        resolution = draw_resolution(rng, volume=False)
        matrices = slice_matrices(resolution, 160, 1.0, CPU)
        assert matrices is not None
        down, up = matrices
        constant = torch.ones(160)
        torch.testing.assert_close(down @ constant, torch.ones(down.shape[0]))
        torch.testing.assert_close(up @ (down @ constant), constant)
        # a ball well inside keeps its sum, but for what falls into gaps or between slices
        blob = torch.exp(-(((torch.arange(160) - 80) / 12.0) ** 2))
        assert float((up @ (down @ blob)).sum()) == pytest.approx(float(blob.sum()), rel=0.01)


def test_slice_profile_is_as_wide_as_the_slice():
    resolution = Resolution(0, 5.0, 5.0, 0.0, (1.0, 1.0), 0.0)
    matrices = slice_matrices(resolution, 500, 0.1, CPU)
    assert matrices is not None
    row = matrices[0][5]
    assert int((row > 0.5 * row.max()).sum()) == pytest.approx(50, abs=2)
    assert int(row.argmax()) == pytest.approx(250, abs=25)


def test_slices_as_fine_as_the_grid_change_nothing():
    assert slice_matrices(Resolution(0, 1.0, 1.0, 0.3, (1.0, 1.0), 0.0), 64, 1.0, CPU) is None


def test_a_motion_of_zero_changes_nothing():
    image = torch.rand(3, 40, 48, generator=torch.Generator().manual_seed(1))
    still = Motion(0, 1, (Pose(0.3, (0.0, 0.0), 0.0),))
    assert torch.equal(move(image, still, (1.0, 1.0)), image)


@pytest.mark.parametrize("shots", [1, 9])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_motion_from_the_start_moves_the_whole_image(axis, shots):
    j, i = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    image = torch.exp(-((j - 30) ** 2 + (i - 35) ** 2) / 40)[None]
    moved = move(image, Motion(axis, shots, (Pose(0.0, (3.0, -2.0), 0.0),)), (1.0, 1.0))
    expected = torch.roll(image, (-3, 2), (1, 2))
    assert float((moved.abs() - expected).abs().max()) < 0.02
    late = move(image, Motion(axis, shots, (Pose(0.98, (3.0, -2.0), 0.0),)), (1.0, 1.0))
    assert float((late.abs() - image).abs().max()) < 0.1


def test_a_turn_turns_about_the_middle_whatever_the_pixels_are():
    j, i = torch.meshgrid(torch.arange(60.0) * 0.5, torch.arange(40.0) * 0.75, indexing="ij")
    j, i = j - j.mean(), i - i.mean()
    angle = math.radians(20)

    def bar(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return torch.exp(-((y / 2) ** 2) - (x / 8) ** 2)

    turned = move(bar(j, i)[None], Motion(0, 1, (Pose(0.0, (0, 0), 20.0),)), (0.5, 0.75)).abs()
    y = j * math.cos(angle) + i * math.sin(angle)
    x = i * math.cos(angle) - j * math.sin(angle)
    assert float((turned[0] - bar(y, x)).abs().max()) < 0.02


def test_ghosts_lie_at_their_distance():
    source = torch.zeros(1, 64, 64)
    source[0, 20, 30] = 1.0
    made = ghost(source, source, Ghosts(0, 12.0, 0.2, 0.0, 0.0), (1.0, 1.0)).abs()
    assert float(made[0, 32, 30]) == pytest.approx(0.1)
    assert float(made[0, 8, 30]) == pytest.approx(0.1)
    assert float(made[0, 20, 30]) == pytest.approx(1.0)


def test_fields_are_smooth_and_as_strong_as_asked_for():
    shape, spacing = (20, 64, 64), (3.0, 3.0, 3.0)
    rng = np.random.default_rng(4)
    for field_t in (1.5, 3.0):
        field = receive_field(draw_receive(rng, field_t, 1.0), shape, spacing, CPU)
        assert field.min() > 0
        steps = (field.log().diff(dim=2) / spacing[2]).abs().max()
        assert float(steps) < 0.03  # per mm
        transmit = wave_field(draw_transmit(rng, field_t, 1.0), shape, spacing, CPU)
        assert 0 < float(transmit.abs().max()) < 0.6
    flat = receive_field(draw_receive(rng, 3.0, 0.0), shape, spacing, CPU)
    torch.testing.assert_close(flat, torch.ones(shape))


def test_a_wave_is_a_cosine():
    waves = Waves((0.4,), ((0.01, -0.004, 0.02),), (0.7,))
    made = wave_field(waves, (5, 7, 9), (2.0, 1.0, 1.5), CPU)
    k, j, i = (np.arange(n) - (n - 1) / 2 for n in (5, 7, 9))
    place = 0.01 * 2 * k[:, None, None] - 0.004 * j[:, None] + 0.02 * 1.5 * i
    np.testing.assert_allclose(made.numpy(), 0.4 * np.cos(2 * np.pi * place + 0.7), atol=1e-5)


def test_a_surface_coil_is_brightest_on_its_side():
    nothing = Waves((0.0,), ((0.0, 0.0, 0.0),), (0.0,))
    receive = Receive(nothing, Coil((0.0, 100.0, 0.0), 80.0, 1.0))
    field = receive_field(receive, (3, 101, 11), (1.0, 1.0, 1.0), CPU)
    assert float(field[1, 50, 5]) == pytest.approx(1.0, rel=1e-4)
    expected = ((1 + (100 / 80) ** 2) / (1 + (50 / 80) ** 2)) ** 1.5
    assert float(field[1, 100, 5]) == pytest.approx(expected, rel=1e-4)
    uniform = receive_field(replace(receive, coil=None), (3, 5, 5), (1.0, 1.0, 1.0), CPU)
    torch.testing.assert_close(uniform, torch.ones(3, 5, 5))
