from dataclasses import replace

import numpy as np
import pytest
import torch

from SynthCore.errors import InputError
from SynthCore.physics.generator.record import from_json, to_json
from SynthCore.physics.generator.scan import PARTS, Options, Scan, apply_scan, draw_scan
from SynthCore.physics.generator.sequences import ROLES
from Testing.physics.generator.scan_maps import stripes, tissue_maps

TISSUES = ("air", "fat", "white matter", "gray matter", "csf", "venous blood")


@pytest.fixture(scope="module")
def maps():
    return tissue_maps(stripes(TISSUES, (11, 48, 60)), TISSUES)


@pytest.mark.parametrize("role", ROLES)
def test_a_scan_replays_from_its_record(role, maps):
    rng = np.random.default_rng(11)
    for _ in range(4):
        scan = draw_scan(rng, role, 3.0, Options(other_axes=0.4))
        again = from_json(Scan, to_json(scan))
        assert again == scan
        first, second = apply_scan(scan, maps), apply_scan(again, maps)
        assert torch.equal(first, second)
        assert first.shape == maps.t1.shape and first.dtype == torch.float32
        assert torch.isfinite(first).all() and first.min() >= 0


def test_same_seed_same_draw():
    drawn = [draw_scan(np.random.default_rng(4), "T2", 1.5) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert drawn[0] != draw_scan(np.random.default_rng(5), "T2", 1.5)


def test_without_its_parts_a_scan_is_the_equation_alone(maps):
    scan = draw_scan(np.random.default_rng(1), "T1", 3.0, Options(parts=(), kind="SE"))
    image = apply_scan(scan, maps)
    assert torch.equal(image, image[:1, :1].expand_as(image))  # nothing differs within a stripe
    off = (scan.receive, scan.transmit, scan.resolution, scan.motion, scan.ghosts, scan.noise)
    assert off == (None,) * 6
    assert (scan.blood, scan.fat.kept, scan.fat.shift) == (1.0, 1.0, 0.0)


@pytest.mark.parametrize("part", [part for part in PARTS if part not in ("ringing", "fat")])
def test_every_part_does_something(part, maps):
    rng = np.random.default_rng(2)
    options = Options(parts=(part, "resolution") if part == "ringing" else (part,))
    name = {"flow": "blood"}.get(part, part)
    scan = next(
        s for s in (draw_scan(rng, "T2", 3.0, options) for _ in range(100))
        if getattr(s, name) not in (None, 1.0)
    )  # fmt: skip
    bare = replace(scan, **{name: 1.0 if name == "blood" else None})
    assert not torch.equal(apply_scan(scan, maps), apply_scan(bare, maps))


def test_strength_zero_leaves_only_resolution(maps):
    scan = draw_scan(np.random.default_rng(8), "FLAIR", 1.5, Options(strength=0.0))
    assert (scan.noise, scan.motion, scan.receive, scan.transmit) == (None,) * 4
    assert scan.resolution is not None


def test_noise_has_the_snr_that_was_drawn(maps):
    uniform = tissue_maps(torch.zeros(8, 64, 64, dtype=torch.long), ("gray matter",))
    rng = np.random.default_rng(3)
    for _ in range(6):
        scan = draw_scan(rng, "T2", 3.0, Options(parts=("noise",)))
        assert scan.noise is not None
        image = apply_scan(replace(scan, noise=replace(scan.noise, snr=30.0, coils=1)), uniform)
        # gray matter is the brighter of the two that an SNR refers to
        assert float(image.mean() / image.std()) == pytest.approx(30, rel=0.05)


def test_slices_along_every_axis_blur_that_axis_alone(maps):
    box = torch.zeros(40, 40, 40, dtype=torch.long)
    box[15:25, 15:25, 15:25] = 1
    cube = tissue_maps(box, ("air", "white matter"))
    scan = draw_scan(np.random.default_rng(3), "T2", 3.0, Options(parts=("resolution",)))
    assert scan.resolution is not None
    fine = replace(scan.resolution, thickness=6.0, distance=6.0, pixel=(0.5, 0.5))
    for axis in range(3):
        image = apply_scan(replace(scan, resolution=replace(fine, axis=axis)), cube)
        profile = [
            int((image.movedim(a, 0)[:, 20, 20] > 1e-3 * image.max()).sum()) for a in range(3)
        ]
        assert profile[axis] > 11
        assert [p for a, p in enumerate(profile) if a != axis] == [10, 10]


def test_a_text_that_is_no_record_is_refused():
    scan = draw_scan(np.random.default_rng(3), "T2", 3.0)
    for text in ("", "[]", "{}", to_json(scan).replace('"role"', '"rolle"')):
        with pytest.raises(InputError, match="not the record of a Scan"):
            from_json(Scan, text)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_scan_on_cuda_is_the_scan_on_the_cpu_but_for_its_noise(maps):
    moved = {k: v.cuda() if isinstance(v, torch.Tensor) else v for k, v in vars(maps).items()}
    rng = np.random.default_rng(6)
    quiet = Options(parts=tuple(part for part in PARTS if part != "noise"), other_axes=0.3)
    for role in ROLES:
        scan = draw_scan(rng, role, 3.0, quiet)
        there = apply_scan(scan, replace(maps, **moved))
        assert there.is_cuda
        torch.testing.assert_close(there.cpu(), apply_scan(scan, maps), rtol=1e-3, atol=1e-4)
