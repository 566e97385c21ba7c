import math

import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.physics.ct_dose import line_integrals, simulate_low_dose
from SynthCore.physics.ct_noise_level import match_fluence, noise_level
from SynthCore.physics.ct_projection import KERNEL_CUTOFF_PER_MM
from SynthCore.physics.ct_scanner import MU_WATER_PER_MM, Scanner, bowtie

SPACING = (1.2, 1.2)
RADIUS = 110.0
PLAIN = Scanner(electronic_noise=0.0, bowtie_radius_mm=None, modulated=False)


def water(slices=1, size=224, radius=RADIUS):
    position = (np.arange(size) - (size - 1) / 2) * SPACING[0]
    distance = np.hypot(position[:, None], position[None, :])
    cylinder = np.where(distance < radius, 0.0, -1000.0).astype(np.float32)
    return np.repeat(cylinder[None], slices, axis=0), distance


def added(dose, *, seed=0, scanner=PLAIN, slices=2, **options):
    cylinder, distance = water(slices)
    low = simulate_low_dose(cylinder, SPACING, dose, seed=seed, scanner=scanner, **options)
    return low - cylinder, distance


def test_full_dose_returns_the_input_unchanged():
    cylinder, _ = water()
    np.testing.assert_array_equal(simulate_low_dose(cylinder, SPACING, 1.0, seed=3), cylinder)


def test_added_noise_follows_the_difference_of_doses():
    half, distance = added(0.5)
    tenth, _ = added(0.1)
    inside = distance < 60
    ratio = tenth[:, inside].std() / half[:, inside].std()
    assert ratio == pytest.approx(math.sqrt((10 - 1) / (2 - 1)), rel=0.02)


def test_total_noise_goes_with_one_over_the_square_root_of_dose():
    inside = water()[1] < 60
    clean = {a: added(a, from_dose=math.inf)[0][:, inside].std() for a in (1.0, 0.25, 0.1)}
    assert clean[0.25] / clean[1.0] == pytest.approx(2.0, rel=0.02)
    assert clean[0.1] / clean[1.0] == pytest.approx(math.sqrt(10), rel=0.02)


@pytest.mark.parametrize("kernel", list(KERNEL_CUTOFF_PER_MM))
def test_noise_at_the_center_is_what_theory_gives(kernel):
    """Filtered back-projection of white noise: variance pi^2 / views * sum over frequencies."""
    noise, distance = added(1.0, from_dose=math.inf, kernel=kernel, slices=4)
    line_integral = 2 * RADIUS * MU_WATER_PER_MM
    # photons per mm of detector and full turn do not depend on how rays are sampled
    photons_per_mm = PLAIN.fluence / 0.6 * 1000
    cutoff = KERNEL_CUTOFF_PER_MM[kernel]
    frequency = np.linspace(-cutoff, cutoff, 20001)
    window = 0.5 * (1 + np.cos(np.pi * frequency / cutoff))
    power = np.mean((frequency * window) ** 2) * 2 * cutoff
    expected = np.pi * math.sqrt(math.exp(line_integral) / photons_per_mm * power)
    assert noise[:, distance < 20].std() == pytest.approx(
        expected * 1000 / MU_WATER_PER_MM, rel=0.05
    )


def test_noise_has_no_bias():
    noise, distance = added(0.25, slices=4)
    inside = noise[:, distance < RADIUS]
    assert abs(inside.mean()) < 0.005 * inside.std()


def test_noise_is_strongest_at_the_center_without_a_bowtie_filter():
    noise, distance = added(0.25)
    center = noise[:, distance < 30].std()
    rim = noise[:, (distance > 90) & (distance < 108)].std()
    assert center > 1.2 * rim


def test_a_bowtie_filter_evens_the_noise_out():
    shaped = Scanner(
        electronic_noise=0.0, bowtie_radius_mm=RADIUS, bowtie_strength=0.9, modulated=False
    )
    noise, distance = added(0.25, scanner=shaped)
    center = noise[:, distance < 30].std()
    rim = noise[:, (distance > 90) & (distance < 108)].std()
    assert rim / center > 0.85
    share = bowtie(np.array([0.0, 50.0, 110.0, 200.0], dtype=np.float32), shaped)
    assert share[0] == 1
    assert np.all(np.diff(share) <= 0)


