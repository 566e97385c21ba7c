"""Remove a lesion: healthy tissue under one mask in every sequence, and what it differs by.

Each sequence is filled by the task ``inpaint`` with one model under the same mask in the patient's
space, and the fills are brought to tell of the same fluid (`SynthCore.lesions.agree`). A fill is
smoother than tissue: folds and texture come from the same place in the other hemisphere
(`SynthCore.lesions.contralateral`), and noise of the size and grain that is measured around the
mask is added where it still lacks. The fill fades into the real image within the margin, never
within the mask itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.engine.mask_check import MASK
from SynthCore.engine.role_checks import require_distinct
from SynthCore.engine.synthesize import synthesize
from SynthCore.engine.warm import Warm
from SynthCore.errors import InputError, RefusedError
from SynthCore.image import Image, summary
from SynthCore.lesions.agree import agree
from SynthCore.lesions.contralateral import (
    LEAST_ALIKE,
    find_details,
    find_opposite,
    how_alike,
    take_detail,
)
from SynthCore.lesions.fade import fade_in, stripped
from SynthCore.lesions.told import SHOWN_WHOLE
from SynthCore.quality.grids import means_over, reached, resample_to
from SynthCore.request import Options, Progress, SynthesisResult, part_of
from SynthCore.tasks import get_task

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

FILLED_BY, FILLED_BY_SHARE = 0.45, 0.1
"""Of a voxel within the mask, from which it is filled: of one no larger than the mask's own voxels,
and of a larger one, in which less than half may still be seen."""

MOST_EMPTY = 0.05
"""Of a mask: as much beyond the outline of a brain without its skull is told."""

MARGIN_MM = 2.0
SMOOTHING_MM = 1.5
MOST_MARGIN_MM = 15.0


@dataclass(frozen=True)
class Removed:
    """Pseudo-healthy images and what the real ones differ by.

    Attributes
    ----------
    results : dict
        By role; outside the mask with its margin the voxels are the real ones, bit for bit.
    anomaly : dict
        By role: (real - pseudo-healthy) / standard deviation of healthy tissue around, 0 outside
        the mask with its margin. float32.
    mask : Image
        uint8 on the first image's grid: the mask with its margin.
    warnings : tuple of str
        For a person.
    """

    results: dict[str, SynthesisResult]
    anomaly: dict[str, Image]
    mask: Image
    warnings: tuple[str, ...]


def remove(
    images: Mapping[str, Image],
    mask: Image,
    *,
    margin_mm: float = MARGIN_MM,
    smoothing_mm: float = SMOOTHING_MM,
    contralateral: bool = True,
    seed: int = 0,
    model: str | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Removed:
    """Fill the region of a mask with likely healthy tissue in all images.

    Parameters
    ----------
    images : mapping
        By role, in one frame of reference, each on its own grid.
    mask : Image
        All that is not 0, on any grid of that frame.
    margin_mm : float
        Added around the mask, 0 to 15: lesions reach farther than outlines are drawn.
    smoothing_mm : float
        Over which the fill fades into the real image; at most the margin counts.
    contralateral : bool
        Take folds and texture from the other hemisphere, where it is alike around the mask. They
        are likely, and not the patient's own.
    seed : int
        Of the noise in the fill, the same field in no two sequences.
    model : str, optional
        Of the task ``inpaint``; by default the best that takes the first image, for all of them.
    options : Options, optional
        Device and backend; its seed does not count.
    progress : callable, optional
        Told the fraction done and the stage.

    Raises
    ------
    InputError
        If there is no image or one in two roles, the mask is empty or lies elsewhere, or a number
        is out of range.
    RefusedError
        If no model takes an image, or the mask leaves too little to fill it from.
    """
    require_removable(tuple(images), margin_mm, smoothing_mm)
    require_distinct({role: image.sha256() for role, image in images.items()})
    options = replace(options or Options(), seed=seed)
    regions = {role: _regions(mask, image, margin_mm, role) for role, image in images.items()}
    filling = 0.75 if contralateral else 1.0
    made, warnings = _filled(images, regions, model, options, part_of(progress, 0.0, filling))
    fills = {role: one.image.voxels.astype(np.float32) for role, one in made.items()}
    first = next(iter(images))
    fills, together = agree(images, fills, regions[first][1])
    alike: float | None = None
    if contralateral:
        fills, alike = _detailed(images, fills, regions, part_of(progress, filling, 1.0))
    own = [*mask.notes, *_cut_off(mask, images), *_empty(images, regions)]
    if alike is not None and alike < LEAST_ALIKE:
        own.append(
            "Around the mask both hemispheres are too different to take folds and texture from "
            "the other one: the fill is smoother than tissue."
        )
    results: dict[str, SynthesisResult] = {}
    anomaly: dict[str, Image] = {}
    for n, (role, image) in enumerate(images.items()):
        core, wide = regions[role]
        voxels, spread = fade_in(image, fills[role], core, wide, smoothing_mm, seed + 101 * n)
        whole = replace(made[role].image, voxels=voxels)
        told = {
            "margin_mm": margin_mm,
            "smoothing_mm": min(smoothing_mm, margin_mm),
            "together_with": [r for r in images if r != role],
            "made_to_agree": list(together),
            "contralateral_detail": alike is not None and alike >= LEAST_ALIKE,
            "hemispheres_alike": None if alike is None else round(alike, 3),
        }
        record = replace(
            made[role].record,
            options={**made[role].record.options, "remove": told},
            output=summary(whole),
            warnings=(*made[role].record.warnings, *own),
        )
        results[role] = replace(made[role], image=whole, record=record,
                                warnings=(*made[role].warnings, *own))  # fmt: skip
        difference = np.where(wide, image.voxels.astype(np.float32) - voxels, 0) / spread
        anomaly[role] = Image(difference.astype(np.float32), image.affine, unit="1")
    shown = images[first].with_voxels(regions[first][1].astype(np.uint8), modality="", unit="1")
    return Removed(results, anomaly, shown, tuple(dict.fromkeys([*own, *warnings])))


def _empty(images: Mapping[str, Image], regions: Mapping[str, tuple[Mask, Mask]]) -> list[str]:
    """Tell where a mask holds what looks like the outside of a brain without its skull."""
    told = []
    for role, image in images.items():
        core = regions[role][0]
        zero = float(np.mean(image.voxels[core] == 0))
        if image.unit == "HU" or zero <= MOST_EMPTY:  # what hangs together is costly to find
            continue
        share = float(np.mean(stripped(image.voxels)[core]))
        if share > MOST_EMPTY:
            told.append(
                f"In the {role} image {share:.0%} of the mask is 0 and hangs together with what "
                "lies around the brain: it stays 0. Where a lesion was cut out, give the image "
                "as it was before."
            )
    return told


def _regions(mask: Image, image: Image, margin_mm: float, role: str) -> tuple[Mask, Mask]:
    """The mask on the image's grid, and the same with its margin."""
    core = _on(mask, image)
    if not core.any():
        raise InputError(f"The mask does not lie in the {role} image; check its place.")
    return core, _widened(core, margin_mm, image)


