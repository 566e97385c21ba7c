"""A network on the CPU by OpenVINO, several batches under way at once.

Two batches on half the threads each take less time than one after the other on all of them:
threads wait for each other at the end of every layer.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import ComputationError

if TYPE_CHECKING:
    import torch

Float32 = npt.NDArray[np.float32]
Shape = tuple[int, int, int, int]


class OpenVinoBackend:
    """See `SynthCore.engine.backends.Backend`."""

    name = "openvino"
    device = "cpu"

    def __init__(self, network: torch.nn.Module, shape: Shape, threads: int, slots: int) -> None:
        try:
            compiled = _core().compile_model(
                to_openvino(network, shape),
                "CPU",
                {
                    # the default is bfloat16 on CPUs that have it: off by more than a HU
                    "INFERENCE_PRECISION_HINT": "f32",
                    "INFERENCE_NUM_THREADS": threads,
                    "NUM_STREAMS": slots,
                },
            )
        except RuntimeError as error:
            raise ComputationError(
                "OpenVINO cannot run this network here; use --backend torch."
            ) from error
        self.slots = slots
        self._requests = [compiled.create_infer_request() for _ in range(slots)]

    def start(self, slot: int, batch: Float32) -> None:
        """Begin to compute; the batch stays as it is until `take` or `stop`."""
        self._requests[slot].start_async({0: batch}, share_inputs=True)

    def ready(self, slot: int, seconds: float) -> bool:
        """Wait for what was started, so long at most; whether it is done."""
        return bool(self._requests[slot].wait_for(max(1, int(seconds * 1000))))

    def take(self, slot: int) -> Float32:
        """What was started in that slot, computed: valid until the next `start` in it."""
        request = self._requests[slot]
        request.wait()
        out: Float32 = request.get_output_tensor(0).data
        return out

    def stop(self, slot: int) -> None:
        """Give up what was started."""
        self._requests[slot].cancel()
        try:
            self._requests[slot].wait()
        except RuntimeError:  # that it was cancelled
            return


@cache
def _core() -> Any:
    """The only one of this process, never given back.

    Its CPU part sets the stack that signals are handled on and puts the former one back at its
    end: of two, the one that ends last puts back the other's, which is freed by then, and the
    next Ctrl+C ends the process with a segmentation fault.
    """
    import openvino as ov

    return ov.Core()


def to_openvino(network: torch.nn.Module, shape: Shape) -> Any:
    """The network as an OpenVINO model of fixed shape: `lean` where its make is known."""
    from SynthCore.engine.lean import lean

    known = lean(network, shape)
    return _traced(network, shape) if known is None else known


def _traced(network: torch.nn.Module, shape: Shape) -> Any:
    """Any network, traced in torch.

    By the front end itself rather than ``openvino.convert_model``, which reports its use over
    the network.
    """
    import openvino as ov
    import torch
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with torch.no_grad(), warnings.catch_warnings():
        # the front end traces the network; torch's advice on tracing is for OpenVINO's authors
        warnings.simplefilter("ignore", DeprecationWarning)
        decoder = TorchScriptPythonDecoder(
            network,
            example_input=torch.zeros(shape),
            # the check runs the network three times more, to find chance where there is none
            trace_kwargs={"check_trace": False},
        )
        front_end = FrontEndManager().load_by_framework("pytorch")
        model = front_end.convert(front_end.load(decoder))
    model.inputs[0].get_node().set_partial_shape(ov.PartialShape(list(shape)))
    model.validate_nodes_and_infer_types()
    return model