def test_electronic_noise_weighs_more_at_lower_dose():
    noisy = Scanner(electronic_noise=60.0, bowtie_radius_mm=None, modulated=False)
    inside = water()[1] < 60
    full = added(1.0, scanner=noisy, from_dose=math.inf)[0][:, inside].std()
    tenth = added(0.1, scanner=noisy, from_dose=math.inf)[0][:, inside].std()
    assert tenth / full > 1.1 * math.sqrt(10)


def test_sharper_kernels_give_more_noise():
    levels = [added(0.25, kernel=kernel)[0].std() for kernel in ("soft", "standard", "sharp")]
    assert levels == sorted(levels)
    assert levels[2] > 2 * levels[0]


def test_modulation_evens_out_the_directions_of_an_ellipse():
    position = (np.arange(224) - 111.5) * SPACING[0]
    ellipse = np.hypot(position[None, :] / 125, position[:, None] / 70) < 1
    image = np.where(ellipse, 0.0, -1000.0).astype(np.float32)[None]
    center = (slice(None), slice(92, 132), slice(92, 132))

    def anisotropy(modulated):
        scanner = Scanner(electronic_noise=0.0, bowtie_radius_mm=None, modulated=modulated)
        noise = simulate_low_dose(image, SPACING, 0.1, seed=5, scanner=scanner)[center]
        # lateral rays are the longest, so that noise changes fastest along the rows' normal
        return np.diff(noise, axis=1).std() / np.diff(noise, axis=2).std()

    assert anisotropy(False) > anisotropy(True) > 1.0


def test_same_seed_same_noise_and_each_slice_its_own():
    first, _ = added(0.25, seed=7)
    again, _ = added(0.25, seed=7)
    other, _ = added(0.25, seed=8)
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(first[0].ravel(), first[1].ravel())[0, 1]) < 0.02


def test_coarse_line_integrals_are_the_cylinder_s():
    cylinder, _ = water(size=512, radius=250)
    distances = np.linspace(-200, 200, 401, dtype=np.float32)
    integrals = line_integrals(cylinder[0], SPACING, distances, 60)
    chord = 2 * np.sqrt(250.0**2 - distances**2) * MU_WATER_PER_MM
    np.testing.assert_allclose(integrals, np.broadcast_to(chord, integrals.shape), rtol=0.015)


def test_noise_level_and_fluence_are_found_again():
    true = Scanner(fluence=6.0e4)
    cylinder, _ = water(4, radius=90)
    acquired = simulate_low_dose(cylinder, SPACING, 1.0, seed=1, scanner=true, from_dose=math.inf)
    level = noise_level(acquired, SPACING)
    quarter = simulate_low_dose(acquired, SPACING, 0.25, seed=2, scanner=true)
    assert noise_level(quarter, SPACING) == pytest.approx(2 * level, rel=0.1)
    fitted = match_fluence(acquired, SPACING, seed=3)
    assert fitted.fluence == pytest.approx(true.fluence, rel=0.25)


@pytest.mark.parametrize(
    "change",
    [
        {"dose_fraction": 0.0},
        {"dose_fraction": 1.5},
        {"dose_fraction": math.nan},
        {"kernel": "bone"},
        {"pixel_spacing_mm": (0.0, 1.0)},
        {"slice_thickness_mm": -1.0},
        {"scanner": Scanner(fluence=0.0)},
        {"hu": np.full((1, 8, 8), np.nan)},
        {"hu": np.zeros((8, 8))},
    ],
)
def test_arguments_out_of_range_are_refused(change):
    arguments = {
        "hu": np.zeros((1, 8, 8)), "pixel_spacing_mm": (1.0, 1.0), "dose_fraction": 0.5, "seed": 0
    } | change  # fmt: skip
    with pytest.raises(InputError):
        simulate_low_dose(**arguments)
