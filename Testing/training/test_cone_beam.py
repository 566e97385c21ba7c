"""Simulated cone-beam scans, kept and drawn from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from SynthCore.image import Image, make_affine
from SynthCore.models.networks import SliceUNet
from SynthCore.physics.cone_beam.scan import ConeBeam
from SynthCore.training.apply import predict_volume
from SynthCore.training.cone_beam import organs, slabs
from SynthCore.training.cone_beam.cases import SCANS, held_names
from SynthCore.training.cone_beam.heads import upright
from SynthCore.training.cone_beam.recipe import RECIPE
from SynthCore.training.cone_beam.sampler import (
    CHANGE_SCALE_HU,
    NORMALIZATION,
    SMALL,
    UNSEEN_WEIGHT,
    ConeBeamSampler,
)
from SynthCore.training.cone_beam.volumes import Source, at_pixel, real_sources
from SynthCore.training.registry import get_recipe


def source(patient: str = "someone") -> Source:
    j, i = np.mgrid[:60, :60].astype(np.float32)
    radius = np.hypot(j - 30, i - 30)
    plane = np.select([radius < 5, radius < 20, radius < 25], [600.0, 40.0, -100.0], -1000.0)
    return Source(patient, "limb", np.repeat(plane[None], 4, 0).astype(np.float32), (3, 2.0, 2.0))


def quick(scan: ConeBeam) -> ConeBeam:
    return replace(scan, views=60, pitch_mm=2.0, field_mm=100.0)


@pytest.fixture(scope="module")
def slab() -> slabs.Slab:
    one = source()
    return slabs.scan_slab(one, one.hu, quick(slabs.draw_for(one, one.hu, (0, 0, 0))))


def test_a_slab_comes_back_from_its_file(slab: slabs.Slab, tmp_path: Path) -> None:
    slab.save(tmp_path / "a.npz")
    again = slabs.Slab.load(tmp_path / "a.npz")
    assert (again.patient, again.kind) == (slab.patient, slab.kind)
    assert ConeBeam.from_json(again.scan) == ConeBeam.from_json(slab.scan)
    for name in ("cbct", "ct", "seen"):
        assert np.array_equal(getattr(again, name), getattr(slab, name))
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


def test_a_kept_scan_can_be_made_again_from_its_record(slab: slabs.Slab) -> None:
    again = slabs.scan_slab(source(), source().hu, ConeBeam.from_json(slab.scan))
    assert np.array_equal(again.cbct, slab.cbct)


def test_scans_differ_between_patients_and_streams() -> None:
    hu = source().hu
    one = slabs.draw_for(source(), hu, (0, 0, 0))
    assert one == slabs.draw_for(source(), hu, (0, 0, 0))
    assert one != slabs.draw_for(source(), hu, (0, 0, 1))
    assert one != slabs.draw_for(source("other"), hu, (0, 0, 0))


def test_every_slab_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(slabs.SCANS, "limb", 1)
    read: list[str] = []

    def make() -> Source:
        read.append("once")
        return source()

    slabs.make({"someone": make}, tmp_path, 0, None)
    slabs.make({"someone": make}, tmp_path, 0, None)
    assert read == ["once"]
    found = slabs.load(tmp_path, ["someone"], 0)
    assert [s.patient for s in found] == ["someone"]
    assert found[0].cbct.dtype == np.float16


def test_the_target_is_the_change_to_the_ct(slab: slabs.Slab) -> None:
    sampler = ConeBeamSampler([slab], 3, 6, 48)
    batch = sampler.draw(np.random.default_rng(1))
    assert batch.x.shape == (6, 3, 48, 48)
    assert batch.y.shape == batch.weight.shape == (6, 1, 48, 48)
    scale = NORMALIZATION.scale
    corrected = batch.x[:, 1:2] * scale + batch.y * CHANGE_SCALE_HU
    inside = batch.weight > 0.99
    assert bool(inside.any())
    # soft tissue, fat, bone: nothing but what the CT holds, up to interpolation
    assert float(corrected[inside].min()) > -1010 and float(corrected[inside].max()) < 620
    assert 30 < float(corrected[inside].median()) < 50
    again = sampler.draw(np.random.default_rng(1))
    assert torch.equal(batch.x, again.x) and torch.equal(batch.y, again.y)


def test_organs_that_fat_keeps_apart_are_pieces_and_each_has_its_own_number() -> None:
    k, j, i = np.mgrid[:6, :60, :90].astype(np.float32)
    ct = np.full(k.shape, -100.0, dtype=np.float32)
    balls = [(np.hypot(j - 30, i - at) < 12) for at in (20, 62)]
    ct[balls[0] | balls[1]] = 50.0
    ct[(abs(j - 30) < 2) & (abs(i - 41) < 3)] = 800.0  # bone between them
    ct[:, :4] = -1000.0
    numbers = organs.pieces(ct, (3.0, 1.0, 1.0))
    first, second = (set(np.unique(numbers[ball & (ct == 50)])) for ball in balls)
    assert len(first) == len(second) == 1 and first != second and 0 not in first | second
    apart = 0
    for seed in range(20):
        made = organs.changed(ct, numbers, np.random.default_rng(seed))
        assert np.array_equal(made[ct != 50], ct[ct != 50])
        rises = [float(np.ptp(made[ball])) + float(made[ball][0] - 50) for ball in balls]
        assert all(
            organs.EVERYWHERE_HU[0] + organs.LIFTED_HU[0]
            <= rise
            <= organs.EVERYWHERE_HU[1] + organs.LIFTED_HU[1]
            for rise in rises
        )
        apart += abs(rises[0] - rises[1]) > 5
    assert 3 < apart < 20


def test_one_tissue_that_fills_the_image_is_one_piece_or_none() -> None:
    assert organs.pieces(np.full((3, 20, 20), -900.0, np.float32), (3.0, 1.0, 1.0)).max() == 0
    full = organs.pieces(np.full((3, 20, 20), 40.0, np.float32), (3.0, 1.0, 1.0))
    assert np.array_equal(organs.changed(full * 0.0 - 900, full, np.random.default_rng(1)),
                          full * 0.0 - 900)  # fmt: skip


def test_whole_slices_of_trunks_and_smaller_crops_are_drawn(slab: slabs.Slab) -> None:
    """A trunk's shading is told by what lies decimeters away; a batch holds as many pixels."""
    wide = {name: np.pad(getattr(slab, name), ((0, 0), (60, 60), (60, 60)), mode="edge")
            for name in ("cbct", "ct")}  # fmt: skip
    trunk = replace(slab, kind="abdomen", seen=np.pad(slab.seen, 60, mode="edge"), **wide)
    sampler = ConeBeamSampler([trunk, slab], 3, 2, 2 * SMALL)
    shapes = {tuple(sampler.draw(np.random.default_rng(seed)).x.shape) for seed in range(12)}
    assert shapes == {(2, 3, 2 * SMALL, 2 * SMALL), (8, 3, SMALL, SMALL)}


