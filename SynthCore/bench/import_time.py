"""How long `import SynthCore` takes, and that it loads nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median

HEAVY = ("torch", "monai", "vtk", "SimpleITK", "pydicom", "matplotlib", "openvino")

_PROBE = (
    "import time, sys, json; t = time.perf_counter(); import SynthCore; "
    "s = time.perf_counter() - t; "
    f"print(json.dumps([s, [m for m in {HEAVY!r} if m in sys.modules]]))"
)


def measure(runs: int = 5) -> tuple[float, list[str]]:
    """Median seconds over fresh interpreters, and which heavy modules were loaded."""
    found = []
    for _ in range(runs):
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _PROBE], capture_output=True, text=True, check=True
        )
        found.append(json.loads(done.stdout))
    return median(seconds for seconds, _ in found), found[0][1]
