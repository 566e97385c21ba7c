"""One image on another's grid: what a larger voxel shows, and what nobody has seen."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.image import Image, make_affine
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.grids import resample_to, seen_on_grid
from SynthCore.quality.report_noise import noise_curves
from SynthCore.quality.report_pictures import body_of, histogram_picture, plane_pictures


def thin_ct(slices: int = 40, noise: float = 0.0) -> Image:
    """A leg in slices of 1 mm, with thin bars of bone across it."""
    k, j, i = np.mgrid[:slices, :48, :48]
    leg = (j - 24) ** 2 + (i - 24) ** 2 < 20**2
    voxels = np.where(leg, 40.0, -1000.0)
    voxels[leg & (np.abs(j - 24) < 6) & (k % 4 == 0)] = 900.0
    voxels += np.random.default_rng(0).normal(0, noise, voxels.shape) * leg
    return Image(voxels.astype(np.float32), make_affine((1.0, 1.0, 1.0)), "CT", "HU")


def thick_of(thin: Image, slices: int) -> Image:
    """Each slice the mean of so many."""
    voxels = thin.voxels.reshape(-1, slices, *thin.shape[1:]).mean(axis=1)
    affine = make_affine((1.0, 1.0, float(slices)), (0.0, 0.0, (slices - 1) / 2))
    return Image(voxels.astype(np.float32), affine, "CT", "HU")


@pytest.mark.parametrize("slices", [3, 5])
def test_a_thick_slice_is_compared_with_what_lies_in_it(slices: int) -> None:
    """A perfect synthetic CT of thick slices is perfect beside a CT of thin ones."""
    thin = thin_ct(60, noise=20.0)
    perfect = thick_of(thin, slices)
    found, seen = resample_to(thin, perfect)
    assert seen.all()
    np.testing.assert_allclose(found.voxels, perfect.voxels, atol=1e-2)
    scored = evaluate(perfect, thin, preset="synthrad2023", resample=True)
    assert scored.metrics["mae_hu"] < 0.01
    assert any("means over larger voxels" in note for note in scored.notes)
    points, _ = resample_to(thin, perfect, means=False)
    assert np.abs(points.voxels - perfect.voxels).mean() > 10


def test_a_finer_grid_is_interpolated_alone() -> None:
    thick = thick_of(thin_ct(), 4)
    found, _ = resample_to(thick, thin_ct())
    points, _ = resample_to(thick, thin_ct(), means=False)
    np.testing.assert_array_equal(found.voxels, points.voxels)


def test_what_the_reference_does_not_cover_is_in_no_picture() -> None:
    """The colors of a difference and the histogram are of what both images show."""
    made = thin_ct(noise=4.0)
    half = Image(made.voxels[:20] + 2, make_affine((1, 1, 1)), "CT", "HU")
    real, seen = seen_on_grid(half, made)
    assert seen.mean() == pytest.approx(0.5)
    body = body_of(made)
    given = {"T1": Image(made.voxels + 1000, made.affine, "T1")}

    beyond = real.with_voxels(np.where(seen, real.voxels, 500.0))
    one, other = (plane_pictures(made, given, r, body, None, seen=seen) for r in (real, beyond))
    assert one[-1].alt == other[-1].alt
    values = [histogram_picture(made, given, r, body, seen).source for r in (real, beyond)]
    assert values[0] == values[1]
    assert values[0] != histogram_picture(made, given, real, body).source
    assert one[0].source == other[0].source, "axial slices lie where it reaches"
    assert one[-1].source != other[-1].source, "the reference itself is shown as it is"


def test_noise_is_measured_on_no_interpolated_image() -> None:
    rng = np.random.default_rng(1)
    noisy = Image(
        rng.normal(40, 12, (24, 160, 160)).astype(np.float32), make_affine((1, 1, 2)), "CT", "HU"
    )
    finer, _ = resample_to(noisy, Image(np.zeros((47, 160, 160)), make_affine((1, 1, 1))))
    assert set(noise_curves(noisy, {"CT": noisy}, finer)) == {"Input", "Synthetic CT"}
    assert noise_curves(finer, {"CT": noisy}, None) == {}


def test_what_a_cone_beam_did_not_see_is_not_scored() -> None:
    real = thin_ct()
    field = np.zeros(real.shape, dtype=np.bool_)
    field[:, :, :24] = True
    made = real.with_voxels(np.where(field, real.voxels, -1000.0))
    blind = evaluate(made, real, preset="synthrad2023").metrics
    scored = evaluate(made, real, preset="synthrad2023", field=field)
    assert blind["mae_hu"] > 400 > 1 > scored.metrics["mae_hu"]
    assert scored.metrics["dice_body"] == pytest.approx(1)
    assert any("beyond the scan that the image was made from" in note for note in scored.notes)
