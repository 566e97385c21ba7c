from dataclasses import replace

import numpy as np
import pytest
import torch

from SynthCore.physics import mr_signal
from SynthCore.physics.generator import signal
from SynthCore.physics.generator.contrast import sequence_signal, tissue_signal
from SynthCore.physics.generator.scan import Options, apply_scan, draw_scan
from SynthCore.physics.generator.sequences import (
    CSF_T1,
    KINDS,
    ROLES,
    WHITE_T1,
    draw_sequence,
    null_time,
    null_times,
)
from Testing.physics.generator.scan_maps import stripes, tissue_maps

T1 = torch.tensor([250.0, 656.0, 1188.0, 4070.0])
T2 = torch.tensor([40.0, 72.0, 95.0, 1800.0])
DENSITY = torch.tensor([0.8, 0.7, 0.82, 1.0])
ARRAYS = T1.double().numpy(), T2.double().numpy(), DENSITY.double().numpy()


def test_spin_echo_is_the_equation_for_one_tissue():
    made = signal.spin_echo(T1, T2, DENSITY, tr=520, te=14)
    expected = mr_signal.spin_echo(*ARRAYS, tr=520, te=14)
    np.testing.assert_allclose(made.numpy(), expected, rtol=1e-4)


def test_inversion_recovery_with_a_train_as_short_as_half_an_echo_is_nearly_the_spin_echo_one():
    made = signal.inversion_recovery(T1, T2, DENSITY, tr=9000, te=100, ti=2400, train=50)
    expected = mr_signal.inversion_recovery(*ARRAYS, tr=9000, te=100, ti=2400)
    # the spin echo's own refocusing pulse turns what recovered since; after 50 ms that is little
    np.testing.assert_allclose(made.numpy(), expected, atol=2e-2)


@pytest.mark.parametrize("echoes", [160, 161])
def test_mprage_is_the_equation_for_one_tissue(echoes):
    made = signal.mprage(
        T1, T2, DENSITY, tr=2200, te=3, ti=950, flip=9, echoes=echoes, echo_spacing=7.0
    )
    expected = mr_signal.mprage(
        *ARRAYS, tr=2200, te=3, ti=950, flip=9, echoes=echoes, echo_spacing=7.0
    )
    np.testing.assert_allclose(made.numpy(), expected, rtol=1e-4)


def test_mprage_refuses_a_train_that_does_not_fit():
    with pytest.raises(ValueError, match="does not fit"):
        signal.mprage(T1, T2, DENSITY, tr=2000, te=3, ti=300, flip=9, echoes=160, echo_spacing=7.0)


def test_spoiled_gradient_echo_settles_where_pulse_after_pulse_leads():
    magnetization, tr, flip = np.ones(4), 25.0, np.radians(20)
    for _ in range(2000):
        observed = magnetization * np.sin(flip)
        magnetization = 1 + (magnetization * np.cos(flip) - 1) * np.exp(-tr / ARRAYS[0])
    made = signal.spoiled_gradient_echo(T1, T2, DENSITY, tr=tr, te=4, flip=20)
    expected = ARRAYS[2] * observed * np.exp(-4 / ARRAYS[1])
    np.testing.assert_allclose(made.numpy(), expected, rtol=1e-4)


def test_double_inversion_is_its_parts_one_after_another():
    tr, ti, ti2, train = 7000.0, 3000.0, 450.0, 500.0

    def recover(m, time):
        return 1 + (m - 1) * np.exp(-time / ARRAYS[0])

    m = recover(0.0, tr - ti - train)  # nothing is left after the train
    m = recover(-recover(-m, ti - ti2), ti2)
    made = signal.double_inversion_recovery(
        T1, T2, DENSITY, tr=tr, te=60, ti=ti, ti2=ti2, train=train
    )
    np.testing.assert_allclose(
        made.numpy(), ARRAYS[2] * m * np.exp(-60 / ARRAYS[1]), rtol=1e-3, atol=1e-5
    )


def test_turbo_spin_echo_recovers_from_the_end_of_its_train():
    made = signal.turbo_spin_echo(T1, T2, DENSITY, tr=3000, te=90, train=200)
    expected = ARRAYS[2] * (1 - np.exp(-2800 / ARRAYS[0])) * np.exp(-90 / ARRAYS[1])
    np.testing.assert_allclose(made.numpy(), expected, rtol=1e-4)


def test_transmit_field_scales_the_flip_angle():
    half = signal.spoiled_gradient_echo(T1, T2, DENSITY, tr=20, te=3, flip=30, scale=0.5)
    same = signal.spoiled_gradient_echo(T1, T2, DENSITY, tr=20, te=3, flip=15)
    torch.testing.assert_close(half, same)
    field = torch.full((4,), 0.5)
    torch.testing.assert_close(
        signal.spoiled_gradient_echo(T1, T2, DENSITY, tr=20, te=3, flip=30, scale=field), same
    )
    full = signal.spin_echo(T1, T2, DENSITY, tr=500, te=10)
    low = signal.spin_echo(T1, T2, DENSITY, tr=500, te=10, scale=field)
    torch.testing.assert_close(low, full * 0.5**1.5)


