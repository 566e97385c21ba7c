"""RED-CNN as its paper describes it."""

from __future__ import annotations

import pytest
import torch

from SynthCore.models.red_cnn import RedCNN


def test_the_network_of_the_paper_has_as_many_weights() -> None:
    # ten layers of 5 x 5 and 96 channels
    assert sum(p.numel() for p in RedCNN(1, 96).parameters()) == 1_848_865


def test_the_size_comes_back_whatever_it_is() -> None:
    for shape in ((1, 1, 32, 32), (2, 1, 45, 61)):
        assert RedCNN(1, 4)(torch.zeros(shape)).shape == shape


def test_shortcuts_carry_each_pixel_to_its_own_place() -> None:
    network = RedCNN(1, 2)
    for layer in (*network.down, *network.up):
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        layer.weight.data[:, :, 2, 2] = 0.5  # the middle tap alone
    x = torch.zeros(1, 1, 40, 40)
    x[0, 0, 13, 22] = 1.0
    with torch.no_grad():
        y = network(x)
    assert float(y[0, 0, 13, 22]) > 0.1
    y[0, 0, 13, 22] = 0
    assert float(y.abs().max()) == pytest.approx(0, abs=1e-6)


def test_what_is_seen_reaches_twenty_pixels_far() -> None:
    torch.manual_seed(0)
    network = RedCNN(1, 8)
    x = torch.rand(1, 1, 64, 64)
    changed = x.clone()
    changed[0, 0, 32, 32] += 1.0
    with torch.no_grad():
        difference = (network(changed) - network(x))[0, 0].abs() > 0
    columns = difference.any(dim=0).nonzero().ravel()
    assert int(columns.min()) >= 32 - 20 and int(columns.max()) <= 32 + 20
    assert int(columns.max()) > 40
