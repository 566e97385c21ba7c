"""Networks whose output is known, in real model folders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save


def write_bundle(
    folder: Path,
    network: torch.nn.Module,
    definition: dict[str, Any],
    **block: Any,
) -> Path:
    """A model folder like those of the library, around any network of the allow-list."""
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    weights = save({k: v.contiguous() for k, v in network.state_dict().items()})
    (folder / "models" / "model.safetensors").write_bytes(weights)
    card = {
        "id": folder.name,
        "task": "mr-to-ct",
        "inputs": ["T1"],
        "target": "CT",
        "unit": "HU",
        "kind": "network",
        "anatomy": "anything",
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
    } | block
    (folder / "configs" / "metadata.json").write_text(
        json.dumps({"version": "1.0.0", "synthcore": card})
    )
    (folder / "configs" / "inference.json").write_text(json.dumps({"network_def": definition}))
    return folder


@pytest.fixture
def an_identity_bundle(tmp_path: Path) -> Callable[..., Path]:
    """A folder whose network returns the middle slice of its input, unchanged."""

    def make(name: str = "identity", *, slices: int = 5, tile: int = 64, **prepare: Any) -> Path:
        network = torch.nn.Conv2d(slices, 1, 3, padding=1, bias=False)
        with torch.no_grad():
            network.weight.zero_()
            network.weight[0, slices // 2, 1, 1] = 1.0
        definition = {
            "_target_": "torch.nn.Conv2d",
            "in_channels": slices,
            "out_channels": 1,
            "kernel_size": 3,
            "padding": 1,
            "bias": False,
        }
        settings = {
            "slices": slices,
            "tile": [tile, tile],
            "multiple_of": 16,
            "normalization": {
                "T1": {"kind": "linear", "offset": 0, "scale": 1000, "low": -10, "high": 10}
            },
        } | prepare
        return write_bundle(
            tmp_path / name, network, definition, prepare=settings, output={"scale": 1000.0}
        )

    return make
