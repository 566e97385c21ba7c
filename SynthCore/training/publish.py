"""Write a model folder: folded float16 weights, the card for programs, the card for people."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import nn

from SynthCore import __version__
from SynthCore.errors import InputError
from SynthCore.models.card import channel_names
from SynthCore.models.networks import SliceUNet, fold
from SynthCore.models.red_cnn import RedCNN
from SynthCore.staging import new_folder

Published = SliceUNet | RedCNN
"""Networks that a model folder may name by themselves and their arguments."""


def rounded(network: nn.Module) -> Published:
    """The network as it is published: normalization folded, weights rounded to float16."""
    if not isinstance(network, Published):
        raise TypeError(f"{type(network).__name__} is not among the networks that are published")
    final = fold(network) if isinstance(network, SliceUNet) else copy.deepcopy(network)
    return final.half().float().eval()


def parameters(network: nn.Module) -> int:
    """Number of weights."""
    return sum(p.numel() for p in network.parameters())


def publish(network: nn.Module, block: Mapping[str, Any], readme: str, folder: Path) -> Path:
    """Write the folder under a temporary name and rename it when it is whole.

    Parameters
    ----------
    network : torch.nn.Module
        One of `Published`, as trained; it is folded and rounded here (doing so twice changes
        nothing).
    block : mapping
        The card's ``synthcore`` block; its ``weights_sha256`` is filled in here.
    readme : str
        The card for people, Markdown.
    folder : Path
        To be made; its parent is made where it is missing.

    Raises
    ------
    InputError
        If there is a folder of that name.
    """
    if folder.exists():
        raise InputError(f"There is a {folder.name} already; give another --out or remove it.")
    final = rounded(network)
    tensors = {name: t.detach().half().contiguous() for name, t in final.state_dict().items()}
    weights = save(tensors)
    card = {**block, "weights_sha256": hashlib.sha256(weights).hexdigest()}
    target = f"{type(final).__module__}.{type(final).__name__}"
    definition = {"_target_": target, **final.arguments}
    with new_folder(folder) as part:
        for name in ("configs", "models", "docs"):
            (part / name).mkdir()
        (part / "models" / "model.safetensors").write_bytes(weights)
        _json(part / "configs" / "metadata.json", metadata(card))
        _json(part / "configs" / "inference.json", {"network_def": definition})
        (part / "docs" / "README.md").write_text(readme, encoding="utf-8", newline="\n")
    return folder


def metadata(card: Mapping[str, Any]) -> dict[str, Any]:
    """MONAI bundle metadata around the ``synthcore`` block."""
    takes = "same" if card["target"] == "same" else card.get("takes", "all")
    prepare = card["prepare"]
    mask, planes = prepare.get("mask_channel", False), prepare.get("planes", "slices")
    outputs = max(1, len(card["output"].get("channels", [])))
    guess = prepare.get("first_guess", False)
    names = channel_names(card["inputs"], takes, mask, planes, guess)
    channels = len(names) * prepare["slices"]

    def tensor(kind: str, count: int) -> dict[str, Any]:
        return {
            "type": "image",
            "format": kind,
            "num_channels": count,
            "spatial_shape": [f"{prepare.get('multiple_of', 16)}*n"] * 2,
            "dtype": "float32",
            "value_range": [],
            "is_patch_data": True,
            "channel_def": {str(n): f"channel {n}" for n in range(count)},
        }

    return {
        "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/"
        "meta_schema_20240725.json",
        "version": card.get("version", "0.1.0"),
        "changelog": card.get("changelog", {"0.1.0": "first version"}),
        "monai_version": "1.6.0",
        "pytorch_version": torch.__version__.split("+")[0],
        "numpy_version": "2.0.0",
        "required_packages_version": {"SynthCore": __version__},
        "name": card["id"],
        "task": card["task"],
        "description": card["intended_use"],
        "authors": "SlicerSynth",
        "copyright": "",
        "intended_use": card["intended_use"],
        "network_data_format": {
            "inputs": {"image": tensor("magnitude", channels)},
            "outputs": {"pred": tensor("magnitude", outputs)},
        },
        "synthcore": dict(card),
    }


def _json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8",
                    newline="\n")  # fmt: skip