def test_beyond_the_slice_is_air_that_weighs_little(slab: slabs.Slab) -> None:
    rows = slab.cbct.shape[1]
    batch = ConeBeamSampler([slab], 3, 1, rows + 32).draw(np.random.default_rng(2))
    corner = batch.x[0, :, :4, :4] * NORMALIZATION.scale
    assert float(corner.max()) == pytest.approx(-1000, abs=1)
    assert float(batch.weight[0, 0, :4, :4].max()) == pytest.approx(UNSEEN_WEIGHT)


def test_nothing_is_to_change_where_the_scan_saw_nothing(slab: slabs.Slab) -> None:
    blind = replace(slab, seen=np.zeros_like(slab.seen))
    batch = ConeBeamSampler([blind], 3, 2, 32).draw(np.random.default_rng(0))
    assert float(batch.y.abs().max()) == 0
    assert float(batch.weight.max()) < 0.1


def test_the_recipe_is_found_and_keeps_its_patients_apart(real_data: Path) -> None:
    assert get_recipe("cbct-to-ct-body") == RECIPE
    assert not set(real_sources(real_data, RECIPE.validation)) & set(RECIPE.validation)
    names = held_names(real_data)
    assert {patient for patient, _ in names} <= set(RECIPE.validation)
    assert {scan for _, scan in names} <= set(SCANS)


def test_coarse_voxels_are_brought_to_a_millimeter_and_fine_ones_left() -> None:
    hu = source().hu
    assert at_pixel(hu, (2.0, 2.0)).shape == (4, 120, 120)
    assert at_pixel(hu, (0.98, 0.98)) is hu
    assert float(at_pixel(hu, (0.5, 0.5)).min()) >= -1024


def test_label_maps_are_turned_upright() -> None:
    """Stored toward left, inferior and anterior, as the label maps are."""
    stored = np.arange(24).reshape(4, 3, 2)
    affine = make_affine((1.0, 1.0, 1.0))
    turned = np.array(affine)
    turned[:3, :3] = np.array([[1, 0, 0], [0, 0, -1], [0, -1, 0]])
    made = upright(Image(stored, turned))
    assert made.shape == (3, 4, 2)
    assert np.array_equal(made, stored.transpose(1, 0, 2)[::-1, ::-1])


def test_a_deep_network_sees_slices_of_any_size() -> None:
    """Six levels halve a side five times: a site's images are not multiples of 32."""
    torch.manual_seed(0)
    network = SliceUNet(3, (2, 2, 2, 2, 2, 2), norm=False)
    channels = np.random.default_rng(0).normal(0, 1, (1, 2, 50, 70)).astype(np.float32)
    assert predict_volume(network, channels, 3).shape == (2, 50, 70)
