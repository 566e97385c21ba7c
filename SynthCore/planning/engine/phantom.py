"""The phantom of AAPM's task group 119 (C-shape), as pyRadPlan ships it.

Reference: Ezzell et al., Med Phys 2009;36:5359.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.errors import ComputationError
from SynthCore.image import Image, make_affine
from SynthCore.planning.engine.process import run_quietly

Mask = npt.NDArray[np.bool_]
SCRIPT = Path(__file__).with_name("phantom_child.py")
FAILED = "The engine's phantom could not be read: run `synthcore dose-engine install --again`."


@dataclass(frozen=True)
class Phantom:
    """CT in HU, and the masks [k, j, i] of its body, target and core."""

    ct: Image
    body: Mask
    target: Mask
    core: Mask


def tg119(python: Path) -> Phantom:
    """The phantom, read by the engine's interpreter.

    Raises
    ------
    ComputationError
        If the engine does not give it.
    """
    with tempfile.TemporaryDirectory(prefix="synthcore-dose-") as name:
        folder = Path(name)
        run_quietly([str(python), "-I", str(SCRIPT), name], FAILED, 300.0, None)
        try:
            place = json.loads((folder / "place.json").read_text("utf-8"))
            hu, body, target, core = (
                np.load(folder / f"{one}.npy", allow_pickle=False)
                for one in ("ct", "BODY", "OuterTarget", "Core")
            )
        except (OSError, ValueError) as error:
            raise ComputationError(FAILED) from error
    affine = make_affine(tuple(place["spacing_mm"]), tuple(place["origin_mm"]))
    return Phantom(Image(hu, affine, "CT", "HU"), body, target, core)
