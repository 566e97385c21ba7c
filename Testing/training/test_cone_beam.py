"""Simulated cone-beam scans, kept and drawn from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from SynthCore.image import Image, make_affine
from SynthCore.physics.cone_beam.scan import ConeBeam
from SynthCore.training.cone_beam import slabs
from SynthCore.training.cone_beam.cases import SCANS, held_names
from SynthCore.training.cone_beam.heads import upright
from SynthCore.training.cone_beam.recipe import RECIPE
from SynthCore.training.cone_beam.sampler import (
    CHANGE_SCALE_HU,
    ENHANCED_HU,
    NORMALIZATION,
    UNSEEN_WEIGHT,
    ConeBeamSampler,
    enhancement,
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
    assert 30 < float(corrected[inside].median()) < 40 + ENHANCED_HU
    again = sampler.draw(np.random.default_rng(1))
    assert torch.equal(batch.x, again.x) and torch.equal(batch.y, again.y)


def test_contrast_medium_lifts_soft_tissue_alone() -> None:
    ct = torch.tensor([-1000.0, -100.0, 50.0, 800.0]).expand(3, 4, 4)
    rises = torch.stack([enhancement(ct, np.random.default_rng(seed)) for seed in range(8)])
    assert float(rises[..., [0, 1, 3]].abs().max()) == 0
    assert 20 < float(rises[..., 2].max()) <= ENHANCED_HU
    assert float(rises[..., 2].min()) >= 0


def test_nothing_is_to_change_where_the_scan_saw_nothing(slab: slabs.Slab) -> None:
    blind = replace(slab, seen=np.zeros_like(slab.seen))
    batch = ConeBeamSampler([blind], 3, 2, 32).draw(np.random.default_rng(0))
    assert float(batch.y.abs().max()) == 0
    assert float(batch.weight.max()) < 0.1


def test_no_contrast_medium_shows_where_the_scan_saw_nothing(slab: slabs.Slab) -> None:
    """The network would learn anatomy from voxels that are air in use."""
    beyond = np.zeros_like(slab.seen)
    beyond[:, 34:] = True
    cut = replace(slab, seen=slab.seen & ~beyond, cbct=np.where(beyond, -1000, slab.cbct))
    air = -1000 / NORMALIZATION.scale
    for seed in range(6):
        batch = ConeBeamSampler([cut], 3, 4, 48).draw(np.random.default_rng(seed))
        # the border of the field weighs nothing
        outside = (batch.weight == UNSEEN_WEIGHT).expand(-1, 3, -1, -1)
        assert float(batch.x[outside].max()) == pytest.approx(air, abs=5e-3)


def test_the_recipe_is_found_and_keeps_its_patients_apart(real_data: Path) -> None:
    assert get_recipe("cbct-to-ct") == RECIPE
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
