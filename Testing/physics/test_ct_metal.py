import math

import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.physics.ct_metal import HIGHEST, Implant, draw_implants, insert_implants
from SynthCore.physics.ct_scanner import Scanner

SPACING = (2.0, 2.0, 3.0)
QUICK = Scanner(fluence=1e9, electronic_noise=0, views=90, bowtie_radius_mm=None)


@pytest.fixture(scope="module")
def disk():
    j, i = np.mgrid[:96, :96] - 47.5
    body = np.where(np.hypot(j, i) < 42, 40.0, -1000.0)
    return np.stack([body] * 3).astype(np.float32)


def pair(metal: str, radius: float = 5.0) -> tuple[Implant, ...]:
    """Two rods side by side along i."""
    return tuple(Implant(metal, (47.5, i), (radius, radius), 0.0, (1, 2)) for i in (32.5, 62.5))


def test_slices_without_metal_stay_as_they_were(disk):
    made = insert_implants(disk, SPACING, pair("steel"), seed=1, scanner=QUICK)
    assert np.array_equal(made[0], disk[0]) and np.array_equal(made[2], disk[2])
    assert made.dtype == np.float32


def test_metal_is_white_and_dark_between_two_pieces(disk):
    made = insert_implants(disk, SPACING, pair("steel"), seed=1, scanner=QUICK)[1]
    assert made[47, 32] == HIGHEST and made[48, 62] == HIGHEST
    between = made[44:52, 44:52].mean()
    above = made[12:20, 44:52].mean()
    assert between < above - 30  # beam hardening darkens the line that joins them
    assert abs(above - 40) < 40


def test_steel_streaks_more_than_titanium(disk):
    def spread(metal: str) -> float:
        made = insert_implants(disk, SPACING, pair(metal), seed=1, scanner=QUICK)[1]
        return float(made[38:58, 40:56].std())

    assert spread("steel") > 1.3 * spread("titanium") > 1.0


def test_few_photons_make_noise_along_the_line_through_metal(disk):
    def noise(fluence: float, place: slice) -> float:
        scanner = Scanner(fluence=fluence, views=90)
        one, two = (
            insert_implants(disk, SPACING, pair("titanium", 8.0), seed=seed, scanner=scanner)[1]
            for seed in (1, 2)
        )
        return float((one - two)[place, 44:52].std())

    beside, between = slice(14, 22), slice(44, 52)
    assert noise(1e4, between) > 10 * noise(1e8, between)
    assert noise(1e4, between) > 2 * noise(1e4, beside)


def test_same_seed_same_voxels_and_drawn_implants_lie_in_bone(disk):
    bone = disk.copy()
    bone[:, 40:56, 40:56] = 900.0
    rng = np.random.default_rng(2)
    for _ in range(10):
        implants = draw_implants(rng, bone, SPACING)
        assert implants
        for one in implants:
            j, i = (round(c) for c in one.center)
            assert bone[one.slices[0], j, i] > 250
            assert 0 <= one.angle <= math.pi
    assert draw_implants(rng, np.full((2, 8, 8), -1000.0), SPACING) == ()
    one, two = (
        insert_implants(disk, SPACING, pair("steel"), seed=5, scanner=QUICK) for _ in range(2)
    )
    assert np.array_equal(one, two)


def test_two_metals_in_one_slice_are_refused(disk):
    steel, titanium = pair("steel")[0], pair("titanium")[1]
    with pytest.raises(InputError, match="Slice 2 would hold two metals"):
        insert_implants(disk, SPACING, (steel, titanium), seed=1)


def test_an_unknown_metal_is_refused(disk):
    with pytest.raises(InputError, match="no metal 'lead'"):
        insert_implants(disk, SPACING, pair("lead"), seed=1)