def _cut_off(mask: Image, images: Mapping[str, Image]) -> list[str]:
    """Sentences for images that do not reach all of the mask: what is beyond them stays."""
    found = []
    inside = mask.voxels != 0
    for role, image in images.items():
        seen = reached(image, mask)[inside]
        if seen.size and float(seen.mean()) < SHOWN_WHOLE:
            found.append(
                f"The {role} image shows {float(seen.mean()):.0%} of the mask: the rest of the "
                "lesion was not taken out of it."
            )
    return found


def _filled(
    images: Mapping[str, Image],
    regions: Mapping[str, tuple[Mask, Mask]],
    model: str | None,
    options: Options,
    progress: Progress,
) -> tuple[dict[str, SynthesisResult], list[str]]:
    """Every image filled alone, by one model where it takes them all; and warnings."""
    warm = Warm()
    made: dict[str, SynthesisResult] = {}
    warnings: list[str] = []
    chosen = model
    for n, (role, image) in enumerate(images.items()):

        def tell(fraction: float, stage: str, n: int = n, role: str = role) -> None:
            progress((n + fraction) / len(images), f"{role}: {stage}")

        region = image.with_voxels(regions[role][1].astype(np.uint8), modality="", unit="1")
        try:
            one = synthesize("inpaint", {role: image}, mask=region, model=chosen,
                             options=options, progress=tell, warm=warm)  # fmt: skip
        except RefusedError as error:
            if [check.name for check in error.checks if check.outcome == "refuse"] == [MASK]:
                raise RefusedError(f"{role}: {error}", error.checks) from error
            if model is not None or chosen is None:
                raise
            one = synthesize("inpaint", {role: image}, mask=region, options=options,
                             progress=tell, warm=warm)  # fmt: skip
            warnings.append(
                f"{role} was filled by {one.record.model} and not by {chosen}, which was not "
                "made for it: the sequences may agree less."
            )
        chosen = chosen or one.record.model
        made[role] = one
        warnings += one.warnings
    return made, warnings


