"""Fixtures every subject shares."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

if "PYTEST_XDIST_WORKER" in os.environ:
    # several processes share the cores: threads of each only wait for those of the others
    for name in ("OMP_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"):
        os.environ.setdefault(name, "1")

# the same examples in every run, so that a change is judged by itself; others are looked for with
# HYPOTHESIS_PROFILE=explore, and what they find becomes an @example
settings.register_profile("same", derandomize=True)
settings.register_profile("explore", max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a run in the background inherits that Ctrl+C is ignored, and so would every program tested
    signal.signal(signal.SIGINT, signal.default_int_handler)

DATA_VARIABLE = "SLICERSYNTH_DATA"
_DEFAULT = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def data_folder() -> Path | None:
    """The folder of real images, None where there is none."""
    folder = Path(os.environ.get(DATA_VARIABLE, _DEFAULT))
    return folder if (folder / "MANIFEST.md").is_file() else None


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = data_folder()
    if folder is None:
        pytest.skip(f"no real images: set {DATA_VARIABLE} to the folder that holds MANIFEST.md")
    return folder
