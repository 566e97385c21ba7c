"""A placed lesion as DICOM: all its images, its outlines and a report, a study for each date.

`take_lesion` runs on the main thread and touches MRML; what it gives is written by `write_lesion`
from any other thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SlicerSynthLib.export import Package, check_unchanged, new_study, sources_in, take
from SlicerSynthLib.lesion_marks import lesion_mark_of, outlines_of, same_lesion
from SlicerSynthLib.masks import mask_image
from SynthCore.errors import InputError
from SynthCore.image import Image

if TYPE_CHECKING:
    from SynthCore.dicom.lesion_study import LesionState


@dataclass(frozen=True)
class LesionPackage:
    """One date of a lesion.

    Attributes
    ----------
    date : str
        YYYY-MM-DD, empty where there is but one.
    images : tuple of Package
        The first has the grid of the outlines.
    mask, parts : Image
        uint8: 1 in the lesion; the values of its tissues.
    told : mapping
        ``finding`` and ``tissues``, as the engine told them.
    """

    date: str
    images: tuple[Package, ...]
    mask: Image
    parts: Image
    told: Mapping[str, Any]


def take_lesion(scene: Any, node: Any) -> tuple[LesionPackage, ...]:
    """All that belongs to the lesion in `node`, out of the scene, by date.

    Raises
    ------
    InputError
        If the outlines are gone or were changed, or an image cannot be exported.
    """
    return tuple(
        _taken(images, outlines) for images, outlines in same_lesion(scene, node).values() if images
    )


def write_lesion(packages: tuple[LesionPackage, ...], folder: Path) -> tuple[int, tuple[str, ...]]:
    """Write them into `folder`, which must not exist or be empty; the number of files, and notes.

    Raises
    ------
    InputError, ComputationError
        As `SynthCore.dicom.lesion_study.write_lesion_studies`. Nothing is left behind.
    """
    from SynthCore.dicom.lesion_study import write_lesion_studies

    return write_lesion_studies([_state(package) for package in packages], folder)


def _taken(images: list[Any], outlines: Any) -> LesionPackage:
    mark, told = lesion_mark_of(images[0]), None if outlines is None else outlines_of(outlines)
    if mark is None or told is None:
        raise InputError(
            "The outlines of this lesion are no longer in the scene; export its images one by one, "
            "or make it again."
        )
    packages = tuple(take(node) for node in images)
    made = packages[0].result
    onto, expected = made.image, made.record.mask or {}
    if list(expected.get("shape_kji", onto.shape)) != list(onto.shape):
        raise InputError(
            "The image that the outlines of this lesion were made on is no longer in the scene; "
            "export the others one by one, or make the lesion again."
        )
    mask = mask_image(outlines, str(told["whole"]), onto)
    drawn = replace(mask, voxels=mask.voxels.astype(np.uint8))
    parts = np.zeros(onto.shape, np.uint8)
    for value, segment in dict(told["parts"]).items():
        parts[mask_image(outlines, str(segment), onto).voxels] = int(value)
    if not told["parts"]:  # of one tissue
        parts = drawn.voxels * np.uint8(told["tissues"][0]["value"])
    same = replace(drawn, affine=np.asarray(expected.get("affine_lps", onto.affine)))
    if expected.get("sha256") not in (None, same.sha256()):
        raise InputError(
            "The outlines of this lesion were changed since it was made, so its report would not "
            "be true; export its images one by one, or make it again."
        )
    return LesionPackage(mark.date, packages, drawn, drawn.with_voxels(parts), told)


def _state(package: LesionPackage) -> LesionState:
    from SynthCore.dicom.lesion_objects import LesionOfMask
    from SynthCore.dicom.lesion_study import LesionState
    from SynthCore.dicom.seg.build import Segment

    results = []
    for one in package.images:
        check_unchanged(one)
        results.append((one.result, sources_in(one)))
    try:
        finding = LesionOfMask(**_coded(package.told["finding"]))
        tissues = [Segment(**_coded(tissue)) for tissue in package.told["tissues"]]
    except (TypeError, ValueError):
        raise InputError("What the outlines say of the lesion cannot be read.") from None
    study = new_study(package.images[0])
    return LesionState(package.date, results, package.mask, package.parts, finding, tissues, study)


def _coded(told: Mapping[str, Any]) -> dict[str, Any]:
    code = told.get("code")
    return {**told, "code": None if code is None else tuple(str(part) for part in code)}