def _detailed(
    images: Mapping[str, Image],
    fills: dict[str, Floats],
    regions: Mapping[str, tuple[Mask, Mask]],
    tell: Progress,
) -> tuple[dict[str, Floats], float | None]:
    """Fills with the other hemisphere's detail, and how alike both are; None if none is there."""
    tell(0.0, "compare with the other hemisphere")
    opposite = find_opposite(images, fills, lambda f: tell(0.7 * f, "find the other hemisphere"))
    if opposite is None:
        return fills, None
    lead = opposite.lead
    of_lead = find_details(images[lead], fills[lead], opposite)
    alike = how_alike(images[lead], of_lead, regions[lead][1])
    if alike < LEAST_ALIKE:
        return fills, alike
    made = dict(fills)
    for n, (role, fill) in enumerate(fills.items()):
        tell(0.7 + 0.3 * n / len(fills), f"{role}: take detail from the other hemisphere")
        details = of_lead if role == lead else find_details(images[role], fill, opposite)
        made[role] = take_detail(images[role], fill, regions[role][1], details, agent=role == "T1c")
    return made, alike


def require_removable(roles: Sequence[str], margin_mm: float, smoothing_mm: float) -> None:
    """Refuse roles and numbers that no image is needed to refuse.

    Raises
    ------
    InputError
        In one sentence.
    """
    if not roles:
        raise InputError("There is no image to remove a lesion from: add --input ROLE=PATH.")
    for role in roles:
        if role not in get_task("inpaint").inputs:
            raise InputError(
                f"A lesion is not removed from {role}, only from "
                f"{', '.join(get_task('inpaint').inputs)}."
            )
    for name, value in (("margin", margin_mm), ("smoothing", smoothing_mm)):
        if not 0 <= value <= MOST_MARGIN_MM:
            raise InputError(f"The {name} is {value:g} mm; give 0 to {MOST_MARGIN_MM:g} mm.")


def _on(mask: Image, image: Image) -> Mask:
    """The mask on the image's grid."""
    if mask.same_grid(image, tolerance_mm=1e-2):
        return np.asarray(mask.voxels != 0)
    whole = mask.with_voxels((mask.voxels != 0).astype(np.float32))
    shares = means_over(whole, image)
    least = FILLED_BY if shares is whole else FILLED_BY_SHARE
    return np.asarray(resample_to(shares, image, means=False)[0].voxels > least)


def _widened(core: Mask, margin_mm: float, image: Image) -> Mask:
    if margin_mm == 0:
        return core
    away = ndimage.distance_transform_edt(~core, image.spacing[::-1])
    # on thick slices a margin stays in the slice: half a voxel is not the next one
    return np.asarray(away <= margin_mm)
