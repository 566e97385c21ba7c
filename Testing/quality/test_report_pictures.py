"""The pictures of a report: what is marked, and on which scale images are compared."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from io import BytesIO

import numpy as np
import PIL.Image
import pytest

from SynthCore.image import Image, make_affine
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.report_pictures import body_of, histogram_picture, plane_pictures


def test_a_picture_of_a_synthetic_input_or_reference_carries_the_word(
    ct_pair: tuple[Image, Image],
) -> None:
    made, reference = ct_pair
    body = body_of(made)

    def first(mr: Image, ct: Image) -> str:
        return plane_pictures(made, {"T1": mr}, ct, body, None)[0].source

    mr = Image(reference.voxels + 1000, reference.affine, "T1")
    plain = first(mr, reference)
    marked = [replace(mr, synthetic="YES"), replace(mr, synthetic="PHANTOM")]
    assert first(marked[0], reference) == first(marked[1], reference) != plain
    assert first(mr, replace(reference, synthetic="YES")) not in (
        plain,
        first(marked[0], reference),
    )


def test_an_mr_and_its_reference_are_compared_on_one_scale() -> None:
    rng = np.random.default_rng(0)
    _, j, i = np.mgrid[:9, :40, :40]
    head = (j - 20) ** 2 + (i - 20) ** 2 < 16**2
    real = Image(np.where(head, 300.0 + 5 * i + rng.normal(0, 9, head.shape), 0.0),
                 make_affine((1, 1, 2)), "FLAIR")  # fmt: skip
    made = real.with_voxels(real.voxels * 7 + 0)
    given = replace(real, modality="T2")
    evaluation = evaluate(made, real, preset="brasyn")
    assert evaluation.metrics["mae"] == pytest.approx(0, abs=1e-6)
    body = body_of(made)

    def difference(result: Image, inputs: dict[str, Image]) -> np.ndarray:
        """The last of the panels that stand side by side."""
        source = plane_pictures(result, inputs, real, body, None)[0].source
        pixels = np.asarray(PIL.Image.open(BytesIO(b64decode(source.partition(",")[2]))))
        return pixels[:, -pixels.shape[1] // 5 :]

    np.testing.assert_array_equal(difference(made, {"T2": given}), difference(real, {"T2": given}))
    told = histogram_picture(made, {"T2": given}, real, body)
    assert "scaled between its 0.5 and 99.5 percentiles" in told.caption
    assert told.source == histogram_picture(real, {"T2": given}, real, body).source
    # a filled hole keeps the scale of the image around it
    assert not np.array_equal(difference(made, {"FLAIR": real}), difference(real, {"FLAIR": real}))
