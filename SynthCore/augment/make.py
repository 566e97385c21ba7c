"""One subject: a study read, lesions placed in it, and everything known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.augment.draw import SubjectPlan
from SynthCore.augment.studies import Study
from SynthCore.errors import CancelledError, InputError, RefusedError
from SynthCore.files.mask import read_mask
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.lesions.grids import grid_of
from SynthCore.lesions.place import Placed, place
from SynthCore.lesions.scene import Scene, make_scene
from SynthCore.lesions.told import SHOWN_WHOLE, shares_shown
from SynthCore.lesions.wish import LesionWish
from SynthCore.request import Cancelled

APART_MM = 2.0
"""Between a placed lesion and one that is known already."""

JOINED = {"ms-plaques": 0.3}
"""By kind, the share of a lesion that may lie on others: plaques of one brain run together."""


@dataclass(frozen=True)
class Lesions:
    """A study with lesions placed in it.

    Attributes
    ----------
    images : dict
        By role.
    instances : Image
        uint8 on the first image's grid: the number of the placed lesion, from 1; where two join,
        of the earlier one.
    mask : Image
        uint8 on the same grid: 1 in every lesion that is known, the study's own included.
    facts : tuple of mapping
        Of each placed lesion, in the order of `instances`: JSON-ready.
    known_ml : float
        Of the study's own lesions, as far as a mask of them was given.
    refused : tuple of str
        Reasons, for lesions that none of the draws could place.
    """

    images: dict[str, Image]
    instances: Image
    mask: Image
    facts: tuple[Mapping[str, Any], ...]
    known_ml: float = 0.0
    refused: tuple[str, ...] = ()


@dataclass
class Opened:
    """A study that was read, and the organs that were found in it.

    Attributes
    ----------
    images : dict
        By role.
    known, organ : Image or None
        Lesions that are there already, and the organ where it was given.
    """

    study: Study
    images: dict[str, Image]
    known: Image | None = None
    organ: Image | None = None
    _scenes: dict[object, Scene] = field(default_factory=dict)

    def scene(self, wish: LesionWish) -> Scene:
        """The organ of a wish in the images as they were read: found once."""
        # the liver is found from the point of the wish, other organs without
        key = wish.what.organ, wish.at if wish.what.organ == "liver" else None
        if key not in self._scenes:
            self._scenes[key] = make_scene(self.images, wish, self.organ)
        return self._scenes[key]


@dataclass
class Reader:
    """Reads studies; the last one is kept, for subjects that come of the same."""

    _last: Opened | None = None

    def read(self, study: Study) -> Opened:
        """The study, its masks on the first image's grid.

        Raises
        ------
        InputError
            Naming the study by its number: its name may be a clinic's own.
        """
        if self._last is None or self._last.study != study:
            try:
                self._last = _open(study)
            except InputError as error:
                raise InputError(f"Study {study.number} of the table: {error}") from error
        return self._last


def _open(study: Study) -> Opened:
    images = {role: read(path, modality=role) for role, path in study.paths.items()}
    first = next(iter(images.values()))
    known, organ = (
        None if path is None else read_mask(path, first) for path in (study.mask, study.organ)
    )
    return Opened(study, images, known, organ)


def make_subject(plan: SubjectPlan, opened: Opened, cancelled: Cancelled | None = None) -> Lesions:
    """Place the lesions of a plan, one after the other.

    Only a lesion that is the first one known may displace tissue: another would move the first
    from where its mask says it is.

    Parameters
    ----------
    plan : SubjectPlan
        The wishes, and what to try where one is refused.
    opened : Opened
        The study.
    cancelled : callable, optional
        Asked before each try.

    Raises
    ------
    CancelledError
        If the user asked to stop.
    RefusedError
        If no lesion could be placed.
    """
    first = next(iter(opened.images.values()))
    taken = np.zeros(first.shape, bool) if opened.known is None else opened.known.voxels > 0
    voxel_ml = grid_of(first).voxel_ml
    known_ml = float(taken.sum()) * voxel_ml
    instances = np.zeros(first.shape, np.uint16)
    images = dict(opened.images)
    moved = False
    facts: list[dict[str, Any]] = []
    refused: list[str] = []
    for wishes in plan.wishes:
        reason = ""
        for wish in wishes:
            if cancelled is not None and cancelled():
                raise CancelledError("Cancelled; the subjects that were finished are whole.")
            wish = replace(wish, mass_effect=0.0) if taken.any() else wish
            try:
                scene = None if moved else opened.scene(wish)
                found = place(images, wish, organ=opened.organ, scene=scene)
            except (RefusedError, InputError) as error:
                reason = str(error)
                continue
            if not _is_clear(found, taken):
                reason = "The place drawn for the lesion lies on another one."
            elif min(shares_shown(found.facts["levels"]).values()) < SHOWN_WHOLE:
                reason = "An image does not show all of the lesion drawn."
            else:
                break
        else:
            refused.append(reason)
            continue
        images = dict(found.images)
        moved = moved or bool(found.facts.get("displacement_mm", 0.0))
        inside = found.mask.voxels > 0
        shared = inside & (instances > 0)
        instances[inside & ~shared] = len(facts) + 1
        taken = taken | inside
        shared_ml = float(shared.sum()) * voxel_ml
        facts.append({**facts_of(found), "shared_ml": round(shared_ml, 6)})
    if not facts:
        raise RefusedError(refused[0])
    truth = first.with_voxels(taken.astype(np.uint8), modality="", unit="1")
    return Lesions(
        images, truth.with_voxels(instances), truth, tuple(facts), known_ml, tuple(refused)
    )  # fmt: skip


def facts_of(found: Placed) -> dict[str, Any]:
    """What a manifest says of a placed lesion."""
    return {
        "kind": found.wish.kind,
        "site": found.facts["site"],
        "side": found.wish.side,
        "region": found.wish.region,
        "asked_ml": found.wish.volume_ml,
        "volume_ml": round(found.volume_ml, 6),
        "center_lps_mm": [round(v, 2) for v in found.center_lps],
        "wish": found.wish.to_dict(),
        "warnings": list(found.warnings),
    }


def _is_clear(found: Placed, taken: npt.NDArray[np.bool_]) -> bool:
    """Whether a lesion lies apart from those that are known, as far as its kind must."""
    if not taken.any():
        return True
    # edema and what else surrounds a lesion is in its parts, and would be painted over another
    inside = found.mask.voxels > 0
    if ((found.parts.voxels > 0) & ~inside & taken).any():
        return False
    far = ndimage.distance_transform_edt(~taken, sampling=found.mask.spacing[::-1])
    near = np.mean(far[inside] <= APART_MM)
    return bool(near <= JOINED.get(found.wish.kind, 0.0))
