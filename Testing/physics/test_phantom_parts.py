import numpy as np
import pytest

from SynthCore.physics.phantom import bones, cavities, cerebrum, deep, shapes, soft, vessels
from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.layers import Grid
from SynthCore.physics.phantom.noise import labyrinth, smooth_noise
from SynthCore.physics.phantom.solids import blob, pipe, slab
from SynthCore.physics.tissues import LABELS

GRID = Grid((40, 50, 60), 1.0, (-30.0, 25.0, -20.0))


def a_canvas(grid=GRID, seed=0):
    return Canvas(grid, np.random.default_rng(seed))


def test_grid_places_voxels_alike_in_head_and_patient_space():
    x, a, z = (np.broadcast_to(p, GRID.shape) for p in GRID.points())
    i, j, k = 7, 11, 13
    place = GRID.affine @ (i, j, k, 1)
    np.testing.assert_allclose(place[:3], (x[k, j, i], -a[k, j, i], z[k, j, i]))


def test_region_holds_exactly_the_voxels_between_its_corners():
    region = GRID.region((-5, -4, -3), (6, 7, 8))
    x, a, z = (np.broadcast_to(p, GRID.shape)[region] for p in GRID.points())
    assert (x.min(), x.max(), z.min(), z.max()) == (-5, 6, -3, 8)
    assert (a.min(), a.max()) == (-4, 7)
    assert GRID.region((200, 0, 0), (300, 1, 1))[2] == slice(60, 60)


def test_sphere_segment_and_box_measure_distance():
    points = tuple(np.array(v, dtype=np.float32) for v in ([5.0, 0.0], [0.0, 0.0], [0.0, 9.0]))
    np.testing.assert_allclose(shapes.ellipsoid(points, (0, 0, 0), (3, 3, 3)), [2, 6], atol=1e-5)
    np.testing.assert_allclose(shapes.segment(points, (0, 0, 0), (0, 0, 4), 1.0), [4, 4], atol=1e-5)
    np.testing.assert_allclose(shapes.box(points, (0, 0, 0), (1, 1, 1)), [4, 8], atol=1e-5)


def test_blended_union_covers_both_and_rounds_the_seam():
    points = tuple(np.linspace(-10, 10, 41, dtype=np.float32) * f for f in (1, 0, 0))
    first = shapes.ellipsoid(points, (-4, 0, 0), (4, 4, 4))
    second = shapes.ellipsoid(points, (4, 0, 0), (4, 4, 4))
    plain, blended = shapes.union(first, second), shapes.union(first, second, blend=3.0)
    assert np.all(blended <= plain)
    assert blended[20] < plain[20] - 0.5


def solids():
    tables = [*soft.PAIRED_MUSCLES, *soft.MIDLINE_MUSCLES, *soft.GLANDS, *soft.AIRWAY]
    tables += [s for s, _ in (*bones.MARROW_BONES, *bones.MIDLINE_BONES)] + [*bones.THIN_BONES]
    tables += [bones.ORBIT, bones.MANDIBLE, bones.UPPER_ARCH, bones.PALATE, cerebrum.CALLOSUM]
    tables += [*cavities.NASAL, *cavities.SINUSES, *cavities.EYE_MUSCLES, cavities.EYE]
    tables += [s for _, s in deep.PAIRED]
    tables += [
        deep.LATERAL_VENTRICLE,
        deep.CAUDATE,
        deep.MIDBRAIN,
        deep.PONS,
        deep.MEDULLA,
        deep.CORD,
    ]
    tables += [deep.FOURTH_VENTRICLE, *vessels.PAIRED_VESSELS, *vessels.MIDLINE_VESSELS]
    tables += [blob((0, 0, 0), (2, 9, 4), (2, 40), (0, 20)), slab((1, 2, 3), (9, 1, 4), 1, (1, 30))]
    return [*tables, tables[0].grown(2.0), pipe([(0, 0, 0), (9, 9, 9)], 2.0, wide=(2, 1, 0.5))]


