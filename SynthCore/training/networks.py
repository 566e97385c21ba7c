"""Make the network a recipe names."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from SynthCore.models.networks import SliceUNet
from SynthCore.training.recipe import Recipe


def _slice_unet(recipe: Recipe) -> nn.Module:
    network = SliceUNet(recipe.in_channels, recipe.widths, out_channels=len(recipe.outputs))
    if recipe.zero_start:
        nn.init.zeros_(network.out.weight)
        nn.init.zeros_(network.out.bias)  # type: ignore[arg-type]
    return network


NETWORKS: dict[str, Callable[[Recipe], nn.Module]] = {"slice-unet": _slice_unet}
"""By the name in a recipe."""


def make_network(recipe: Recipe) -> nn.Module:
    """A network with fresh weights, [n, channels, h, w] to [n, outputs, h, w]."""
    return NETWORKS[recipe.network](recipe)
