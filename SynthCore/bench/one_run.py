"""Run a network over a volume once, by our engine or by MONAI's, and print what it took.

Called as a process of its own by `SynthCore.bench.inference`, so that neither side's memory or
warm caches count for the other: ``python -m SynthCore.bench.one_run ours MODEL VOLUME OUT``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
from torch import nn

from SynthCore.engine.backends import cpu_threads
from SynthCore.engine.infer import infer
from SynthCore.engine.tiles import plan
from SynthCore.models.bundle import Bundle, load_network
from SynthCore.models.library import find_bundle

Float32 = npt.NDArray[np.float32]

SW_BATCH_SIZE = 4
OVERLAP = 0.25
"""As MONAI's own bundles set the inferer, and its default overlap."""


def ours(
    bundle: Bundle, network: nn.Module, channels: Float32, needed: npt.NDArray[np.bool_]
) -> Float32:
    """Our engine on the CPU by OpenVINO."""
    out, _ = infer(
        network,
        channels,
        bundle.card.prepare,
        device="cpu",
        backend="openvino",
        needed=needed if bundle.card.output.outside is not None else None,
    )
    return out


def monai(
    bundle: Bundle,
    network: nn.Module,
    channels: Float32,
    needed: npt.NDArray[np.bool_],
    batch: int = SW_BATCH_SIZE,
) -> Float32:
    """MONAI's `SlidingWindowInferer` on torch, on neighborhoods stacked as channels."""
    import torch
    from monai.inferers import SlidingWindowInferer

    torch.set_num_threads(cpu_threads(0))
    slices = bundle.card.prepare.slices
    depth = channels.shape[1]
    reach = np.arange(slices) - slices // 2
    neighbors = np.clip(np.arange(depth)[:, None] + reach, 0, depth - 1)
    stacked = np.concatenate([role[neighbors] for role in channels], axis=1)
    # our own tile, never larger than the slice: MONAI would pad a small slice up to its window
    prepare = bundle.card.prepare
    window = plan(channels.shape[2:], prepare.tile, prepare.multiple_of).size
    inferer = SlidingWindowInferer(window, sw_batch_size=batch, overlap=OVERLAP, mode="gaussian")
    with torch.inference_mode():
        made: Float32 = inferer(torch.from_numpy(stacked), network)[:, 0].numpy()
    return made


def monai_single(
    bundle: Bundle, network: nn.Module, channels: Float32, needed: npt.NDArray[np.bool_]
) -> Float32:
    """The same with one window at a time, MONAI's default."""
    return monai(bundle, network, channels, needed, batch=1)


SIDES: dict[str, Callable[..., Float32]] = {
    "ours": ours,
    "monai": monai,
    "monai-batch-1": monai_single,
}


def main(side: str, model: str, volume: Path, out: Path) -> dict[str, Any]:
    """Time one side after its set-up (imports, weights); compilation counts as ours."""
    data = np.load(volume)
    bundle = find_bundle(model)
    network = load_network(bundle)
    if side == "ours":
        import openvino  # noqa: F401
    else:
        import monai.inferers  # noqa: F401
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    made = SIDES[side](bundle, network, data["channels"], data["needed"])
    seconds = time.perf_counter() - started
    np.save(out, made)
    return {"seconds": seconds, "peak_bytes": peak_bytes(), "loaded_bytes": before}


def peak_bytes() -> int:
    """Largest resident size of this process so far."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    kilo = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilo


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))))
