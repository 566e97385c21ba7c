"""A reference that nobody acquired is told of wherever something is scored against it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from SynthCore.image import Image
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.real import not_real, not_synthetic, of_phantom


def test_marked_exchanged_and_the_same(ct_pair: tuple[Image, Image]) -> None:
    made, real = ct_pair
    assert not_real(real, made) == of_phantom(real) == ""
    marked = replace(real, synthetic="YES")
    assert not_real(marked, replace(made, synthetic="YES")).endswith("was not acquired.")
    assert not_real(marked, made).endswith("were the two images exchanged?")
    assert "voxel for voxel" in not_real(made.with_voxels(made.voxels.copy()), made)
    phantom = replace(real, synthetic="PHANTOM")
    assert not_real(phantom, made) == "" and "phantom" in of_phantom(phantom)


def test_what_is_to_be_judged_should_be_marked(ct_pair: tuple[Image, Image]) -> None:
    made = ct_pair[0]
    assert not_synthetic(replace(made, synthetic="YES")) == ""
    assert "not marked" in not_synthetic(made)
    assert "phantom" in not_synthetic(replace(made, synthetic="PHANTOM"))


@pytest.mark.parametrize(
    ("mark", "words"), [("YES", "marked as synthetic"), ("PHANTOM", "digital phantom")]
)
def test_a_score_says_it(ct_pair: tuple[Image, Image], mark: str, words: str) -> None:
    made, real = ct_pair
    told = evaluate(made, replace(real, synthetic=mark), preset="synthrad2023")  # type: ignore[arg-type]
    plain = evaluate(made, real, preset="synthrad2023")
    assert any(words in note for note in told.notes)
    assert not any(words in note for note in plain.notes)
    assert told.metrics == plain.metrics
