"""Networks that come and go leave the process as it was: a signal is still handled."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
    import gc, signal
    import torch
    from SynthCore.engine.openvino_backend import OpenVinoBackend

    network = torch.nn.Conv2d(1, 1, 3, padding=1).eval()
    first, second = (OpenVinoBackend(network, (1, 1, 32, 32), 1, 1) for _ in range(2))
    del first
    del second
    gc.collect()
    signal.signal(signal.SIGINT, lambda *_: print("handled"))
    signal.raise_signal(signal.SIGINT)
    print("goes on")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no stack for signals on Windows")
def test_a_signal_after_two_networks() -> None:
    """Each with an `openvino.Core` of its own, this is a segmentation fault."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{signal.Signals(-done.returncode).name}: {done.stderr}"
    assert done.stdout == "handled\ngoes on\n"
