"""The device a training runs on."""

from __future__ import annotations

import os
import platform

import torch

from SynthCore.errors import InputError


def choose(device: str) -> torch.device:
    """``auto``, ``cpu`` or ``cuda:N`` as a torch device.

    Raises
    ------
    InputError
        If there is no such device.
    """
    if device == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    try:
        made = torch.device(device)
    except RuntimeError as error:
        raise InputError(f"There is no device {device!r}; use auto, cpu or cuda:0.") from error
    if made.type == "cuda" and not torch.cuda.is_available():
        raise InputError("There is no CUDA device here; use --device cpu.")
    if made.type == "cuda" and (made.index or 0) >= torch.cuda.device_count():
        raise InputError(
            f"There is no {device} here, only {torch.cuda.device_count()} CUDA devices; "
            "use --device cuda:0."
        )
    return made


def describe(device: torch.device) -> str:
    """For the card: the GPU's name, or the processor and its cores."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{os.cpu_count()} cores ({platform.machine()})"
