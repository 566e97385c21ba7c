"""What runs a network on a tile: OpenVINO on the CPU, torch on the CPU, torch on CUDA."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError

if TYPE_CHECKING:
    import torch

Float32 = npt.NDArray[np.float32]
Shape = tuple[int, int, int, int]

MOST_SLOTS = 4
"""Batches under way at once on the CPU at most: each takes the memory of a batch."""


class Backend(Protocol):
    """A network ready to run on one device, for batches of one fixed shape.

    A batch is [n, channels, rows, columns] and gives [n, outputs, rows, columns], both float32.
    It is started in one of `slots`, several of which may be under way at once, and taken from
    there before another is started in it.
    """

    @property
    def name(self) -> str:
        """``openvino`` or ``torch``."""
        ...

    @property
    def device(self) -> str:
        """``cpu`` or ``cuda:N``."""
        ...

    @property
    def slots(self) -> int:
        """How many batches may be under way."""
        ...

    def start(self, slot: int, batch: Float32) -> None:
        """Begin to compute; the batch stays as it is until `take` or `stop`."""
        ...

    def ready(self, slot: int, seconds: float) -> bool:
        """Wait for what was started, so long at most; whether `take` will give it at once."""
        ...

    def take(self, slot: int) -> Float32:
        """What was started in that slot, computed: valid until the next `start` in it."""
        ...

    def stop(self, slot: int) -> None:
        """Give up what was started."""
        ...


Make = Callable[["torch.nn.Module", Shape, str, str, int, int], Backend]
"""`make`, or one that keeps what it made: network, batch shape, device, backend, threads, slots."""


def require_known(device: str, backend: str) -> None:
    """Refuse a device or backend that no machine has, also for models that need neither.

    Raises
    ------
    InputError
        If the name is not one of the documented ones.
    """
    if backend not in ("auto", "openvino", "torch"):
        raise InputError(f"There is no backend {backend!r}; use auto, openvino or torch.")
    if device not in ("auto", "cpu", "cuda") and _cuda_number(device) is None:
        raise InputError(f"There is no device {device!r}; use auto, cpu or cuda:N.")


def _cuda_number(device: str) -> int | None:
    found = re.fullmatch(r"cuda:([0-9]{1,4})", device)
    return int(found[1]) if found else None


def choose(device: str, backend: str) -> tuple[str, str]:
    """The device and backend that ``auto`` stands for here.

    Raises
    ------
    InputError
        If a device or backend is unknown or not present.
    """
    require_known(device, backend)
    if device == "auto":
        device = "cuda:0" if backend != "openvino" and _cuda_count() else "cpu"
    if device == "cuda":
        device = "cuda:0"
    if device.startswith("cuda:"):
        number = _cuda_number(device)
        if number is None or number >= _cuda_count():
            raise InputError(
                f"The device {device} is not here ({_cuda_count()} CUDA devices found); "
                "use --device cpu or auto."
            )
        if backend == "openvino":
            raise InputError("OpenVINO runs on the CPU here; use --backend torch on CUDA.")
        return device, "torch"
    return device, "openvino" if backend == "auto" else backend


def make(
    network: torch.nn.Module, shape: Shape, device: str, backend: str, threads: int, slots: int
) -> Backend:
    """The network on that device, ready for batches of `shape`.

    Raises
    ------
    ComputationError
        If the backend cannot take the network.
    """
    if backend == "openvino":
        from SynthCore.engine.openvino_backend import OpenVinoBackend

        return OpenVinoBackend(network, shape, cpu_threads(threads), slots)
    from SynthCore.engine.torch_backend import TorchBackend

    return TorchBackend(network, device, cpu_threads(threads))


def most_slots(backend: str, threads: int) -> int:
    """Batches that are best under way at once."""
    return min(MOST_SLOTS, cpu_threads(threads)) if backend == "openvino" else 1


def _cuda_count() -> int:
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def cpu_threads(threads: int) -> int:
    """The number asked for, or all the process may use.

    Counted from the affinity where the system has one: a container's share is often smaller
    than the machine.
    """
    if threads > 0:
        return threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