def test_inversion_times_null_what_they_are_set_for():
    rest = 8200.0
    ti = null_time(CSF_T1, rest)
    assert 1 - 2 * np.exp(-ti / CSF_T1) + np.exp(-rest / CSF_T1) == pytest.approx(0, abs=1e-9)
    long, short = null_times(CSF_T1, 890.0, 6500.0)
    made = signal.double_inversion_recovery(
        torch.tensor([CSF_T1, 890.0, 1300.0]), torch.full((3,), 100.0), torch.ones(3),
        tr=7000, te=0, ti=long, ti2=short, train=500,
    ).abs()  # fmt: skip
    assert made[:2].max() < 0.005
    assert made[2] > 0.05


@pytest.mark.parametrize("field_t", [1.5, 3.0])
@pytest.mark.parametrize("role", ROLES)
def test_every_kind_of_sequence_has_the_contrast_of_its_role(role, field_t):
    field = 1 if field_t > 2 else 0
    white, gray, csf = (
        [torch.tensor([v[field]]) for v in pair]
        for pair in (
            ((656.0, 890.0), (72.0, 69.0)),
            ((1188.0, 1300.0), (95.0, 99.0)),
            ((4070.0, 4160.0), (2000.0, 1800.0)),
        )
    )
    rng = np.random.default_rng(5)
    for kind in KINDS[role]:
        for _ in range(20):
            sequence = draw_sequence(rng, role, field_t, kind)
            w, g, c = (
                float(sequence_signal(sequence, *times, torch.tensor([density])).abs())
                for times, density in ((white, 0.70), (gray, 0.82), (csf, 1.0))
            )
            if role in ("T1", "T1c"):
                assert w > g > c
            elif role == "T2":
                assert c > g > w
            elif role == "PD":
                assert g > w
            else:
                assert g > 0.95 * w and c < 0.35 * g


def test_flair_nulls_csf_and_dir_white_matter_too():
    maps = tissue_maps(stripes(("gray matter", "white matter", "csf")), (
        "gray matter", "white matter", "csf",
    ))  # fmt: skip
    still = Options(parts=())
    rng = np.random.default_rng(0)
    for _ in range(10):
        flair = apply_scan(draw_scan(rng, "FLAIR", 3.0, still), maps)[0, 0]
        assert flair[-1] < 0.3 * flair[0]
        double = apply_scan(draw_scan(rng, "DIR", 3.0, still), maps)[0, 0]
        assert double[-1] < 0.5 * double[0]
        assert double[32] < 0.35 * double[0]
    assert WHITE_T1[3.0] == 890


def test_agent_brightens_t1_by_the_equation():
    tissues = ("tumor", "white matter")
    maps = tissue_maps(stripes(tissues), tissues)
    scan = draw_scan(np.random.default_rng(3), "T1c", 3.0, Options(parts=(), kind="SE"))
    assert scan.agent is not None
    after = apply_scan(scan, maps)
    before = tissue_signal(scan.sequence, maps)
    tumor = maps.agent[0, 0, 0] * scan.agent.dose
    t1 = 1 / (1 / float(maps.t1[0, 0, 0]) + float(tumor) * scan.agent.r1 * 1e-3)
    t2 = 1 / (1 / float(maps.t2[0, 0, 0]) + float(tumor) * scan.agent.r2 * 1e-3)
    expected = mr_signal.spin_echo(
        t1, t2, float(maps.density[0, 0, 0]), tr=scan.sequence.tr, te=scan.sequence.te
    )
    assert float(after[0, 0, 0]) == pytest.approx(float(expected), rel=1e-4)
    assert after[0, 0, 0] > 1.2 * before[0, 0, 0]
    assert after[0, 0, -1] == pytest.approx(float(before[0, 0, -1]), rel=0.05)


def test_flowing_blood_is_dark_in_spin_echoes():
    tissues = ("arterial blood", "gray matter")
    maps = tissue_maps(stripes(tissues), tissues)
    scan = draw_scan(np.random.default_rng(1), "T2", 3.0, Options(parts=("flow",)))
    image = apply_scan(scan, maps)
    assert image[0, 0, 0] < 0.5 * image[0, 0, -1]


def test_fat_suppression_takes_fat_alone_and_trains_brighten_it():
    tissues = ("fat", "muscle")
    maps = tissue_maps(stripes(tissues), tissues)
    scan = draw_scan(np.random.default_rng(2), "DIR", 3.0, Options(parts=()))
    assert scan.fat.brighter > 1
    for kept in (0.2, 1.0):
        chosen = replace(scan, fat=replace(scan.fat, kept=kept))
        plain, made = tissue_signal(scan.sequence, maps).abs(), apply_scan(chosen, maps)
        torch.testing.assert_close(made[..., :32], kept * scan.fat.brighter * plain[..., :32])
        torch.testing.assert_close(made[..., 32:], plain[..., 32:])
    shifted = apply_scan(replace(scan, fat=replace(scan.fat, shift=3.0, axis=2)), maps)
    assert shifted[0, 0, 1] == 0  # the band has moved away from here
    assert draw_scan(np.random.default_rng(2), "T1", 3.0, Options(kind="SE")).fat.brighter == 1
