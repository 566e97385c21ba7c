"""The same network with a fifth fewer multiplications, for inference.

In a decoder, a 3 x 3 convolution reads a feature map that was doubled by repeating each value.
Its nine taps then see only four different values, so the sum is that of a transposed convolution
of stride 2 over the small map with a 4 x 4 kernel: 4 multiplications a voxel instead of 9. A 1 x 1
convolution commutes with the repetition and is done before it. Both are exact but for rounding.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from SynthCore.models.networks import Residual, SliceUNet, down_and_up


def lean(network: nn.Module) -> nn.Module:
    """A network that computes the same in less time, or the network itself if none is known."""
    if isinstance(network, SliceUNet) and not network.arguments["norm"]:
        return LeanSliceUNet(network).eval()
    return network


class LeanSliceUNet(nn.Module):
    """`SliceUNet` without batch normalization, its decoder rewritten as the module says."""

    def __init__(self, network: SliceUNet) -> None:
        super().__init__()
        self.down = network.down
        self.up = nn.ModuleList(_LeanUp(block) for block in network.up)  # type: ignore[arg-type]
        self.out = network.out
        self.adds = network.adds

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, in_channels, H, W] to [N, 1, H, W]."""

        def join(block: nn.Module, small: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
            joined: torch.Tensor = block(small, kept)
            return joined

        y: torch.Tensor = self.out(down_and_up(self.down, self.up, join, x))
        return y if self.adds is None else y + x[:, self.adds : self.adds + 1]


class _LeanUp(nn.Module):
    """A decoder's `Residual` over a small map and a skip connection of twice its size."""

    def __init__(self, block: Residual) -> None:
        super().__init__()
        after = block.first.out_channels
        raised = block.first.in_channels - after
        weight = block.first.weight.detach()
        shortcut = block.shortcut.weight.detach()  # type: ignore[operator]
        self.first_raised = nn.ConvTranspose2d(raised, after, 4, stride=2, padding=1, bias=False)
        self.first_kept = nn.Conv2d(after, after, 3, padding=1)
        self.shortcut_raised = nn.Conv2d(raised, after, 1, bias=False)
        self.shortcut_kept = nn.Conv2d(after, after, 1)
        self.second = block.second
        with torch.no_grad():
            self.first_raised.weight.copy_(_transposed(weight[:, :raised]))
            self.first_kept.weight.copy_(weight[:, raised:])
            self.first_kept.bias.copy_(block.first.bias)  # type: ignore[union-attr, arg-type]
            self.shortcut_raised.weight.copy_(shortcut[:, :raised])
            self.shortcut_kept.weight.copy_(shortcut[:, raised:])
            self.shortcut_kept.bias.copy_(block.shortcut.bias)  # type: ignore[union-attr, arg-type]

    def forward(self, small: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
        """[N, raised, H / 2, W / 2] and [N, after, H, W] to [N, after, H, W]."""
        y = functional.relu(self.first_raised(small) + self.first_kept(kept))
        low = functional.interpolate(self.shortcut_raised(small), scale_factor=2.0, mode="nearest")
        return functional.relu(self.second(y) + self.shortcut_kept(kept) + low)


def _transposed(weight: torch.Tensor) -> torch.Tensor:
    """3 x 3 weights [after, before, 3, 3] as those of the transposed convolution.

    Along one axis, doubled rows 2r and 2r + 1 hold row r. The taps (a, b, c) of output row 2r
    read rows (r - 1, r, r), those of row 2r + 1 read (r, r, r + 1); a transposed convolution of
    stride 2 and padding 1 with the taps (c, b + c, a + b, a) sums the same.
    """
    combine = weight.new_tensor([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]])
    taps = torch.einsum("yj,abji,xi->bayx", combine, weight, combine)
    return taps.contiguous()
