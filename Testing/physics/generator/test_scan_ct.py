import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from SynthCore.physics.ct_dose import simulate_low_dose
from SynthCore.physics.ct_scanner import Scanner
from SynthCore.physics.generator.bias import Waves
from SynthCore.physics.generator.ct_look import KERNELS, CtLook, apply_ct, ct_image, draw_ct
from SynthCore.physics.generator.record import from_json, to_json
from Testing.physics.generator.scan_maps import stripes, tissue_maps

EVEN = Waves((0.0,), ((0.0, 0.0, 0.0),), (0.0,))


def quiet(kernel: str = "standard", seed: int = 0) -> CtLook:
    look = draw_ct(np.random.default_rng(seed), kernel=kernel, thickness=(1.0, 1.0))
    return replace(look, noise_hu=0.0, uneven=EVEN, streaks=0.0, bone_gain=1.0, offset_hu=0.0)


def test_a_look_replays_from_its_record():
    tissues = ("air", "fat", "muscle", "compact bone")
    maps = tissue_maps(stripes(tissues, (9, 40, 60)), tissues)
    rng = np.random.default_rng(1)
    for _ in range(6):
        look = draw_ct(rng)
        again = from_json(CtLook, to_json(look))
        assert again == look
        first = apply_ct(look, maps)
        assert torch.equal(first, apply_ct(again, maps))
        assert first.shape == maps.hu.shape and torch.isfinite(first).all()
        assert first.min() >= -1024 and first.max() <= 3071


@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_noise_is_as_strong_as_drawn_and_has_the_kernels_spectrum(kernel):
    look = replace(quiet(kernel), noise_hu=12.0)
    noise = ct_image(look, torch.full((24, 96, 96), 40.0), (1.0, 0.5, 0.5)) - 40
    assert float(noise.std()) == pytest.approx(12, rel=0.05)
    power = torch.fft.fft2(noise).abs().square().mean(0)
    frequency = torch.fft.fftfreq(96, 0.5)
    radius = torch.hypot(frequency[:, None], frequency[None, :])

    def mean(low: float, high: float) -> float:
        return float(power[(radius >= low) & (radius < high)].mean())

    middle = 0.35 * KERNELS[kernel][0]
    assert mean(0, 0.05) < 0.4 * mean(0.8 * middle, 1.2 * middle)
    if KERNELS[kernel][0] < 0.9:
        assert mean(KERNELS[kernel][0], 1.0) < 0.01 * mean(0.8 * middle, 1.2 * middle)


def test_a_sharper_kernel_keeps_more_of_an_edge():
    edge = torch.zeros(1, 16, 128)
    edge[..., 64:] = 500.0
    steepest = [
        float(ct_image(quiet(kernel), edge, (1.0, 0.4, 0.4))[0, 8].diff().max())
        for kernel in ("soft", "standard", "sharp", "bone")
    ]
    assert steepest == sorted(steepest)


def test_true_ct_numbers_stay_where_nothing_is_on():
    flat = torch.full((6, 32, 32), -95.0)
    torch.testing.assert_close(ct_image(quiet(), flat, (1.0, 1.0, 1.0)), flat)
    bone = torch.full((6, 32, 32), 1100.0)
    softer = ct_image(replace(quiet(), bone_gain=1.1), bone, (1.0, 1.0, 1.0))
    torch.testing.assert_close(softer, torch.full_like(bone, 1200.0))


def test_noise_is_more_in_rows_through_dense_bone():
    hu = torch.full((64, 32, 64), 40.0)
    hu[:, 16:, 10:40] = 1500.0
    look = replace(quiet(), noise_hu=10.0, streaks=1.5)
    noise = ct_image(look, hu, (1.0, 1.0, 1.0)) - ct_image(quiet(), hu, (1.0, 1.0, 1.0))
    assert float(noise[:, 20:, 50:].std()) > 1.1 * float(noise[:, :12, 50:].std())


@pytest.mark.parametrize("kernel", ["soft", "standard"])
def test_noise_has_the_texture_of_the_reference(kernel):
    size, pixel = 96, 0.6
    j, i = np.mgrid[:size, :size] - (size - 1) / 2
    water = np.where(np.hypot(j, i) < 46, 0.0, -1000.0)[None].repeat(4, 0)
    noise = simulate_low_dose(
        water, (pixel, pixel), 1.0, seed=1, kernel=kernel, from_dose=math.inf,
        scanner=Scanner(views=200),
    ) - water  # fmt: skip
    fast = ct_image(
        replace(quiet(kernel), noise_hu=10.0), torch.zeros(24, 64, 64), (1, pixel, pixel)
    )

    def mean_frequency(part):
        power = np.mean(np.abs(np.fft.fft2(part - part.mean((1, 2), keepdims=True))) ** 2, 0)
        frequency = np.fft.fftfreq(part.shape[1], pixel)
        return np.sum(power * np.hypot(frequency[:, None], frequency)) / power.sum()

    middle = slice(24, 72)
    reference = mean_frequency(noise[:, middle, middle])
    assert mean_frequency(fast.numpy()) == pytest.approx(reference, rel=0.1)
