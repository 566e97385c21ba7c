import numpy as np
import pytest

from SynthCore.physics.ct_projection import (
    back_project,
    filter_rows,
    project,
    slice_coordinates,
)


def a_disk(size, spacing, radius, center=(0.0, 0.0), fine=5):
    """A disk of value 1 with partial volume at its rim."""
    x, y = slice_coordinates((size * fine, size * fine), (spacing[0] / fine, spacing[1] / fine))
    inside = np.hypot(x[None, :] - center[0], y[:, None] - center[1]) < radius
    return inside.reshape(size, fine, size, fine).mean(axis=(1, 3)).astype(np.float32)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (1.5, 1.0)])
def test_projection_of_a_disk_is_its_chord(spacing):
    radius, center = 40.0, (12.0, -20.0)
    disk = a_disk(160, spacing, radius, center)
    distances = np.linspace(-75, 75, 151, dtype=np.float32)
    sinogram = project(disk, spacing, distances, 24)
    for view, angle in enumerate(np.pi * np.arange(24) / 24):
        offset = distances - (center[0] * np.cos(angle) + center[1] * np.sin(angle))
        chord = 2 * np.sqrt(np.clip(radius**2 - offset**2, 0, None))
        inner = np.abs(offset) < 0.9 * radius
        np.testing.assert_allclose(sinogram[view, inner], chord[inner], rtol=0.015)
        assert np.all(sinogram[view, np.abs(offset) > radius + 2] == 0)


def test_filtered_back_projection_returns_the_disk_where_it_was():
    spacing, pitch = (1.0, 1.0), 0.5
    disk = a_disk(128, spacing, 30.0, (10.0, 15.0))
    distances = (np.arange(401, dtype=np.float32) - 200) * np.float32(pitch)
    sinogram = project(disk, spacing, distances, 240)
    image = back_project(
        filter_rows(sinogram, pitch, "sharp"), float(distances[0]), pitch, disk.shape, spacing
    )
    x, y = slice_coordinates(disk.shape, spacing)
    distance = np.hypot(x[None, :] - 10, y[:, None] - 15)
    assert image[distance < 26].mean() == pytest.approx(1.0, abs=0.01)
    assert np.abs(image[(distance > 34) & (distance < 45)]).mean() < 0.02
    # half height on the rim: neither shifted nor scaled
    assert np.corrcoef(image.ravel(), disk.ravel())[0, 1] > 0.99
