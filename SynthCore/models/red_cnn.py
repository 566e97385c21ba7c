"""RED-CNN, a published network for low-dose CT, to compare others with.

Chen et al., "Low-Dose CT With a Residual Encoder-Decoder Convolutional Neural Network", IEEE
Transactions on Medical Imaging 2017;36:2524, written from the paper.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import nn
from torch.nn import functional

LAYERS = 5
KERNEL = 5


class RedCNN(nn.Module):
    """Residual encoder-decoder: [N, slices, H, W] in, the change [N, 1, H, W] out.

    Five convolutions of 5 x 5 without padding, five transposed ones back to the input's size, a
    rectifier after each, and shortcuts from the input and from the second and fourth convolution
    to the layers of the same size. It differs from the paper in one place: the input is added to
    the output outside of the network (it predicts the change), and no rectifier follows, because
    HU have a sign.

    Parameters
    ----------
    in_channels : int
        Neighboring slices; the paper has one.
    width : int
        Channels of every layer; the paper has 96.
    """

    def __init__(self, in_channels: int = 1, width: int = 96) -> None:
        super().__init__()
        self.arguments = {"in_channels": in_channels, "width": width}
        before = (in_channels, *[width] * (LAYERS - 1))
        after = (*[width] * (LAYERS - 1), 1)
        self.down = nn.ModuleList(nn.Conv2d(channels, width, KERNEL) for channels in before)
        self.up = nn.ModuleList(nn.ConvTranspose2d(width, channels, KERNEL) for channels in after)

    @property
    def out(self) -> nn.ConvTranspose2d:
        """The last layer."""
        return cast(nn.ConvTranspose2d, self.up[-1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, in_channels, H, W] to [N, 1, H, W]; H and W are above 20."""
        kept: list[torch.Tensor] = []
        for level, layer in enumerate(self.down):
            x = functional.relu(layer(x))
            if level in (1, 3):
                kept.append(x)
        for level, layer in enumerate(self.up):
            x = layer(x)
            if level in (0, 2):
                x = x + kept.pop()
            if level < LAYERS - 1:
                x = functional.relu(x)
        return x
