"""What the SlicerSynth module is made of."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def engine_root() -> Path:
    """The folder that holds SynthCore: beside the module if installed, above it in the sources."""
    module = Path(__file__).resolve().parents[1]
    for folder in (module, module.parent):
        if (folder / "SynthCore" / "__init__.py").is_file():
            return folder
    return module


if importlib.util.find_spec("SynthCore") is None:
    # a module that Slicer loads from the sources finds SynthCore nowhere else
    sys.path.append(str(engine_root()))
