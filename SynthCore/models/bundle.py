"""A model folder (MONAI bundle): read its card, verify its weights, build its network.

A folder is untrusted input. Nothing in it is executed: the network comes from an allow-list of
callables, the weights from safetensors whose SHA-256 the card states, and files in formats that
can carry code are refused where they lie.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SynthCore.errors import ModelError
from SynthCore.models.card import Card
from SynthCore.models.parse_card import parse_card

if TYPE_CHECKING:
    import torch

METADATA = Path("configs/metadata.json")
CONFIG = Path("configs/inference.json")
WEIGHTS = Path("models/model.safetensors")

ALLOWED_PACKAGES = ("torch.nn.", "monai.networks.nets.", "SynthCore.models.")
"""A ``_target_`` must begin with one of these, and name a class of the kind asked for."""

CODE_CARRIERS = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin", ".ts", ".py", ".so", ".dll")
"""Formats that can execute on loading; their presence refuses the folder."""

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
        If the folder is no bundle, holds a file that could execute, or its card is wrong.
    """
    folder = Path(folder)
    if not (folder / METADATA).is_file():
        raise ModelError(
            f"The folder {folder.name} is no model: it has no {METADATA.as_posix()}; "
            "give a MONAI bundle with a synthcore card."
        )
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise ModelError(
                f"The model folder {folder.name} holds a link, {path.name}; remove it."
            )
        if path.suffix.lower() in CODE_CARRIERS:
            raise ModelError(
                f"The model folder {folder.name} holds {path.name}, a format that can execute "
                "code; only JSON, Markdown and safetensors are loaded: remove it."
            )
    return Bundle(folder, parse_card(_read_json(folder / METADATA), folder.name))


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
        If the weights are missing, altered, or do not fit the network.
    """
    from safetensors.torch import load as load_tensors

    data = _verified_bytes(bundle)
    config = _read_json(bundle.folder / CONFIG)
    definition = config.get("network_def") if isinstance(config, dict) else None
    network = build(definition, bundle.folder.name)
    try:
        state = {name: tensor.float() for name, tensor in load_tensors(data).items()}
        network.load_state_dict(state)
    except Exception as error:  # safetensors raises its own types, torch RuntimeError
        raise ModelError(
            f"The weights of the model {bundle.name} do not fit its network: "
            f"{str(error).splitlines()[0]}; get the folder again."
        ) from error
    return network.eval()


def build(definition: Any, where: str) -> torch.nn.Module:
    """Instantiate a network definition ``{"_target_": name, ...}`` from the allow-list.

    Raises
    ------
    ModelError
        If the target is not allowed, not a network, or does not take these arguments.
    """
    import torch

    target = definition.get("_target_") if isinstance(definition, dict) else None
    made = resolve(target, where)
    if not (isinstance(made, type) and issubclass(made, torch.nn.Module)):
        raise ModelError(f"The model {where} names {target}, which is not a network.")
    arguments = {k: v for k, v in definition.items() if not k.startswith("_")}
    if not all(_plain(value) for value in arguments.values()):
        raise ModelError(
            f"The model {where} gives its network arguments that are not plain values."
        )
    try:
        return made(**arguments)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"The network {target} of the model {where} cannot be made: {error}."
        ) from error


def resolve(target: Any, where: str) -> Any:
    """The class of that dotted name, if the allow-list has it.

    Raises
    ------
    ModelError
        If it has not.
    """
    if not isinstance(target, str) or not target.startswith(ALLOWED_PACKAGES):
        raise ModelError(
            f"The model {where} asks for {target!r}, which is not on the allow-list "
            f"({', '.join(p.rstrip('.') for p in ALLOWED_PACKAGES)}); nothing was run."
        )
    module_name, _, name = target.rpartition(".")
    if not all(part.isidentifier() and not part.startswith("_") for part in target.split(".")):
        raise ModelError(f"The model {where} asks for {target!r}, which is not a public name.")
    try:
        made = getattr(import_module(module_name), name)
    except (ImportError, AttributeError) as error:
        raise ModelError(f"The model {where} asks for {target}, which does not exist.") from error
    # an allowed module may import others: os.system reached through it is still not allowed
    if not getattr(made, "__module__", "").startswith(
        tuple(p.rstrip(".") for p in ALLOWED_PACKAGES)
    ):
        raise ModelError(f"The model {where} asks for {target}, which is not defined there.")
    return made


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(_plain(v) for v in value)
    return (
        value is None
        or isinstance(value, bool | int | float)
        or (isinstance(value, str) and len(value) < 64)
    )


def _read_json(path: Path) -> Any:
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
