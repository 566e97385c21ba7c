"""A network by torch: on CUDA, or on the CPU where OpenVINO does not take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

Float32 = npt.NDArray[np.float32]


class TorchBackend:
    """See `SynthCore.engine.backends.Backend`; a batch is computed where it is taken."""

    name = "torch"
    slots = 1

    def __init__(self, network: torch.nn.Module, device: str, threads: int) -> None:
        import torch

        self.device = device
        self._threads = threads
        self._network = network.to(device)
        self._batch: Float32 | None = None
        if device == "cpu":
            self._network = self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        else:
            torch.backends.cudnn.deterministic = True
            torch.backends.cudnn.benchmark = False

    def start(self, slot: int, batch: Float32) -> None:
        """Keep the batch for `take`."""
        self._batch = batch

    def ready(self, slot: int, seconds: float) -> bool:
        """Nothing to wait for."""
        return True

    def take(self, slot: int) -> Float32:
        """The network's output for what was started."""
        import torch

        assert self._batch is not None  # noqa: S101 (nothing is taken before it is started)
        cuda = self.device != "cpu"
        # no bfloat16: its 8 bits are 4 HU in bone, and cards were measured with more
        with torch.inference_mode():
            x = torch.from_numpy(self._batch).to(self.device)
            if not cuda:
                # one number for the whole process: another network may have set its own
                torch.set_num_threads(self._threads)
                x = x.contiguous(memory_format=torch.channels_last)
            y: Float32 = self._network(x).float().contiguous().cpu().numpy()
        return y

    def stop(self, slot: int) -> None:
        """Forget the batch."""
        self._batch = None
