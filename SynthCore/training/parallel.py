"""Several processes as one run, where ``torchrun`` started them: each draws batches of its own.

Gradients are averaged by hand after the backward pass: that is all that is shared, so that the
loop is the same code on one device and on several.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn


def world() -> tuple[int, int]:
    """Number of this process and how many there are, from torchrun's environment; (0, 1) alone."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


def join(device: torch.device) -> torch.device:
    """Meet the other processes; the device of this one.

    Does nothing where there is one process alone, or they have met already.
    """
    _, count = world()
    if count == 1:
        return device
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        backend = "nccl" if device.type == "cuda" else "gloo"
        dist.init_process_group(backend, timeout=timedelta(hours=6))
    return device


def leave() -> None:
    """Part from the other processes, once all have come here."""
    if dist.is_available() and dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()


@contextmanager
def first_alone() -> Iterator[None]:
    """The first process does what is inside before the others do: files are made once."""
    rank, count = world()
    if count > 1 and rank > 0:
        dist.barrier()
    yield
    if count > 1 and rank == 0:
        dist.barrier()


def share_gradients(network: nn.Module) -> None:
    """Every process gets the mean of all gradients."""
    if not (dist.is_available() and dist.is_initialized()):
        return
    for parameter in network.parameters():
        if parameter.grad is not None:
            dist.all_reduce(parameter.grad)
            parameter.grad /= dist.get_world_size()


def agree(value: bool, device: torch.device) -> bool:
    """Whether any process says so: all leave a loop together."""
    return most(float(value), device) > 0


def most(value: float, device: torch.device) -> float:
    """The largest that any process says: clocks differ, and what follows from them must not."""
    if not (dist.is_available() and dist.is_initialized()):
        return value
    said = torch.tensor(value, dtype=torch.float64, device=device)
    dist.all_reduce(said, dist.ReduceOp.MAX)
    return float(said)


def share_weights(*networks: nn.Module) -> None:
    """Every process goes on from the first one's, which alone has looked at validation data."""
    if not (dist.is_available() and dist.is_initialized()):
        return
    for network in networks:
        for tensor in network.state_dict().values():
            dist.broadcast(tensor, 0)
