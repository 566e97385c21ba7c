import numpy as np
import pytest

from SynthCore.physics.mr_scan import SEQUENCES
from SynthCore.physics.mr_signal import (
    ContrastAgent,
    inversion_recovery,
    mprage,
    rician,
    spin_echo,
)
from SynthCore.physics.tissues import LABELS, TISSUES


def test_spin_echo_decays_with_t2_and_recovers_with_t1():
    relaxed = spin_echo(800.0, 80.0, 0.7, tr=1e6, te=40)
    assert relaxed == pytest.approx(0.7 * np.exp(-0.5))
    short = spin_echo(800.0, 1e9, 1.0, tr=400, te=0.0)
    assert short == pytest.approx(1 - np.exp(-0.5))


def test_inversion_recovery_is_null_at_its_null_time():
    rest = 1 + 2 * np.exp(-(9000 - 56) / 4070.0) - np.exp(-9000 / 4070.0)
    ti = 4070.0 * np.log(2 / rest)
    assert inversion_recovery(4070.0, 2000.0, 1.0, tr=9000, te=112, ti=ti) == pytest.approx(0)
    assert inversion_recovery(4070.0, 2000.0, 1.0, tr=9000, te=112, ti=ti / 2) < 0


@pytest.mark.parametrize("t1", [250.0, 656.0, 1188.0, 4070.0])
def test_mprage_equals_a_step_by_step_simulation(t1):
    tr, ti, flip, echoes, spacing = 2000.0, 900.0, 9.0, 160, 7.0
    cosine, sine = np.cos(np.radians(flip)), np.sin(np.radians(flip))

    def recover(m, time):
        return 1 + (m - 1) * np.exp(-time / t1)

    m, center = 1.0, 0.0
    for _ in range(40):
        m = recover(-m, ti - echoes * spacing / 2)
        for echo in range(echoes):
            if echo == echoes // 2:
                center = m * sine
            m = recover(m * cosine, spacing)
        m = recover(m, tr - ti - echoes * spacing / 2)
    signal = mprage(t1, 1e9, 1.0, tr=tr, te=0.0, ti=ti, flip=flip, echoes=echoes)
    assert float(signal) == pytest.approx(center, rel=1e-6)


def test_mprage_refuses_a_train_that_does_not_fit():
    with pytest.raises(ValueError, match="does not fit"):
        mprage(900.0, 50.0, 1.0, tr=2000, te=3, ti=300, flip=9)


def test_agent_adds_to_the_rates():
    t1, t2 = ContrastAgent(r1=5.0, r2=6.0).shortened(1000.0, 100.0, 2.0)
    assert float(t1) == pytest.approx(1000 / 11)
    assert float(t2) == pytest.approx(1000 / 22)


def test_rician_noise_has_its_mean_in_air_and_in_signal():
    random = np.random.default_rng(0)
    air = rician(np.zeros((100, 100, 10)), 2.0, random)
    assert air.mean() == pytest.approx(2.0 * np.sqrt(np.pi / 2), rel=0.01)
    bright = rician(np.full((100, 100, 10), 100.0), 2.0, random)
    assert bright.std() == pytest.approx(2.0, rel=0.02)


def test_tissues_are_in_the_order_that_images_show():
    for field in (0, 1):
        t1 = [TISSUES[n].t1[field] for n in ("fat", "white matter", "gray matter", "csf")]
        assert t1 == sorted(t1)
        t2 = [TISSUES[n].t2[field] for n in ("muscle", "white matter", "gray matter", "csf")]
        assert t2 == sorted(t2)
    hu = [TISSUES[n].hu for n in ("air", "fat", "csf", "white matter", "gray matter", "diploe")]
    assert hu == sorted(hu)
    assert TISSUES["enamel"].hu > TISSUES["compact bone"].hu > TISSUES["diploe"].hu


def test_tissues_lengthen_t1_with_the_field_and_are_numbered_once():
    for tissue in TISSUES.values():
        assert tissue.t1[1] >= tissue.t1[0] > 0
        assert min(tissue.t2) > 0
        assert 0 <= tissue.density <= 1
        assert tissue.source
    assert LABELS["air"] == 0
    assert sorted(LABELS.values()) == list(range(len(TISSUES)))


@pytest.mark.parametrize("role", list(SEQUENCES))
def test_protocol_shows_what_each_weighting_is_for(role):
    signal = {name: abs(SEQUENCES[role].signal(tissue)) for name, tissue in TISSUES.items()}
    white, gray, csf = (signal[n] for n in ("white matter", "gray matter", "csf"))
    if role in ("T1", "T1c"):
        assert signal["fat"] > white > gray > csf
    elif role == "T2":
        assert csf > signal["edema"] > gray > white
    elif role == "FLAIR":
        assert signal["edema"] > gray > white > 5 * csf
    else:
        assert gray > white
    assert signal["compact bone"] < 0.05 * white
