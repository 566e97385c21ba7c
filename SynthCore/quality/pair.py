"""Two images made fit to be compared: of one unit, on one grid, finite, and what is to be said."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from SynthCore.axes import in_order_of
from SynthCore.errors import InputError
from SynthCore.image import Image, notes_of
from SynthCore.quality.body import body_in
from SynthCore.quality.grids import seen_on_grid
from SynthCore.quality.presets import Preset
from SynthCore.quality.real import doubts, not_hu

Mask = npt.NDArray[np.bool_]

LEAST_SEEN = 0.99
"""Of the body: where a reference covers less, the share is told."""


@dataclass(frozen=True)
class Pair:
    """A synthetic image and its reference on one grid.

    Attributes
    ----------
    synthetic, reference : Image
        Voxels in one order.
    seen : numpy.ndarray of bool
        [k, j, i]: where the reference has a value.
    notes : tuple of str
        What is to be said of the two.
    """

    synthetic: Image
    reference: Image
    seen: Mask = field(repr=False)
    notes: tuple[str, ...]


def pair(synthetic: Image, reference: Image, preset: Preset, *, resample: bool) -> Pair:
    """Bring the reference onto the synthetic image's grid, and see that both may be compared.

    Raises
    ------
    InputError
        If the units do not fit the preset, the grids differ and `resample` is not set, values are
        not finite, or the reference is no CT where one is needed.
    """
    _check_unit("synthetic image", synthetic, preset)
    _check_unit("reference", reference, preset)
    reference = in_order_of(reference, synthetic) or reference
    notes = doubts(reference, synthetic)
    if not synthetic.same_grid(reference):
        if not resample:
            raise InputError(
                f"The synthetic image {grid_in_words(synthetic)} and the reference "
                f"{grid_in_words(reference)} are on different grids: resample the reference "
                "first, or ask for that (--resample)."
            )
        notes.append(
            "The reference was resampled onto the synthetic image's grid (linear; means over "
            "larger voxels)."
        )
    of_files = notes_of({"synthetic image": synthetic, "reference": reference})
    reference, seen = seen_on_grid(reference, synthetic)
    for name, image in (("synthetic image", synthetic), ("reference", reference)):
        if not np.isfinite(image.voxels).all():
            raise InputError(f"The {name} has voxels that are not finite: mend it first.")
        if preset.unit == "HU" and (told := not_hu(image, name)):
            if image is reference:
                raise InputError(
                    f"{told} Give the CT first that was made, then the real one; of MR, choose "
                    "the preset brasyn."
                )
            notes.append(told)  # what was made may be as bad as that
    return Pair(synthetic, reference, seen, (*notes, *_covered(synthetic, seen), *of_files))


def grid_in_words(image: Image) -> str:
    """Counts and sizes of voxels, in brackets."""
    spacing = " x ".join(f"{v:.4g}" for v in image.spacing)
    return f"({' x '.join(map(str, reversed(image.shape)))} voxels of {spacing} mm)"


def _check_unit(name: str, image: Image, preset: Preset) -> None:
    if image.unit != preset.unit:
        words = {"HU": "HU", "1": "arbitrary units"}
        raise InputError(
            f"The preset {preset.name} is for images in {words[preset.unit]}, but the {name} is in "
            f"{words.get(image.unit, image.unit)}: name its modality, or choose another preset."
        )


def _covered(synthetic: Image, seen: Mask) -> list[str]:
    """How much of the body a reference shows that ends before the synthetic image does."""
    if seen.all() or not (body := body_in(synthetic)).any():
        return []
    share = np.count_nonzero(body & seen) / np.count_nonzero(body)
    if share >= LEAST_SEEN:
        return []
    return [
        f"The reference shows {share:.0%} of the body in the synthetic image; the rest does not "
        "count."
    ]
