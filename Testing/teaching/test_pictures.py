"""The mark in a picture of a slice, whatever its shape."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image as Pillow

from SynthCore.quality.display import Window
from SynthCore.teaching.pictures import gray_picture


@pytest.mark.parametrize("size", [(320, 320), (40, 400), (400, 40), (320, 12), (81, 30)])
def test_the_whole_word_is_in_a_picture_of_any_shape(size: tuple[int, int]) -> None:
    def drawn(synthetic: bool) -> np.ndarray:
        flat = np.full((20, 20), 300.0)
        made = gray_picture(flat, Window(0.0, 1000.0, ""), size, synthetic=synthetic, quality=95)
        data = base64.b64decode(made.partition(",")[2])
        return np.asarray(Pillow.open(io.BytesIO(data)), dtype=int)

    apart = np.abs(drawn(True) - drawn(False)) > 60
    rows, columns = np.flatnonzero(apart.any(axis=1)), np.flatnonzero(apart.any(axis=0))
    spread = sorted((int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1))
    assert 4 <= spread[1] / spread[0] <= 9, "a word, and not the half of one"
    # nothing of it is cut off by the edge
    assert not (apart[0].any() and apart[-1].any() and size[1] > 20)
    assert not apart[:, -1].any()
