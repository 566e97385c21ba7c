"""Make the network a recipe names."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from SynthCore.models.networks import SliceUNet
from SynthCore.models.red_cnn import RedCNN
from SynthCore.training.recipe import Recipe


def _slice_unet(recipe: Recipe, adds: int | None = None) -> nn.Module:
    network = SliceUNet(recipe.in_channels, recipe.widths, out_channels=len(recipe.outputs),
                        adds=adds)  # fmt: skip
    if recipe.zero_start:
        nn.init.zeros_(network.out.weight)
        nn.init.zeros_(network.out.bias)  # type: ignore[arg-type]
    return network


def _changing(recipe: Recipe) -> nn.Module:
    """It learns the change to the middle slice of its first channel."""
    return _slice_unet(recipe, adds=recipe.slices // 2)


def _red_cnn(recipe: Recipe) -> nn.Module:
    network = RedCNN(recipe.in_channels, recipe.widths[0])
    if recipe.zero_start:
        nn.init.zeros_(network.out.weight)
        nn.init.zeros_(network.out.bias)  # type: ignore[arg-type]
    return network


NETWORKS: dict[str, Callable[[Recipe], nn.Module]] = {
    "slice-unet": _slice_unet,
    "changing-slice-unet": _changing,
    "red-cnn": _red_cnn,
}
"""By the name in a recipe."""


def make_network(recipe: Recipe) -> nn.Module:
    """A network with fresh weights, [n, channels, h, w] to [n, outputs, h, w]."""
    return NETWORKS[recipe.network](recipe)
