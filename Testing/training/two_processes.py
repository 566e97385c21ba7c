"""One process of several that train a tiny network together; torchrun starts it."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from SynthCore.training import parallel
from Testing.training.small_run import begin, go

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    parallel.join(torch.device("cpu"))
    state = begin()
    go(state, folder)
    kept = {"network": state.network.state_dict(), "start": state.at_start().state_dict()}
    torch.save(kept, folder / f"rank{parallel.world()[0]}.pt")
    parallel.leave()
