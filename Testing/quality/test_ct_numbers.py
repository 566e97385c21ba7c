"""Errors and shares by tissue."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.quality.ct_numbers import (
    TISSUES,
    as_metrics,
    in_tissue,
    tissue_errors,
    tissue_shares,
)


def test_every_value_is_of_exactly_one_tissue() -> None:
    values = np.array([-3000.0, -200.1, -200.0, -30.1, -30.0, 0.0, 199.9, 200.0, 5000.0])
    names = [
        [tissue.name for tissue in TISSUES if in_tissue(np.array([value]), tissue)[0]]
        for value in values
    ]
    assert names == [["air"], ["air"], ["fat"], ["fat"], ["soft_tissue"], ["soft_tissue"],
                     ["soft_tissue"], ["bone"], ["bone"]]  # fmt: skip


def test_errors_by_hand() -> None:
    reference = np.array([[[-100.0, -100.0, 50.0, 50.0, 1000.0, -900.0]]])
    synthetic = np.array([[[-90.0, -120.0, 40.0, 40.0, 700.0, 0.0]]])
    mask = np.array([[[True, True, True, True, True, False]]])
    found = {error.tissue.name: (error.voxels, error.mae, error.me)
             for error in tissue_errors(synthetic, reference, mask)}  # fmt: skip
    assert found == {
        "fat": (2, 15.0, -5.0),
        "soft_tissue": (2, 10.0, -10.0),
        "bone": (1, 300.0, -300.0),
    }
    flat = as_metrics(tissue_errors(synthetic, reference, mask))
    assert flat["me_soft_tissue_hu"] == -10.0
    assert "mae_air_hu" not in flat


def test_an_implausible_tissue_is_named() -> None:
    voxels = np.array([[[-170.0] * 6 + [45.0] * 4]])
    fat, soft = tissue_shares(voxels, np.ones(voxels.shape, dtype=bool))
    assert (fat.tissue.name, fat.share, fat.plausible) == ("fat", pytest.approx(0.6), False)
    assert (soft.tissue.name, soft.median, soft.plausible) == ("soft_tissue", 45.0, True)


@pytest.mark.data
def test_a_real_leg_is_plausible(real_pair) -> None:
    tissue = real_pair["mask"].voxels > 0
    found = tissue_shares(real_pair["CT on T1"].voxels, tissue)
    shares = {share.tissue.name: share for share in found}
    assert all(share.plausible for share in shares.values())
    assert shares["soft_tissue"].share > shares["fat"].share > shares["bone"].share > 0
