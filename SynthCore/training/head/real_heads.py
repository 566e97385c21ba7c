"""Is the skull closed on real heads? ``python -m SynthCore.training.head.real_heads DATA``.

No CT of these heads exists: what can be measured is whether the upper skull has holes, how much
bone there is, and what the brain's CT number is.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from SynthCore.axes import toward_lps
from SynthCore.engine.synthesize import synthesize
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.training.head.validate import BONE_HU, open_rays

_MS = "mr_multicontrast/open_ms_long_patient"

HEADS: dict[str, tuple[str, str]] = {
    f"MS patient {name}, {role}": (role, f"{_MS}{name}/{role}W.nii.gz")
    for name in ("01_study1", "03_study2", "04_study1")
    for role in ("T1", "T2")
} | {
    f"tumor {name}, T1c, 6.5 mm": ("T1c", f"tumour/pyradiomics/{name}_image.nrrd")
    for name in ("brain1", "brain2")
}
"""Role and file in the data folder, by name."""


@dataclass(frozen=True)
class Closed:
    """One real head.

    Attributes
    ----------
    model : str
        What made the CT.
    holes : float
        See `validate.open_rays`.
    bone_ml : float
        Volume above `BONE_HU`.
    bone_hu, brain_hu : float
        Medians of bone and of what bone encloses in a slice above the middle.
    """

    model: str
    holes: float
    bone_ml: float
    bone_hu: float
    brain_hu: float


def look_at(image: Image, role: str, model: str | None = None) -> Closed:
    """Make the CT of a head as a user would, and measure its skull."""
    result = synthesize("mr-to-ct", {role: image}, model=model)
    made = toward_lps(result.image)[0]
    hu = made.voxels.astype(np.float32)
    i_mm, j_mm, k_mm = made.spacing
    level = int(0.55 * hu.shape[0])
    body = ndimage.binary_fill_holes(hu[level] > -300)
    j, i = (float(c) for c in ndimage.center_of_mass(body))
    core = hu[level][ndimage.distance_transform_edt(body, (j_mm, i_mm)) > 25]
    bone = hu[hu > BONE_HU]
    return Closed(
        result.record.model,
        open_rays(hu, (k_mm, j_mm, i_mm), (float(level), j, i)),
        float(bone.size * i_mm * j_mm * k_mm / 1000),
        float(np.median(bone)) if bone.size else float("nan"),
        float(np.median(core)) if core.size else float("nan"),
    )


def main(data: Path) -> None:
    """Print a line for each of `HEADS`."""
    print(f"{'head':34}{'model':16}{'holes %':>9}{'bone ml':>9}{'bone HU':>9}{'brain HU':>9}")
    for name, (role, path) in HEADS.items():
        found = look_at(read(data / path, modality=role), role)
        print(
            f"{name:34}{found.model:16}{100 * found.holes:9.2f}{found.bone_ml:9.0f}"
            f"{found.bone_hu:9.0f}{found.brain_hu:9.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
