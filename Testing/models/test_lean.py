"""The network for inference computes what the published one does."""

from __future__ import annotations

import pytest
import torch

from SynthCore.models.lean import lean
from SynthCore.models.networks import SliceUNet


@pytest.mark.parametrize("size", [(16, 16), (64, 96), (80, 48)])
def test_fewer_multiplications_give_the_same_values(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    network = SliceUNet(in_channels=3, widths=(8, 16, 24), norm=False).eval()
    x = torch.rand(2, 3, *size)
    with torch.inference_mode():
        before, after = network(x), lean(network)(x)
    assert torch.max(torch.abs(before - after)) < 1e-5 * (before.max() - before.min())


def test_a_network_it_does_not_know_is_left_alone() -> None:
    network = torch.nn.Conv2d(5, 1, 3)
    assert lean(network) is network
    unfolded = SliceUNet(in_channels=3, widths=(8, 16))
    assert lean(unfolded) is unfolded
