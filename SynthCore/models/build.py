"""Make the network a bundle names, and see that it fits its weights and its card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from SynthCore.errors import ModelError
from SynthCore.models.allowlist import is_plain, resolve
from SynthCore.models.card import Card
from SynthCore.models.networks import SliceUNet

Tensors = Mapping[str, torch.Tensor]

_LEAST_SIDE = 16
"""The smallest tile of any card, in pixels."""

_LONGEST = 200

PLACING = {"device", "dtype"}
"""Arguments that would take memory before anything was compared with the weights."""

REPEATING = ("units", "block", "layer", "depth", "num_res")
MOST_REPEATED = 64
"""Of what is named so: how often a part of a network is repeated."""

MOST_LISTED = 64
"""Numbers in a list of a definition: levels of a network, never more."""


def build(definition: Any, where: str) -> torch.nn.Module:
    """Instantiate a network definition ``{"_target_": name, ...}`` from the allow-list.

    Raises
    ------
    ModelError
        If the target is not allowed, not a network, or does not take these arguments.
    """
    target = definition.get("_target_") if isinstance(definition, dict) else None
    made = resolve(target, where)
    if not (isinstance(made, type) and issubclass(made, torch.nn.Module)):
        raise ModelError(f"The model {where} names {target}, which is not a network.")
    arguments = {k: v for k, v in definition.items() if not k.startswith("_")}
    if not all(is_plain(value) for value in arguments.values()):
        raise ModelError(
            f"The model {where} gives its network arguments that are not plain values."
        )
    if beside := sorted({*arguments} & PLACING):
        raise ModelError(
            f"The model {where} gives its network {' and '.join(beside)}, which is not its to say."
        )
    for name, value in arguments.items():
        _require_modest(name, value, where)
    try:
        return made(**arguments)
    except Exception as error:  # a constructor may raise anything on arguments it did not expect
        raise ModelError(
            f"The network {target} of the model {where} cannot be made: {_line(error)}."
        ) from error


def _require_modest(name: str, value: Any, where: str) -> None:
    """Refuse what would make layers without end: they take memory even without their weights."""
    if isinstance(value, list):
        if len(value) > MOST_LISTED:
            raise ModelError(f"The model {where} gives its network a list of over {MOST_LISTED}.")
        for one in value:
            _require_modest(name, one, where)
    repeats = any(word in name for word in REPEATING)
    if repeats and isinstance(value, int) and value > MOST_REPEATED:
        raise ModelError(
            f"The model {where} gives its network {name[:_LONGEST]} of over {MOST_REPEATED}."
        )


def build_fitting(definition: Any, where: str, weights: Tensors, card: Card) -> torch.nn.Module:
    """The network with its weights, in float32 and evaluation mode.

    It is laid out without memory first (PyTorch's meta device), so that a definition can take no
    more than its weights file does.

    Parameters
    ----------
    definition : object
        As for `build`.
    where : str
        Name of the model, for messages.
    weights : mapping
        By name.
    card : Card
        Says how many channels go in.

    Raises
    ------
    ModelError
        If the network cannot be made, or fits the weights or the card in no way.
    """
    with torch.device("meta"):
        layout = build(definition, where).eval()
    require_weights(layout, weights, where)
    require_numbers(weights, where)
    # a convolution on the meta device takes a second of imports, and our own network, once it
    # fits its weights, takes no more memory than they do
    own = isinstance(layout, SliceUNet)
    if not own:
        require_shape(layout, card)
    network = build(definition, where).eval()
    network.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    if own:
        require_shape(network, card)
    return network


def require_weights(network: torch.nn.Module, weights: Tensors, where: str) -> None:
    """Compare names and shapes of the weights with the network's.

    Raises
    ------
    ModelError
        If they differ.
    """
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    given = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    for name in sorted({*wanted, *given}):
        if wanted.get(name) != given.get(name):
            raise ModelError(
                f"The weights of the model {where} do not fit its network: {name[:_LONGEST]} is "
                f"{_size(given.get(name))} and should be {_size(wanted.get(name))}; "
                "get the folder again."
            )


def require_numbers(weights: Tensors, where: str) -> None:
    """See that every weight is a finite real number: some backends turn others into 0 in silence.

    Raises
    ------
    ModelError
        If one is not.
    """
    for name, tensor in weights.items():
        if tensor.is_complex() or not bool(torch.isfinite(tensor).all()):
            raise ModelError(
                f"The weights {name[:_LONGEST]} of the model {where} contain values that are not "
                "numbers; get the folder again."
            )


def require_shape(layout: torch.nn.Module, card: Card) -> None:
    """Whether the network turns slices of its card's channels into slices of the same size.

    Parameters
    ----------
    layout : torch.nn.Module
        On the meta device nothing is computed.
    card : Card
        [1, channels x slices, m, m] must give [1, outputs, m, m] for a multiple m of its
        `multiple_of`.

    Raises
    ------
    ModelError
        If it does not.
    """
    channels = len(card.channels) * card.prepare.slices
    outputs = max(1, len(card.output.channels))
    multiple = card.prepare.multiple_of
    side = -(-_LEAST_SIDE // multiple) * multiple
    found: tuple[int, ...] | str = ""
    for m in (side, 2 * side):  # networks with many levels want more than the smallest side
        found = _output_of(layout, (1, channels, m, m))
        if found == (1, outputs, m, m):
            return
    raise ModelError(
        f"The network of the model {card.id} gives {found} for an input of shape "
        f"{(1, channels, 2 * side, 2 * side)}, and not "
        f"{'one slice' if outputs == 1 else f'{outputs} slices'} of the same size; correct its "
        "card or its definition."
    )


def _output_of(layout: torch.nn.Module, shape: tuple[int, ...]) -> tuple[int, ...] | str:
    device = next((p.device for p in layout.parameters()), torch.device("meta"))
    try:
        with torch.inference_mode():
            found = layout(torch.zeros(shape, device=device))
    except Exception as error:  # whatever a network raises on a shape it does not take
        return f"an error ({_line(error)})"
    return tuple(found.shape) if isinstance(found, torch.Tensor) else "no tensor"


def _size(shape: tuple[int, ...] | None) -> str:
    return "missing" if shape is None else " x ".join(str(n) for n in shape) or "one number"


def _line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:_LONGEST].rstrip(".")
