"""A small learned model whose card has a calibration, so that it can tell its uncertainty."""

from __future__ import annotations

from pathlib import Path


def write_calibrated(folder: Path) -> Path:
    """Write it; the name of the folder is its id."""
    import torch

    from Testing.engine.conftest import write_bundle
    from Testing.engine.test_uncertainty import calibration, with_calibration

    torch.manual_seed(5)
    network = torch.nn.Conv2d(1, 1, 3, padding=1)
    definition = {"_target_": "torch.nn.Conv2d", "in_channels": 1, "out_channels": 1,
                  "kernel_size": 3, "padding": 1}  # fmt: skip
    settings = {"slices": 1, "tile": [64, 64], "normalization": {"T1": {"kind": "percentile"}}}
    made = write_bundle(folder, network, definition, prepare=settings, output={"scale": 1000.0})
    return with_calibration(made, calibration("flip-i", "brighter"))
