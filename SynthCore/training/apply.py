"""Run a network over a volume in plain torch, as the engine does where one tile holds the slice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from SynthCore.models.card import MIRRORS
from SynthCore.models.networks import LEAST_MULTIPLE, SliceUNet, multiple_of
from SynthCore.training.crops import neighbors

Float32 = npt.NDArray[np.float32]


@torch.no_grad()
def predict_volume(network: nn.Module, channels: Float32, slices: int, output: int = 0) -> Float32:
    """One channel of the network's output, [k, j, i], for prepared inputs [role, k, j, i].

    Slices beyond the ends repeat the last one; rows and columns are padded at the far side to
    what the network's levels halve, by repeating the last.
    """
    device = next(network.parameters()).device
    training = network.training
    network.eval()
    _, depth, h, w = channels.shape
    side = multiple_of(network.down) if isinstance(network, SliceUNet) else LEAST_MULTIPLE
    pads = ((0, 0), (0, 0), (0, -h % side), (0, -w % side))
    padded = np.pad(channels, pads, mode="edge")
    out = np.empty((depth, h, w), dtype=np.float32)
    for k in range(depth):
        near = neighbors(k, slices, depth)
        stack = np.concatenate([*padded[:, near]])[None]
        x = torch.from_numpy(np.ascontiguousarray(stack)).to(device)
        x = x.contiguous(memory_format=torch.channels_last)
        out[k] = network(x)[0, output, :h, :w].float().cpu().numpy()
    network.train(training)
    return out


def predict_mean(
    network: nn.Module,
    channels: Float32,
    slices: int,
    mirrors: Sequence[str],
    output: int = 0,
) -> Float32:
    """The mean of `predict_volume` over an input and its `mirrors` (`SynthCore.engine.mean`)."""
    total = predict_volume(network, channels, slices, output)
    for axes in (MIRRORS[name] for name in mirrors):
        turned = np.ascontiguousarray(np.flip(channels, tuple(axis + 1 for axis in axes)))
        total += np.flip(predict_volume(network, turned, slices, output), axes)
    total /= np.float32(1 + len(mirrors))
    return total
