"""Nothing of the digital head is taken for text, and text burned into it is found."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.dicom.deidentify.burned_in import find_text
from SynthCore.physics.mr_scan import acquire_mr
from SynthCore.physics.phantom.head import make_head
from SynthCore.physics.slices import make_texture
from Testing.dicom.deidentify.test_pictures import covered, with_text


@pytest.fixture(scope="module")
def head() -> dict[str, np.ndarray]:
    """Scans of the demo study of seed 1, as `(slice, row, column)`."""
    phantom = make_head(1)
    texture = make_texture(phantom, 1)
    return {
        role: np.rint(acquire_mr(phantom, role, seed=1, texture=texture).voxels).astype(np.int16)
        for role in ("T1c", "FLAIR", "PD")
    }


def looked_at(frames: np.ndarray) -> np.ndarray:
    """The slices that de-identification looks at."""
    return frames[np.unique(np.linspace(0, len(frames) - 1, 24).round().astype(int))]


@pytest.mark.parametrize("role", ["T1c", "FLAIR", "PD"])
def test_a_head_without_text_has_none(head: dict[str, np.ndarray], role: str) -> None:
    """Neither noise above the vertex nor the walls of nose and orbits, from whichever slice on."""
    frames = head[role]
    assert find_text(looked_at(frames)) == ()
    for first in range(12):
        assert find_text(frames[first::12]) == ()


def test_noise_alone_has_no_text() -> None:
    rng = np.random.default_rng(5)
    for _ in range(8):
        air = np.hypot(*rng.normal(0, 20, (2, 256, 256))).astype(np.int16)
        assert find_text(air[None]) == ()


@pytest.mark.parametrize("size", [8, 12, 16, 24])
@pytest.mark.parametrize("place", [(3, 3), (4, 226), (64, 128)])
def test_text_on_a_head_is_found(
    head: dict[str, np.ndarray], size: int, place: tuple[int, int]
) -> None:
    frames = looked_at(head["FLAIR"])
    drawn, ink = with_text(frames, size, place)
    assert covered(find_text(drawn), ink) > 0.8
    as_bytes = (drawn * (255.0 / drawn.max())).astype(np.uint8)
    assert covered(find_text(as_bytes), ink) > 0.8
