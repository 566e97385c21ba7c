"""Score a synthetic image against a reference, with everything the score depends on.

>>> from SynthCore.quality.evaluate import evaluate
>>> evaluate(synthetic, ct, preset="synthrad2023", mask=tissue)      # doctest: +SKIP
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from SynthCore.axes import in_order_of, toward_slices
from SynthCore.errors import InputError
from SynthCore.image import Image, notes_of
from SynthCore.physics.field_of_view import seen_by_scan
from SynthCore.quality.evaluation import Evaluation as Evaluation
from SynthCore.quality.grids import onto_grid as onto_grid
from SynthCore.quality.grids import outside_value
from SynthCore.quality.masks import (
    CT_TISSUE_HU,
    MR_TISSUE_FRACTION,
    tissue_of_both,
)
from SynthCore.quality.ms_ssim import LEAST
from SynthCore.quality.pair import Pair, grid_in_words, pair
from SynthCore.quality.presets import get_preset
from SynthCore.quality.region import Region, region
from SynthCore.quality.region import reference_body as reference_body
from SynthCore.quality.scoring import SCORING, Case
from SynthCore.quality.seen_part import seen_alone, seen_part
from SynthCore.request import Progress, part_of
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
    progress: Progress | None = None,
) -> Evaluation:
    """Score a synthetic image against a reference.

    Parameters
    ----------
    synthetic, reference : Image
        In the preset's unit, on one grid unless `resample` is set.
    preset : str
        A name of `SynthCore.quality.presets.PRESETS`.
    mask : Image, optional
        On the synthetic image's grid, scored where positive. By default the body in the
        reference; for ``brasyn`` always that, and the mask is the lesion, scored apart.
    mask_name : str
        What the mask is, for whoever reads the figures.
    resample : bool
        Bring a reference on another grid onto the synthetic image's (`resample_to`). Voxels
        beyond the reference do not count.
    field : numpy.ndarray of bool, optional
        [k, j, i], what the scanner saw that the synthetic image was made from, a cone beam's field
        of view (`field_of`): nothing was made of the rest, which does not count either.
    progress : Progress, optional
        Told each metric before it is measured; what it raises ends the work.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        If there is no such preset, the units do not fit, the grids differ, values are not finite,
        the reference is no CT where one is needed,
        or the mask is missing, empty, on another grid or wholly in air.
    """
    chosen = get_preset(preset)
    tell = part_of(progress, 0.0, 1.0)
    tell(0.0, "images and mask")
    both = pair(synthetic, reference, chosen, resample=resample)
    where = region(both, chosen, mask, mask_name, field)
    case, notes = _case(both, where), [*both.notes, *where.notes]
    if not where.seen.all():
        seen = toward_slices(synthetic)[1].to(where.seen)
        if chosen.family == "sliced-ct":
            case, told = seen_part(case, seen)
            notes.append(told)
        elif chosen.unit != "HU":
            case = seen_alone(case, seen)
    score = SCORING[chosen.family](case, chosen, part_of(tell, 0.1, 1.0))
    notes += [*score.notes, *_doubtful(score.metrics, case)]
    return Evaluation(
        preset=chosen.name,
        metrics=score.metrics,
        mask=f"{where.described}: {chosen.mask_rule}",
        clip=score.clip,
        data_range=chosen.data_range,
        voxels=int(np.count_nonzero(case.mask)),
        window=chosen.window,
        unit=chosen.unit,
        notes=tuple(dict.fromkeys(notes)),
    )


def _case(both: Pair, where: Region) -> Case:
    """Arrays of slices, whichever way they are stored, equal where nothing is known."""
    moved, order = toward_slices(both.synthetic)
    seen, outside = order.to(where.seen), outside_value(both.reference)
    return Case(
        np.where(seen, moved.voxels, outside).astype(np.float64),
        np.where(seen, order.to(both.reference.voxels), outside).astype(np.float64),
        order.to(where.scored),
        None if where.lesion is None else order.to(where.lesion),
        moved.spacing,
    )


def _doubtful(metrics: Mapping[str, float], case: Case) -> list[str]:
    """What the size of an image or a mask makes of some metrics."""
    notes = []
    if math.isfinite(metrics.get("ms_ssim", math.nan)) and 2 * min(case.mask.shape) < LEAST:
        notes.append(
            f"MS-SSIM is of a volume that is mostly padding along its {min(case.mask.shape)} "
            "slices, which agrees with itself: it is too high."
        )
    unequal = not np.array_equal(case.synthetic[case.mask], case.reference[case.mask])
    if unequal and any(math.isinf(value) for value in metrics.values()):
        notes.append(
            "PSNR is infinite although the images differ: they are equal once clipped as the "
            "preset does."
        )
    undefined = [name for name, value in metrics.items() if math.isnan(value)]
    if undefined:
        notes.append(f"Not defined for an image or mask this small: {', '.join(undefined)}.")
    return notes


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
    ct = in_order_of(ct, mr) or ct
    if not mr.same_grid(ct):
        raise InputError(
            f"The MR {grid_in_words(mr)} and the CT {grid_in_words(ct)} are on different grids: "
            "resample one onto the other."
        )
    moved, order = toward_slices(ct)
    mask = order.back(tissue_of_both(order.to(mr.voxels), moved.voxels))
    if not mask.any():
        raise InputError(
            "MR and CT share no tissue: check that both belong to one patient and that the CT is "
            "in HU."
        )
    notes = tuple(notes_of({"MR": mr}, always=True))
    return Image(mask.astype(np.uint8), mr.affine, notes=notes)
