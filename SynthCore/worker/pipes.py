"""Take stdin and stdout for frames alone, before anything else can write to them."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO


def own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The process's real input and output as binary streams, kept from everything else.

    Afterwards whatever is printed, by Python or by a library below it, goes to stderr, and
    whatever reads stdin finds it empty.
    """
    if sys.stdout is not None:
        sys.stdout.flush()
    frames_in, frames_out = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        # text mode would change line ends within voxels
        msvcrt.setmode(frames_in, os.O_BINARY)
        msvcrt.setmode(frames_out, os.O_BINARY)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # started without stderr
        os.dup2(nothing, 1)
    os.close(nothing)
    if sys.stderr is not None:
        sys.stdout = sys.stderr
    return os.fdopen(frames_in, "rb"), os.fdopen(frames_out, "wb")
