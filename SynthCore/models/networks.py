"""The network that turns a few neighboring slices into one slice of the target."""

from __future__ import annotations

import copy
from collections.abc import Sequence, Sized

import torch
from torch import nn
from torch.nn import functional

LEAST_MULTIPLE = 16


def multiple_of(levels: Sized) -> int:
    """What the sides of a slice are padded to a multiple of, so that so many levels halve it."""
    return max(LEAST_MULTIPLE, 1 << (len(levels) - 1))


class SliceUNet(nn.Module):
    """A residual 2.5D U-Net: [N, roles x slices, H, W] in, [N, outputs, H, W] out.

    Nothing in it depends on the extent of the input: batch normalization is affine at inference
    (and can be folded into the convolutions, see `fold`), so a tile and the whole slice agree
    wherever the tile holds the receptive field.

    Parameters
    ----------
    in_channels : int
        Roles times slices.
    widths : sequence of int
        Channels of each level; H and W are multiples of ``2 ** (len(widths) - 1)``.
    norm : bool
        Batch normalization after each 3 x 3 convolution; published weights are folded: False.
    out_channels : int
        Channels of the output, one for each role that it can make.
    adds : int, optional
        Input channel that is added to the output: what is learned is the change to it.
    """

    def __init__(
        self,
        in_channels: int = 5,
        widths: Sequence[int] = (24, 48, 96, 192),
        norm: bool = True,
        out_channels: int = 1,
        adds: int | None = None,
    ) -> None:
        super().__init__()
        self.arguments = {
            "in_channels": in_channels,
            "widths": list(widths),
            "norm": norm,
            "out_channels": out_channels,
        } | ({} if adds is None else {"adds": adds})
        self.adds = adds
        befores = (in_channels, *widths[:-1])
        self.down = nn.ModuleList(
            Residual(a, b, norm) for a, b in zip(befores, widths, strict=True)
        )
        self.up = nn.ModuleList(
            Residual(low + high, high, norm)
            for low, high in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.out = nn.Conv2d(widths[0], out_channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, in_channels, H, W] to [N, out_channels, H, W]."""
        y, kept = x, []
        for level, block in enumerate(self.down):
            y = block(functional.max_pool2d(y, 2) if level else y)
            kept.append(y)
        kept.pop()
        for block in self.up:
            raised = functional.interpolate(y, scale_factor=2.0, mode="nearest")
            y = block(torch.cat([raised, kept.pop()], dim=1))
        made: torch.Tensor = self.out(y)
        return made if self.adds is None else made + x[:, self.adds : self.adds + 1]


class Residual(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut (1 x 1 where the width changes)."""

    def __init__(self, before: int, after: int, norm: bool) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, padding=1, bias=not norm)
        self.second = nn.Conv2d(after, after, 3, padding=1, bias=not norm)
        self.norm_first = nn.BatchNorm2d(after) if norm else nn.Identity()
        self.norm_second = nn.BatchNorm2d(after) if norm else nn.Identity()
        self.shortcut = nn.Conv2d(before, after, 1) if before != after else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, before, H, W] to [N, after, H, W]."""
        y = functional.relu(self.norm_first(self.first(x)))
        y = self.norm_second(self.second(y))
        return functional.relu(y + self.shortcut(x))


def fold(network: SliceUNet) -> SliceUNet:
    """The same function without batch normalization: its scale and shift go into the convolutions.

    Returns a new network in evaluation mode; `network` is left as it is.
    """
    folded = SliceUNet(**{**network.arguments, "norm": False}).eval()  # type: ignore[arg-type]
    if not network.arguments["norm"]:
        folded.load_state_dict(copy.deepcopy(network.state_dict()))
        return folded
    state = {
        name: value.clone()
        for name, value in network.state_dict().items()
        if not (".norm_first." in name or ".norm_second." in name)
    }
    for name, module in network.named_modules():
        if isinstance(module, Residual):
            for part in ("first", "second"):
                norm = getattr(module, f"norm_{part}")
                gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                weight = getattr(module, part).weight
                state[f"{name}.{part}.weight"] = (weight * gain[:, None, None, None]).detach()
                state[f"{name}.{part}.bias"] = (norm.bias - norm.running_mean * gain).detach()
    folded.load_state_dict(state)
    return folded
