"""``synthcore worker``: the engine for a program at the other end of two pipes."""

from __future__ import annotations

import os
import sys


def worker() -> None:
    """Serve the engine to another program, on stdin and stdout.

    Slicer's module starts this by itself; `ssh HOST synthcore worker` is the same engine on
    another machine. Exit codes: 0 told to stop or input ended, 2 input is not the protocol,
    4 nobody reads the output, 130 interrupted.
    """
    from SynthCore.worker.pipes import own_pipes

    frames_in, frames_out = own_pipes()
    from SynthCore.worker.serve import serve

    code = serve(frames_in, frames_out)
    if sys.stderr is not None:
        sys.stderr.flush()
    # nothing is left to write, and taking torch and OpenVINO apart takes most of a second
    os._exit(code)
