"""Checks of images that were made wrong on purpose, and of a real thigh."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.errors import CancelledError, InputError
from SynthCore.files.read import read
from SynthCore.image import Image, make_affine
from SynthCore.planning.acceptance import DEFAULTS
from SynthCore.planning.alone_check import alone_check
from SynthCore.planning.dose_check import dose_check
from SynthCore.planning.finding import Finding
from SynthCore.planning.image_check import image_check, surface_distance
from SynthCore.planning.path_length import Beam
from SynthCore.planning.plan_check import check
from SynthCore.planning.report import as_json, render
from SynthCore.planning.study import Study
from SynthCore.planning.surfaces import compare_surfaces

EVERYWHERE = np.ones((12, 60, 60), dtype=bool)
BEAMS = (Beam(0), Beam(90))


def leg() -> Image:
    """A cylinder of fat, muscle and bone in air."""
    _, j, i = np.mgrid[:12, :60, :60]
    radius = np.hypot(j - 30, i - 30)
    hu = np.select([radius < 5, radius < 18, radius < 24], [700.0, 55.0, -95.0], -1000.0)
    return Image(hu.astype(np.float32), make_affine((2.0, 2.0, 4.0)), "CT", "HU")


def study(synthetic: Image, reference: Image | None = None, mr: Image | None = None) -> Study:
    target = np.zeros(synthetic.shape, dtype=bool)
    target[4:8, 26:34, 34:42] = True
    seen = np.ones(synthetic.shape, dtype=bool)
    return Study(synthetic, reference, mr, seen, {"PTV": target}, ("PTV",), None, None, ())


def by_id(findings: tuple[Finding, ...], name: str) -> Finding:
    return next(f for f in findings if f.id == name)


def shifted(image: Image, hu: float) -> Image:
    return image.with_voxels(np.where(image.voxels > -300, image.voxels + hu, image.voxels))


def test_errors_are_those_of_a_loop_over_voxels() -> None:
    real = leg()
    rng = np.random.default_rng(0)
    made = real.with_voxels(real.voxels + rng.normal(3, 20, real.shape).astype(np.float32))
    found = image_check(made, real, EVERYWHERE, {})
    body = real.voxels > -300
    naive = [abs(float(a) - float(b)) for a, b, c in
             zip(made.voxels.flat, real.voxels.flat, body.flat, strict=True) if c]  # fmt: skip
    assert by_id(found, "mae_body").value == pytest.approx(np.mean(naive), rel=0.01)
    soft = (real.voxels > -30) & (real.voxels < 200)
    signed = float((made.voxels - real.voxels)[soft].mean())
    assert by_id(found, "me_soft_tissue").value == pytest.approx(signed, abs=0.05)


def test_the_distance_of_two_surfaces_is_how_far_one_was_moved() -> None:
    a = np.zeros((3, 80, 80), dtype=bool)
    a[:, 20:60, 20:60] = True
    b = np.zeros_like(a)
    b[:, 18:62, 18:62] = True
    # four flat sides, 2 voxels of 1.5 mm apart; corners a little more
    assert surface_distance(a, b, (1.5, 1.5, 4.0)) == pytest.approx(3.0, rel=0.05)
    assert surface_distance(a, a, (1.5, 1.5, 4.0)) == 0
    assert np.isnan(surface_distance(a, np.zeros_like(a), (1.0, 1.0, 1.0)))


def test_a_uniform_shift_is_caught_by_the_path_length_and_noise_is_not() -> None:
    real = leg()
    rng = np.random.default_rng(1)
    noise = ndimage.gaussian_filter(rng.normal(size=real.shape), (0.7, 1.5, 1.5))
    noisy = real.with_voxels(
        np.where(real.voxels > -300, real.voxels + 40 * noise / noise.std(), real.voxels)
    )
    trap = check(study(shifted(real, 20), real), beams=BEAMS)
    fine = check(study(noisy, real), beams=BEAMS)
    assert by_id(trap.findings, "mae_body").value < by_id(fine.findings, "mae_body").value
    assert trap.light == "fail" and "Path length" in trap.verdict
    assert {f.light for f in fine.findings if f.group == "range"} <= {"pass", "warn"}
    water = {f.title: f for f in trap.comparators[0].findings}
    assert water["Mean signed error in bone within both bodies"].value == pytest.approx(-700, abs=1)


def test_an_outline_that_is_too_large_makes_every_beam_longer() -> None:
    real = leg()
    flesh = ndimage.binary_dilation(real.voxels > -300, np.ones((1, 3, 3)), iterations=2)
    larger = real.with_voxels(np.where(flesh & (real.voxels < -300), 40, real.voxels))
    found = check(study(larger, real), beams=BEAMS)
    # two pixels of 2 mm of flesh, as a stair on a round leg
    far = [row.difference_mm for row in found.ranges]
    assert len(far) == 2 and all(3.5 < mm < 5.5 for mm in far)
    assert by_id(found.findings, "range_mean").light == found.light == "fail"
    # of an outline that was given nothing is told
    ids = {f.id for c in found.comparators for f in c.findings}
    assert "range_mean" in ids and not any(name.startswith("body_") for name in ids)


def test_errors_are_of_both_bodies_and_of_what_the_real_ct_shows() -> None:
    """What the outline has too much counts in no CT number, and the title says so."""
    real = leg()
    flesh = ndimage.binary_dilation(real.voxels > -300, np.ones((1, 3, 3)), iterations=2)
    larger = real.with_voxels(np.where(flesh & (real.voxels < -300), 40, real.voxels))
    found = by_id(image_check(larger, real, EVERYWHERE, {}), "mae_body")
    assert found.value == 0 and found.title == "Mean absolute error within both bodies"
    soft = by_id(image_check(larger, real, EVERYWHERE, {}), "me_soft_tissue")
    assert soft.title == "Mean signed error in soft tissue within both bodies"
    # half of the slices are 100 HU too dense, where the real CT shows nothing and one value fills
    upper = np.zeros(real.shape, dtype=bool)
    upper[6:] = True
    made = real.with_voxels(np.where((real.voxels > -300) & ~upper, real.voxels + 100, real.voxels))
    beyond = real.with_voxels(np.where(upper, real.voxels, 40).astype(np.float32))
    for one in (real, beyond):
        parts = image_check(made, one, upper, {})
        assert by_id(parts, "mae_body").value == by_id(parts, "me_fat").value == 0
        assert by_id(parts, "body_dice").value == by_id(parts, "bone_dice").value == 1


def test_where_the_real_ct_ends_a_body_is_cut_and_does_not_end() -> None:
    _, j, i = np.mgrid[:40, :80, :80] - 40.0
    real, made = np.hypot(j, i) < 25, np.hypot(j, i) < 28
    whole = compare_surfaces(made, real, (1.0, 1.0, 3.0))
    seen = np.zeros(made.shape, dtype=bool)
    seen[10:14] = True
    part = compare_surfaces(made, real, (1.0, 1.0, 3.0), seen)
    assert whole.outward == pytest.approx(3, abs=0.3)
    for one, other in zip(vars(part).values(), vars(whole).values(), strict=True):
        assert one == pytest.approx(other, rel=0.02)


def test_without_a_real_ct_what_is_plainly_wrong_is_found() -> None:
    good = leg()
    lights = {f.id: f.light for f in alone_check(good, None, {})}
    assert set(lights.values()) == {"pass"}
    assert by_id(alone_check(shifted(good, 60), None, {}), "median_fat").light == "fail"
    # the patient's own CT knows better than a published range
    beside = by_id(alone_check(shifted(good, 60), None, {}, reference=good), "median_fat")
    assert beside.light == "shown" and "The real CT has -95." in beside.reason
    cut = Image(good.voxels[:, :, 12:40], good.affine, "CT", "HU")
    assert by_id(alone_check(cut, None, {}), "field_of_view").light == "warn"
    hole = good.with_voxels(good.voxels.copy())
    hole.voxels[5, 25:35, 38:44] = -900
    hole.voxels[3:9, 20:26, 20:28] = -900
    air = by_id(alone_check(hole, None, {}), "air")
    assert 0.5 < air.value < 3 and air.light == "pass" and "bowel and sinuses" in air.reason
    hole.voxels[2:10, 18:42, 20:44] = -990
    assert by_id(alone_check(hole, None, {}), "air").light == "warn"
    metal = good.with_voxels(np.where(good.voxels > 600, 3000, good.voxels))
    assert by_id(alone_check(metal, None, {}), "metal").light == "warn"
    empty = good.with_voxels(np.full(good.shape, -1000.0))
    assert alone_check(empty, None, {})[0].light == "fail"


def test_an_outline_that_leaves_the_mr_is_found() -> None:
    ct = leg()
    mr = Image(np.where(ct.voxels > -300, 500.0, 3.0), ct.affine, "T1")
    assert by_id(alone_check(ct, mr, {}), "mr_outline").light == "pass"
    moved = mr.with_voxels(np.roll(mr.voxels, 6, axis=2))
    assert by_id(alone_check(ct, moved, {}), "mr_outline").light in ("warn", "fail")


def doses(scale: float) -> tuple[Image, Image]:
    j, i = np.mgrid[:60, :60]
    plane = 60 * np.exp(-(((j - 30) / 14.0) ** 2) - ((i - 38) / 14.0) ** 2)
    dose = Image(np.repeat(plane[None], 12, axis=0).astype(np.float32), leg().affine, unit="Gy")
    return dose, dose.with_voxels(dose.voxels * scale)


def test_a_dose_three_percent_higher_passes_gamma_and_fails_in_the_target() -> None:
    pytest.importorskip("pymedphys", reason="pymedphys is not installed")
    real, made = (Image(one.voxels[3:9], one.affine, unit="Gy") for one in doses(1.03))
    mask = np.zeros(real.shape, dtype=np.uint8)
    mask[1:5, 26:34, 34:42] = 1
    structures = {"PTV": real.with_voxels(mask, modality="", unit="")}
    found, comparison = dose_check(real, made, structures, ("PTV",), 60.0, all_criteria=False)
    assert [f.value for f in found if f.id == "target_dose"] == pytest.approx([3.0] * 3, abs=1e-3)
    assert {DEFAULTS.judge(f).light for f in found if f.id == "target_dose"} == {"fail"}
    # a little higher everywhere is near the dose of the voxel beside: gamma alone lets it through
    assert comparison.gammas[0].pass_percent > 95
    higher = real.with_voxels(real.voxels * 1.2)
    _, twice = dose_check(real, higher, structures, ("PTV",), 60.0, all_criteria=False)
    assert twice.gammas[0].pass_percent < 60
    assert (
        dose_check(real, real, structures, ("PTV",), 60.0, all_criteria=False)[1]
        .gammas[0]
        .pass_percent
        == 100
    )


def test_a_structure_beyond_the_dose_is_refused() -> None:
    real, _ = doses(1.0)
    small = Image(real.voxels[:6], real.affine, unit="Gy")
    mask = np.zeros(real.shape, dtype=np.uint8)
    mask[4:10, 26:34, 34:42] = 1
    with pytest.raises(InputError, match=r"holds .* of the structure PTV"):
        dose_check(small, small, {"PTV": real.with_voxels(mask, unit="")}, ("PTV",), 60.0)


def test_the_page_and_the_figures_say_the_same() -> None:
    real = leg()
    given = study(shifted(real, 20), real)
    found = check(given, beams=BEAMS)
    page, figures = render(given, found, "a <model>"), as_json(found)
    assert found.verdict in page and figures["verdict"] == found.verdict
    assert "not cleared for clinical use" in page and "a &lt;model&gt;" in page
    assert page.count("data:image/png") == 6
    assert "all water" in page and figures["comparators"]["all water"]
    assert {f["light"] for f in figures["findings"]} <= {"pass", "warn", "fail", "shown"}


def test_a_target_beyond_the_real_ct_is_refused() -> None:
    whole = study(leg(), leg())
    seen = whole.seen.copy()
    seen[:, :, 34:] = False
    with pytest.raises(InputError, match="Nothing of PTV lies where both CTs show the patient"):
        check(replace(whole, seen=seen))


def test_a_cancel_is_heard() -> None:
    with pytest.raises(CancelledError):
        check(study(leg(), leg()), cancelled=lambda: True)


@pytest.mark.data
def test_a_real_thigh_with_a_shift_fails_and_itself_passes(real_data: Path) -> None:
    folder = real_data / "mr_ct_pairs" / "STS_010"
    ct = read(folder / "CT_image.nii.gz", modality="CT")
    real = Image(ct.voxels[20:40].astype(np.float32), ct.affine, "CT", "HU")
    mask = read(folder / "CT_mask.nii.gz").voxels[20:40] > 0
    base = replace(study(real, real), structures={"GTV": mask}, targets=("GTV",),
                   seen=np.ones(real.shape, dtype=bool))  # fmt: skip
    assert check(base, beams=BEAMS).light in ("pass", "warn")
    trap = check(replace(base, synthetic=shifted(real, 20)), beams=BEAMS)
    assert trap.light == "fail" and by_id(trap.findings, "range_mean").value > 1
