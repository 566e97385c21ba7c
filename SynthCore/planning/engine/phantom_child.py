"""Write the TG119 phantom that pyRadPlan ships into a folder, for `phantom.py`.

Run by the Python of the engine's environment, like `child.py`; it imports nothing of this package.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np


def main(folder: Path) -> int:
    """Voxels, masks and place of the phantom."""
    import pyRadPlan
    import SimpleITK as sitk

    ct, structures = pyRadPlan.load_tg119()
    np.save(folder / "ct.npy", sitk.GetArrayFromImage(ct.cube_hu).astype(np.float32))
    for one in structures.vois:
        np.save(folder / f"{one.name}.npy", sitk.GetArrayFromImage(one.mask).astype(np.bool_))
    place = {"spacing_mm": ct.cube_hu.GetSpacing(), "origin_mm": ct.cube_hu.GetOrigin()}
    (folder / "place.json").write_text(json.dumps(place), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
