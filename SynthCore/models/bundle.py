"""A model folder (MONAI bundle): read its card, verify its weights, build its network.

A folder is untrusted input. Nothing in it is executed: the network comes from an allow-list of
classes, the weights from safetensors whose SHA-256 the card states, and files of other formats
than a few harmless ones are refused where they lie.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SynthCore.errors import ModelError
from SynthCore.models.allowlist import refuse_files
from SynthCore.models.card import Card
from SynthCore.models.parse_card import parse_card

if TYPE_CHECKING:
    import torch

METADATA = Path("configs/metadata.json")
CONFIG = Path("configs/inference.json")
WEIGHTS = Path("models/model.safetensors")

MAX_JSON_BYTES = 4 << 20
MAX_WEIGHTS_BYTES = 2 << 30


@dataclass(frozen=True)
class Bundle:
    """A model folder whose card was read; weights are read by `load_network` only."""

    folder: Path
    card: Card

    @property
    def name(self) -> str:
        """The model's id."""
        return self.card.id


def open_bundle(folder: Path) -> Bundle:
    """Read the card of a model folder.

    Raises
    ------
    ModelError
        If the folder is no bundle, holds a file of a format not allowed, or its card is wrong.
    """
    folder = Path(folder)
    try:
        if not (folder / METADATA).is_file():
            raise ModelError(
                f"The folder {folder.name} is not a model: it has no {METADATA.as_posix()}; "
                "give a MONAI bundle with a synthcore card."
            )
        refuse_files(folder)
    except OSError as error:
        raise ModelError(
            f"The model folder {folder.name} cannot be read ({error.strerror}); see who may."
        ) from error
    return Bundle(folder, parse_card(read_json(folder / METADATA), folder.name))


def verify_weights(bundle: Bundle) -> None:
    """Compare the weights' SHA-256 with the card's.

    Raises
    ------
    ModelError
        If the file is missing or its hash differs.
    """
    if bundle.card.kind == "network":
        _verified_bytes(bundle)


def load_network(bundle: Bundle) -> torch.nn.Module:
    """The bundle's network with its weights, in float32 and evaluation mode.

    Raises
    ------
    ModelError
        If the weights are missing or altered, or the network does not fit them or the card.
    """
    from safetensors.torch import load as load_tensors

    from SynthCore.models.build import build_fitting

    data = _verified_bytes(bundle)
    config = read_json(bundle.folder / CONFIG)
    definition = config.get("network_def") if isinstance(config, dict) else None
    try:
        weights = load_tensors(data)
    except Exception as error:  # safetensors raises its own types
        raise ModelError(
            f"The weights of the model {bundle.name} are no safetensors; get the folder again."
        ) from error
    return build_fitting(definition, bundle.name, weights, bundle.card)


def read_json(path: Path) -> Any:
    """A JSON file of a model folder, whatever is in it.

    Raises
    ------
    ModelError
        If it is missing, too large, or no JSON.
    """
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise ModelError(f"{path.name} of a model is larger than {MAX_JSON_BYTES >> 20} MB.")
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(
            f"{path.name} of the model folder {path.parent.parent.name} cannot be read as JSON; "
            "get the folder again."
        ) from error


def _verified_bytes(bundle: Bundle) -> bytes:
    path = bundle.folder / WEIGHTS
    try:
        if path.stat().st_size > MAX_WEIGHTS_BYTES:
            raise ModelError(f"The weights of the model {bundle.name} are too large to load.")
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The model {bundle.name} has no {WEIGHTS.as_posix()}; get the folder again."
        ) from error
    # hashed and loaded from the same bytes, so that the file cannot change in between
    if hashlib.sha256(data).hexdigest() != bundle.card.weights_sha256:
        raise ModelError(
            f"The weights of the model {bundle.name} are not those its card states "
            "(SHA-256 differs): nothing was loaded; get the folder again."
        )
    return data
