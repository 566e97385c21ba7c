"""The network for inference computes what the published one does."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
import pytest
import torch

from SynthCore.engine.lean import lean
from SynthCore.models.networks import SliceUNet
from SynthCore.models.red_cnn import RedCNN


def run(model: ov.Model, x: torch.Tensor) -> npt.NDArray[np.float32]:
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.asarray(compiled({0: x.numpy()})[0])


@pytest.mark.parametrize("size", [(16, 16), (64, 96), (80, 48)])
@pytest.mark.parametrize("more", [{}, {"out_channels": 3}, {"adds": 1}])
def test_fewer_multiplications_give_the_same_values(
    size: tuple[int, int], more: dict[str, Any]
) -> None:
    torch.manual_seed(0)
    network = SliceUNet(in_channels=3, widths=(8, 16, 24), norm=False, **more).eval()
    x = torch.rand(2, 3, *size)
    with torch.inference_mode():
        before = network(x).numpy()
    model = lean(network, (2, 3, *size))
    assert model is not None
    after = run(model, x)
    assert after.shape == before.shape
    assert np.abs(before - after).max() < 1e-5 * np.ptp(before)


def test_a_block_without_a_shortcut_of_its_own() -> None:
    torch.manual_seed(1)
    network = SliceUNet(in_channels=8, widths=(8, 16), norm=False).eval()
    x = torch.rand(1, 8, 32, 16)
    with torch.inference_mode():
        before = network(x).numpy()
    model = lean(network, (1, 8, 32, 16))
    assert model is not None
    assert np.abs(before - run(model, x)).max() < 1e-5 * np.ptp(before)


def test_a_network_it_does_not_know_is_left_alone() -> None:
    assert lean(RedCNN(1, 8), (1, 1, 64, 64)) is None
    assert lean(SliceUNet(in_channels=3, widths=(8, 16)), (1, 3, 64, 64)) is None
