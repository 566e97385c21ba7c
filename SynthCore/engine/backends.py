"""What runs a network on a tile: OpenVINO on the CPU, torch on the CPU, torch on CUDA."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import ComputationError, InputError

if TYPE_CHECKING:
    import torch

Float32 = npt.NDArray[np.float32]
Predict = Callable[[Float32], Float32]
"""A batch [n, channels, rows, columns] to [n, outputs, rows, columns], both float32."""


@dataclass(frozen=True)
class Backend:
    """A network ready to run on one device, for batches of one fixed shape.

    Attributes
    ----------
    name : {'openvino', 'torch'}
    device : str
        ``cpu`` or ``cuda:N``.
    predict : callable
        `Predict`.
    """

    name: str
    device: str
    predict: Predict


Make = Callable[["torch.nn.Module", tuple[int, int, int, int], str, str, int], Backend]
"""`make`, or one that keeps what it made: network, batch shape, device, backend, threads."""


def require_known(device: str, backend: str) -> None:
    """Refuse a device or backend that no machine has, also for models that need neither.

    Raises
    ------
    InputError
        If the name is not one of the documented ones.
    """
    if backend not in ("auto", "openvino", "torch"):
        raise InputError(f"There is no backend {backend!r}; use auto, openvino or torch.")
    if device not in ("auto", "cpu", "cuda") and not device.removeprefix("cuda:").isdigit():
        raise InputError(f"There is no device {device!r}; use auto, cpu or cuda:N.")


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
        number = device.removeprefix("cuda:")
        if not number.isdigit() or int(number) >= _cuda_count():
            raise InputError(
                f"The device {device} is not here ({_cuda_count()} CUDA devices found); "
                "use --device cpu or auto."
            )
        if backend == "openvino":
            raise InputError("OpenVINO runs on the CPU here; use --backend torch on CUDA.")
        return device, "torch"
    return device, "openvino" if backend == "auto" else backend


def make(
    network: torch.nn.Module,
    shape: tuple[int, int, int, int],
    device: str,
    backend: str,
    threads: int,
) -> Backend:
    """The network on that device, ready for batches of `shape`.

    Raises
    ------
    ComputationError
        If the backend cannot take the network.
    """
    if backend == "openvino":
        return Backend("openvino", "cpu", _openvino(network, shape, threads))
    return Backend("torch", device, _torch(network, device, threads))


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


def _torch(network: torch.nn.Module, device: str, threads: int) -> Predict:
    import torch

    network = network.to(device)
    if device == "cpu":
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    else:
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False

    def predict(batch: Float32) -> Float32:
        with (
            torch.inference_mode(),
            torch.autocast("cuda", dtype=torch.bfloat16, enabled=device != "cpu"),
        ):
            x = torch.from_numpy(batch).to(device)
            if device == "cpu":
                # one number for the whole process: another network may have set its own
                torch.set_num_threads(cpu_threads(threads))
                x = x.contiguous(memory_format=torch.channels_last)
            y: Float32 = network(x).float().contiguous().cpu().numpy()
        return y

    return predict


def _openvino(network: torch.nn.Module, shape: tuple[int, int, int, int], threads: int) -> Predict:
    import openvino as ov

    from SynthCore.models.lean import lean

    try:
        model = _to_openvino(lean(network), shape)
        compiled = ov.Core().compile_model(
            model,
            "CPU",
            {
                # the default is bfloat16 on CPUs that have it: off by more than a HU
                "INFERENCE_PRECISION_HINT": "f32",
                # throughput would split threads over streams and reorder nothing, but cost memory
                "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_NUM_THREADS": cpu_threads(threads),
            },
        )
    except RuntimeError as error:
        raise ComputationError(
            "OpenVINO cannot run this network here; use --backend torch."
        ) from error
    request = compiled.create_infer_request()

    def predict(batch: Float32) -> Float32:
        result = request.infer({0: batch}, share_inputs=True, share_outputs=False)
        out: Float32 = np.asarray(result[compiled.output(0)])
        return out

    return predict


def _to_openvino(network: torch.nn.Module, shape: tuple[int, int, int, int]) -> Any:
    """The network as an OpenVINO model of fixed shape.

    By the front end itself rather than ``openvino.convert_model``, which reports its use over
    the network.
    """
    import torch
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with torch.no_grad(), warnings.catch_warnings():
        # the front end traces the network; torch's advice on tracing is for OpenVINO's authors
        warnings.simplefilter("ignore", DeprecationWarning)
        decoder = TorchScriptPythonDecoder(
            network,
            example_input=torch.zeros(_example_shape(network, shape)),
            # the check runs the network three times more, to find chance where there is none
            trace_kwargs={"check_trace": False},
        )
        front_end = FrontEndManager().load_by_framework("pytorch")
        model = front_end.convert(front_end.load(decoder))
    model.inputs[0].get_node().set_partial_shape(_partial_shape(shape))
    model.validate_nodes_and_infer_types()
    return model


def _example_shape(network: torch.nn.Module, shape: tuple[int, int, int, int]) -> tuple[int, ...]:
    """A small shape to trace with, for networks in which nothing depends on the extent."""
    from SynthCore.models.lean import LeanSliceUNet
    from SynthCore.models.networks import SliceUNet

    if isinstance(network, SliceUNet | LeanSliceUNet):
        side = 2 ** len(network.down)
        return (1, shape[1], side, side)
    return shape


def _partial_shape(shape: tuple[int, ...]) -> Any:
    import openvino as ov

    return ov.PartialShape(list(shape))
