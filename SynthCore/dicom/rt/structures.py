"""Contours of an RTSTRUCT as masks on an image's grid.

A contour is a closed polygon in one plane. Contours of one structure in one plane are combined by
even and odd: a ring is two contours, or one that touches itself (a keyhole), as planning systems
write them. A voxel belongs to a structure where its center does; slices between two contours that
are at most one gap apart take the nearer one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from skimage.draw import polygon2mask

from SynthCore.dicom.guard import guarded
from SynthCore.dicom.rt.header import open_object
from SynthCore.errors import InputError
from SynthCore.image import Image

Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]

PLANE_TOLERANCE = 0.2
"""Of a slice's spacing: a contour whose points spread farther across slices lies in no slice."""

SAME_PLANE_MM = 0.1
"""Contours whose heights differ by less lie in one plane: headers are rounded."""

OUTSIDE_SHARE = 0.01
"""Of a structure's points that may lie beyond the image; more is a structure of another image."""


class OutsideImageError(InputError):
    """A structure does not lie in the image, as a planning CT's may in an MR's field of view.

    `briefly` says so of it: ``lies partly outside the synthetic CT``.
    """

    def __init__(self, message: str, briefly: str) -> None:
        super().__init__(message)
        self.briefly = briefly


@dataclass(frozen=True)
class Structure:
    """One region of interest.

    Attributes
    ----------
    name : str
        As the planner called it.
    kind : str
        RT ROI Interpreted Type, such as ``PTV``, ``ORGAN`` or ``EXTERNAL``; empty if not stated.
    contours : sequence of numpy.ndarray
        [n, 3] LPS mm each.
    """

    name: str
    kind: str
    contours: Sequence[Points]


@dataclass(frozen=True)
class StructureSet:
    """The structures of one RTSTRUCT, and the frame of reference they lie in.

    `empty` are name and kind of those without a closed contour.
    """

    frame_of_reference: str
    patient_id: str
    structures: tuple[Structure, ...]
    empty: tuple[tuple[str, str], ...] = ()

    def named(self, name: str) -> Structure:
        """The structure of that name.

        Raises
        ------
        InputError
            If there is none, naming those there are.
        """
        for structure in self.structures:
            if structure.name.strip().lower() == name.strip().lower():
                return structure
        known = ", ".join(s.name for s in self.structures) or "none"
        raise InputError(f"There is no structure {name!r}; there are {known}.")


def read_structures(path: Path) -> StructureSet:
    """Read an RTSTRUCT.

    Raises
    ------
    InputError
        If it cannot be read, or holds no closed planar contour.
    """
    found = open_object(path, "RTSTRUCT")
    with guarded(path.name, "has damaged contours; export the structure set again"):
        items = {int(r.ROINumber): r for r in found.get("StructureSetROISequence", [])}
        names = _names(items)
        kinds = {
            int(o.ReferencedROINumber): str(o.get("RTROIInterpretedType", "") or "")
            for o in found.get("RTROIObservationsSequence", [])
        }
        structures, drawn = [], set()
        for item in found.get("ROIContourSequence", []):
            number = int(item.ReferencedROINumber)
            contours = [_points(c) for c in item.get("ContourSequence", []) if _is_closed(c)]
            if contours and number in names:
                drawn.add(number)
                structures.append(Structure(names[number], kinds.get(number, ""), contours))
        empty = [(name, kinds.get(n, "")) for n, name in names.items() if n not in drawn]
        frames = {str(r.get("ReferencedFrameOfReferenceUID", "") or "") for r in items.values()} - {
            ""
        }
    if not structures:
        raise InputError(f"{path.name} holds no closed planar contour: export the contours.")
    if len(frames) > 1:
        raise InputError(f"{path.name} has structures in several frames of reference: split it.")
    frame = frames.pop() if frames else str(found.get("FrameOfReferenceUID", "") or "")
    return StructureSet(
        frame, str(found.get("PatientID", "") or ""), tuple(structures), tuple(empty)
    )


def _names(items: Mapping[int, Dataset]) -> dict[int, str]:
    """By number; where two are called alike, each with its number."""
    names = {n: str(item.get("ROIName", "") or f"ROI {n}") for n, item in items.items()}
    alike = Counter(name.strip().lower() for name in names.values())
    return {
        n: f"{name} (ROI {n})" if alike[name.strip().lower()] > 1 else name
        for n, name in names.items()
    }


def mask_of(structure: Structure, image: Image) -> Mask:
    """The structure on an image's grid, [k, j, i].

    Raises
    ------
    OutsideImageError
        If it does not lie in the image, or its contours do not lie in the image's slices.
    """
    inverse = np.linalg.inv(image.affine)
    placed: list[tuple[float, Points]] = []
    outside = total = 0
    depth, rows, columns = image.shape
    for contour in structure.contours:
        voxels = contour @ inverse[:3, :3].T + inverse[:3, 3]
        if np.ptp(voxels[:, 2]) > PLANE_TOLERANCE:
            raise OutsideImageError(
                f"The contours of {structure.name} do not lie in the image's slices: "
                "resample the image, or export the contours on it.",
                "does not lie in the slices of the synthetic CT",
            )
        beyond = (voxels < -0.5) | (voxels > np.array([columns, rows, depth]) - 0.5)
        outside += int(beyond.any(axis=1).sum())
        total += len(voxels)
        placed.append((float(voxels[:, 2].mean()), voxels[:, :2]))
    if outside > OUTSIDE_SHARE * total:
        raise OutsideImageError(
            f"{outside / total:.0%} of the contour of {structure.name} lies outside the image: "
            "check that both belong together.",
            "lies partly outside the synthetic CT",
        )
    planes = _planes(placed, SAME_PLANE_MM / image.spacing[2])
    drawn = {k: _even_odd(polygons, (rows, columns)) for k, polygons in planes.items()}
    return _stacked(drawn, image.shape)


def _planes(placed: Sequence[tuple[float, Points]], apart: float) -> dict[float, list[Points]]:
    """Polygons by the height of their plane, in slices; rounded heights would part some rings."""
    planes: dict[float, list[Points]] = {}
    height = -np.inf
    for own, polygon in sorted(placed, key=lambda pair: pair[0]):
        if own - height > apart:
            height = own
            planes[height] = []
        planes[height].append(polygon)
    return planes


def _even_odd(polygons: Sequence[Points], shape: tuple[int, int]) -> Mask:
    inside = np.zeros(shape, dtype=np.bool_)
    for points in polygons:
        inside ^= polygon2mask(shape, points[:, ::-1])
    return inside


def _stacked(drawn: Mapping[float, Mask], shape: tuple[int, int, int]) -> Mask:
    made = np.zeros(shape, dtype=np.bool_)
    heights = np.array(sorted(drawn))
    gap = float(np.median(np.diff(heights))) if len(heights) > 1 else 1.0
    reach = max(0.5, gap / 2)
    for k in range(shape[0]):
        # a slice midway belongs to the contour above it: with both, a stack grows by a slice
        near = heights[(heights - k <= reach + 1e-6) & (k - heights < reach - 1e-6)]
        if near.size:
            made[k] = drawn[float(near[np.argmin(np.abs(near - k))])]
    return made


def _is_closed(contour: Dataset) -> bool:
    kind = str(contour.get("ContourGeometricType", ""))
    return kind.startswith("CLOSED") and len(contour.get("ContourData") or ()) >= 9


def _points(contour: Dataset) -> Points:
    points = np.array(contour.ContourData, dtype=np.float64).reshape(-1, 3)
    if not np.isfinite(points).all():
        raise ValueError("a contour's point is not finite")
    return points
