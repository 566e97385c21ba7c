"""The network: folding, rounding, and independence of the tile."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from SynthCore.models.networks import SliceUNet, fold
from SynthCore.training.networks import make_network
from SynthCore.training.publish import parameters, rounded
from SynthCore.training.registry import ROOMS, get_recipe


def _trained_looking(seed: int = 0) -> SliceUNet:
    torch.manual_seed(seed)
    network = SliceUNet(5, (8, 16, 24, 32))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
    return network.eval()


def test_folding_keeps_the_function() -> None:
    network, x = _trained_looking(), torch.randn(2, 5, 48, 64)
    with torch.no_grad():
        assert torch.allclose(fold(network)(x), network(x), atol=1e-5)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in fold(network).modules())


def test_folding_twice_changes_nothing() -> None:
    once = rounded(_trained_looking())
    again = rounded(once)
    assert all(
        torch.equal(a, b) for a, b in zip(once.parameters(), again.parameters(), strict=True)
    )


def test_a_tile_and_the_whole_slice_agree_where_the_tile_holds_the_receptive_field() -> None:
    network, x = rounded(_trained_looking()), torch.randn(1, 5, 256, 256)
    with torch.no_grad():
        whole = network(x)
        # tiles lie on multiples of the deepest stride; 64 pixels are more than the field's radius
        tile = network(x[..., 32:224, 32:224])
    assert torch.allclose(tile[..., 64:-64, 64:-64], whole[..., 96:-96, 96:-96], atol=1e-4)


@pytest.mark.parametrize("name", ROOMS)
def test_weights_of_every_recipe_fit_in_nine_megabytes(name: str) -> None:
    recipe = get_recipe(name)
    assert recipe.name == name
    count = parameters(rounded(make_network(recipe)))
    assert 100_000 < count < 4_400_000
