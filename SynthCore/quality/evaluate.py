"""Score a synthetic image against a reference, with everything the score depends on.

>>> from SynthCore.quality.evaluate import evaluate
>>> evaluate(synthetic, ct, preset="synthrad2023", mask=tissue)      # doctest: +SKIP
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from SynthCore.axes import toward_slices
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.physics.field_of_view import seen_by_scan
from SynthCore.quality.body import body_in_ct, body_in_mr
from SynthCore.quality.evaluation import Evaluation as Evaluation
from SynthCore.quality.grids import in_order_of, outside_value, seen_on_grid
from SynthCore.quality.grids import onto_grid as onto_grid
from SynthCore.quality.masks import (
    CT_TISSUE_HU,
    MR_TISSUE_FRACTION,
    tissue_of_both,
)
from SynthCore.quality.ms_ssim import LEAST
from SynthCore.quality.presets import Preset, get_preset
from SynthCore.quality.real import doubts, not_hu
from SynthCore.quality.scoring import SCORING, Case
from SynthCore.quality.seen_part import seen_part
from SynthCore.tasks import unit_of

Mask = npt.NDArray[np.bool_]

DEFAULT_PRESETS = {
    "mr-to-ct": "synthrad2023",
    "cbct-to-ct": "synthrad2023",
    "ct-denoise": "ldct-bench",
    "mr-sequence": "brasyn",
    "inpaint": "brats-inpaint",
}
"""What a report scores each task by, where it is not told otherwise."""


MOST_HOLE = 0.5
"""Of the body: too little is left around a larger hole to scale by."""

GIVEN = "the mask given"
"""What a mask is called that nothing more is known of."""


def field_of(task: str | None, image: Image) -> Mask | None:
    """What a cone beam saw, in its scan or in what was made of it: the rest came back as it was.

    Nothing for any other task.
    """
    return seen_by_scan(image.voxels) if task == "cbct-to-ct" else None


def evaluate(
    synthetic: Image,
    reference: Image,
    *,
    preset: str,
    mask: Image | None = None,
    mask_name: str = GIVEN,
    resample: bool = False,
    field: Mask | None = None,
) -> Evaluation:
    """Score a synthetic image against a reference.

    Parameters
    ----------
    synthetic, reference : Image
        In the preset's unit, on one grid unless `resample` is set.
    preset : str
        A name of `SynthCore.quality.presets.PRESETS`.
    mask : Image, optional
        On the synthetic image's grid, scored where positive (for ``brasyn``: the lesion). By
        default the body in the reference.
    mask_name : str
        What the mask is, for whoever reads the figures.
    resample : bool
        Bring a reference on another grid onto the synthetic image's (`resample_to`). Voxels
        beyond the reference do not count.
    field : numpy.ndarray of bool, optional
        [k, j, i], what the scanner saw that the synthetic image was made from, a cone beam's field
        of view (`field_of`): nothing was made of the rest, which does not count either.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        If there is no such preset, the units do not fit, the grids differ, values are not finite,
        the reference is no CT where one is needed,
        or the mask is missing, empty or on another grid.
    """
    chosen = get_preset(preset)
    _check_unit("synthetic image", synthetic, chosen)
    _check_unit("reference", reference, chosen)
    reference = in_order_of(reference, synthetic) or reference
    notes = doubts(reference, synthetic)
    if not synthetic.same_grid(reference):
        if not resample:
            raise InputError(
                f"The synthetic image {_grid(synthetic)} and the reference {_grid(reference)} are "
                "on different grids: resample the reference first, or ask for that (--resample)."
            )
        notes.append(
            "The reference was resampled onto the synthetic image's grid (linear; means over "
            "larger voxels)."
        )
    reference, seen = seen_on_grid(reference, synthetic)
    for name, image in (("synthetic image", synthetic), ("reference", reference)):
        if not np.isfinite(image.voxels).all():
            raise InputError(f"The {name} has voxels that are not finite: mend it first.")
        if chosen.unit == "HU" and (told := not_hu(image, name)):
            if image is reference:
                raise InputError(f"{told} Give the CT first that was made, then the real one.")
            notes.append(told)  # what was made may be as bad as that

    given = None if mask is None else _given_mask(mask, synthetic)
    if given is None and chosen.needs_mask:
        raise InputError(
            f"The preset {chosen.name} scores inside a hole: give the mask of the hole."
        )
    if given is None or chosen.family == "mr-sequence":
        scored, described = reference_body(reference)
        if given is not None:
            scored, described = scored | given, f"{described}, and the mask given as the lesion"
    else:
        scored, described = given, mask_name
    left_out = int(np.count_nonzero(scored & ~seen))
    scored = scored & seen
    if not scored.any():
        raise InputError(
            "No voxel of the mask lies inside the reference: check that mask and reference "
            "belong together."
        )
    if left_out:
        notes.append(f"{left_out} voxels of the mask lie beyond the reference and do not count.")
    if field is not None:
        blind = int(np.count_nonzero(scored & ~field))
        if blind:
            notes.append(
                f"{blind} voxels of the mask lie beyond the scan that the image was made from and "
                "do not count."
            )
        seen, scored = seen & field, scored & field
        if not scored.any():
            raise InputError("No voxel of the mask lies inside the scan the image was made from.")

    moved, order = toward_slices(synthetic)  # figures of slices, whichever way they are stored
    seen, scored = order.to(seen), order.to(scored)
    lesion = None if given is None else order.to(given) & seen
    case = Case(
        # beyond reference and field nothing is known: both images are made equal there
        np.where(seen, moved.voxels, outside_value(reference)).astype(np.float64),
        np.where(seen, order.to(reference.voxels), outside_value(reference)).astype(np.float64),
        scored,
        lesion,
        moved.spacing,
    )
    if chosen.family == "sliced-ct" and not seen.all():
        case, told = seen_part(case, seen)
        scored = case.mask
        notes.append(told)
    if chosen.family == "filled-hole":
        _require_around(order.back(scored), reference, chosen)
    metrics, clip = SCORING[chosen.family](case, chosen)
    if "ms_ssim" in metrics and 2 * min(scored.shape) < LEAST:
        notes.append(
            f"MS-SSIM is of a volume that is mostly padding along its {min(scored.shape)} slices, "
            "which agrees with itself: it is too high."
        )
    undefined = [name for name, value in metrics.items() if math.isnan(value)]
    if undefined:
        notes.append(f"Not defined for an image or mask this small: {', '.join(undefined)}.")
    return Evaluation(
        preset=chosen.name,
        metrics=metrics,
        mask=f"{described}: {chosen.mask_rule}",
        clip=clip,
        data_range=chosen.data_range,
        voxels=int(np.count_nonzero(scored)),
        window=chosen.window,
        unit=chosen.unit,
        notes=tuple(notes),
    )


def default_preset(task: str, target: str = "") -> str:
    """Name the preset a task is scored by; CT made by a task for MR is scored as CT."""
    if unit_of(target) == "HU" and task in ("mr-sequence", "inpaint"):
        return "synthrad2023"
    return DEFAULT_PRESETS.get(task, "synthrad2023" if unit_of(target) == "HU" else "brasyn")


TISSUE_OF_BOTH = (
    f"tissue that MR (above {MR_TISSUE_FRACTION:.0%} of its 99th percentile) and CT (above "
    f"{CT_TISSUE_HU:g} HU) share, eroded by two voxels"
)
"""What `tissue_mask` makes, in words."""


def tissue_mask(mr: Image, ct: Image) -> Image:
    """Make the mask of `SynthCore.quality.masks.tissue_of_both` from two images on one grid.

    Raises
    ------
    InputError
        If the grids differ or the two share no tissue.
    """
    if not mr.same_grid(ct):
        raise InputError(
            f"The MR {_grid(mr)} and the CT {_grid(ct)} are on different grids: resample one onto "
            "the other."
        )
    moved, order = toward_slices(ct)
    mask = order.back(tissue_of_both(order.to(mr.voxels), moved.voxels))
    if not mask.any():
        raise InputError(
            "MR and CT share no tissue: check that both belong to one patient and that the CT is "
            "in HU."
        )
    return Image(mask.astype(np.uint8), mr.affine)


def _check_unit(name: str, image: Image, preset: Preset) -> None:
    if image.unit != preset.unit:
        words = {"HU": "HU", "1": "arbitrary units"}
        raise InputError(
            f"The preset {preset.name} is for images in {words[preset.unit]}, but the {name} is in "
            f"{words.get(image.unit, image.unit)}: name its modality, or choose another preset."
        )


def _require_around(hole: Mask, reference: Image, preset: Preset) -> None:
    body = reference_body(reference)[0]
    share = int(np.count_nonzero(hole & body)) / max(int(np.count_nonzero(body)), 1)
    if share > MOST_HOLE:
        raise InputError(
            f"The mask takes {share:.0%} of the body: the preset {preset.name} takes its range "
            "from what lies around a hole; give the mask of the hole alone."
        )


def _given_mask(mask: Image, synthetic: Image) -> Mask:
    if not mask.same_grid(synthetic):
        raise InputError(
            f"The mask {_grid(mask)} is not on the grid of the synthetic image "
            f"{_grid(synthetic)}: resample it first."
        )
    inside = np.asarray(mask.voxels > 0)
    if not inside.any():
        raise InputError("The mask is empty: no voxel of it is positive.")
    return inside


def reference_body(reference: Image) -> tuple[Mask, str]:
    """Find the body in a reference: [k, j, i], and how it was found.

    Raises
    ------
    InputError
        If there is none.
    """
    if reference.unit == "HU":
        body = body_in_ct(reference)
        described = "the body in the reference (above -300 HU, couch removed, holes filled)"
    else:
        body = body_in_mr(reference)
        described = "the body in the reference (Otsu's threshold, closed, holes filled)"
    if not body.any():
        raise InputError("No body was found in the reference: give a mask.")
    return body, described


def _grid(image: Image) -> str:
    spacing = " x ".join(f"{v:.4g}" for v in image.spacing)
    return f"({' x '.join(map(str, reversed(image.shape)))} voxels of {spacing} mm)"
