"""Slabs of generated heads have the scale of the whole head, and every sequence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.training.sequence import generated
from SynthCore.training.sequence.sampler import SequenceSampler
from SynthCore.training.sequence.studies import ROLES, Study
from Testing.physics.generator.head_map import small_head


@pytest.fixture(scope="module")
def head() -> Iterator[Anatomy]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield read_anatomy(torch.from_numpy(small_head()))
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def slabs(head: Anatomy) -> Iterator[list[Study]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated, "SLAB", (4, 48, 48))
        patch.setattr(generated, "AROUND_MM", (4.0, 4.0, 4.0))
        patch.setattr(generated, "SURVEY_MM", 4.0)
        yield generated.make_slabs([head], 4, 3)


def test_a_slab_has_every_sequence_in_the_scale_of_the_brain(slabs: list[Study]) -> None:
    for one in slabs:
        assert one.roles == ROLES and one.voxels.shape == (5, 4, 48, 48) and one.generated
        tops = [np.percentile(role[one.brain], 99.5) for role in one.voxels.astype(np.float32)]
        assert all(0.5 < top < 3.5 for top in tops), tops
        assert not one.lesion[~one.brain].any()
        outside = one.voxels[:, ~one.brain]
        assert bool(outside.any()) == one.skull
    # with a skull or without: drawn
    assert len({one.skull for one in slabs}) == 2


def test_the_same_seed_gives_the_same_slab(head: Anatomy, slabs: list[Study]) -> None:
    again = generated.make_slabs([head], 1, 3)[0]
    np.testing.assert_array_equal(again.voxels, slabs[0].voxels)


def test_generated_slabs_alone_make_a_batch_without_patients(slabs: list[Study]) -> None:
    sampler = SequenceSampler((), slabs, 0.0, 3, 8, 32)
    batch = sampler.draw(np.random.default_rng(0))
    assert sampler.patients == []
    assert batch.x.shape == (8, 15, 32, 32) and batch.y.shape == (8, 5, 32, 32)
    assert (batch.weight.sum(dim=(0, 2, 3)) > 0).sum() >= 4


def test_a_whole_head_is_stripped_or_not(head: Anatomy) -> None:
    for stripped in (True, False):
        one = generated.make_whole(np.random.default_rng(1), head, stripped)
        assert one.skull is not stripped
        assert bool(one.voxels[:, ~one.brain].any()) is not stripped