@pytest.mark.parametrize("solid", solids())
def test_every_solid_lies_within_its_bounds(solid):
    axes = [
        np.linspace(low - 12, high + 12, 48, dtype=np.float32)
        for low, high in zip(solid.low, solid.high, strict=True)
    ]
    points = tuple(np.meshgrid(*axes, indexing="ij"))
    inside = solid.distance(points) < 0
    for axis, (low, high) in enumerate(zip(solid.low, solid.high, strict=True)):
        held = points[axis][inside]
        assert held.size == 0 or (held.min() >= low - 1.0 and held.max() <= high + 1.0)


def test_paired_solids_are_painted_on_both_sides():
    canvas = a_canvas()
    canvas.add("muscle", blob((12, 3, 1), (4, 5, 6)), both=True)
    canvas.add("fat", blob((0, 0, 0), (3, 3, 3)), strength=0.5)
    labels = canvas.phantom().labels(LABELS).voxels
    muscle = labels == LABELS["muscle"]
    assert muscle.sum() == pytest.approx(2 * 4 / 3 * np.pi * 4 * 5 * 6, rel=0.05)
    np.testing.assert_array_equal(muscle[..., 1:], muscle[..., :0:-1])


def test_signals_mix_by_share():
    canvas = a_canvas()
    canvas.paint("muscle", canvas.points[0] - 0.25)  # 3/4 of the voxels at x = 0
    values = dict.fromkeys(LABELS, 0.0) | {"muscle": 8.0}
    volume = canvas.phantom().render(values, 0.0)
    middle = int(-GRID.origin[0])
    assert volume[0, 0, middle - 1] == 8.0
    assert volume[0, 0, middle] == pytest.approx(6.0, abs=0.05)
    assert volume[0, 0, middle + 1] == 0.0


def test_texture_stays_inside_its_tissue():
    canvas = a_canvas()
    canvas.add("fat", blob((0, 0, 0), (8, 8, 8)))
    texture = canvas.noise(3.0)
    flat = canvas.phantom().render(dict.fromkeys(LABELS, 5.0), 5.0)
    rough = canvas.phantom().render(dict.fromkeys(LABELS, 5.0), 5.0, texture, {"fat": 1.0})
    assert np.all(flat == 5.0)
    assert rough[20, 25, 30] == pytest.approx(5.0 + texture[20, 25, 30], rel=1e-5)
    assert rough[0, 0, 0] == 5.0


def test_broadly_evaluated_fields_equal_the_direct_ones():
    canvas = a_canvas(Grid((21, 30, 41), 1.0, (-20.0, 15.0, -10.0)))
    broad = canvas.broadly(lambda p: 2 * p[0] - p[1] + 0.5 * p[2])
    x, a, z = canvas.points
    np.testing.assert_allclose(
        broad[:-1, :-1, :-1], (2 * x - a + 0.5 * z)[:-1, :-1, :-1], atol=1e-3
    )


def test_smooth_noise_has_unit_spread_and_its_scale():
    random = np.random.default_rng(0)
    field = smooth_noise((90, 100, 110), 1.0, 5.0, random)
    assert field.std() == pytest.approx(1.0, rel=0.15)
    assert abs(field.mean()) < 0.1
    neighbors = np.corrcoef(field[..., :-1].ravel(), field[..., 1:].ravel())[0, 1]
    apart = np.corrcoef(field[..., :-25].ravel(), field[..., 25:].ravel())[0, 1]
    assert neighbors > 0.9
    assert abs(apart) < 0.1


def test_labyrinth_winds_at_its_wavelength():
    field = labyrinth((64, 64, 64), 2.0, 20.0, np.random.default_rng(0))
    power = np.abs(np.fft.fftn(field)) ** 2
    frequency = np.sqrt(sum(f**2 for f in np.meshgrid(*[np.fft.fftfreq(64, 2.0)] * 3)))
    assert (power * frequency).sum() / power.sum() == pytest.approx(1 / 20, rel=0.1)
    assert field.std() == pytest.approx(1.0, rel=1e-3)
