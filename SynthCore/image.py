"""The image every part of SynthCore works on: voxels with their place in the patient.

Conventions, the same everywhere:

voxels
    a numpy array indexed ``[k, j, i]``: slice, row, column (ITK's order in memory).
affine
    4 x 4, maps voxel indices ``(i, j, k, 1)`` to millimeters in **LPS** (x to the patient's left,
    y to posterior, z to superior), as in DICOM and ITK. NIfTI's RAS differs in the sign of x and y.
spacing, origin, direction
    derived from the affine; spacing is in the order ``(i, j, k)``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Affine = npt.NDArray[np.float64]

Synthetic = Literal["", "YES", "PHANTOM"]
"""Whether an image is marked as synthetic: empty where nothing says so; ``PHANTOM`` for the
simulated scan of a digital phantom, which is the truth of its phantom; ``YES`` for all others."""


@dataclass(frozen=True)
class Source:
    """Where an image came from.

    Attributes
    ----------
    kind : str
        ``dicom``, ``nifti``, ``nrrd``, ``metaimage``, ``mgh`` or ``memory``.
    path : str
        File or folder as the user named it; never written to a record or a log.
    series_uid : str
        SeriesInstanceUID where there is one.
    instance_uids : tuple of str
        SOPInstanceUIDs in slice order (k), one for all where the object is multi-frame.
    headers : tuple
        pydicom data sets without pixels in slice order, empty where the source is not DICOM.
    """

    kind: str = "memory"
    path: str = ""
    series_uid: str = ""
    instance_uids: tuple[str, ...] = ()
    headers: tuple[Any, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Image:
    """A scalar volume in the patient's space.

    Attributes
    ----------
    voxels : numpy.ndarray
        Shape ``(k, j, i)``.
    affine : numpy.ndarray
        4 x 4, indices (i, j, k, 1) to LPS millimeters.
    modality : str
        A role of the catalogue (``T1``, ``CT``, ...), empty while unknown.
    unit : str
        ``HU`` for CT, ``1`` for arbitrary units.
    source : Source
        Where it came from.
    notes : tuple of str
        What was repaired or assumed on the way in; copied into every record.
    synthetic : str
        As `Synthetic`.

    Raises
    ------
    ValueError
        If the voxels are not three-dimensional or the affine is not an invertible 4 x 4 matrix.
    """

    voxels: Array = field(repr=False)
    affine: Affine
    modality: str = ""
    unit: str = "1"
    source: Source = field(default_factory=Source)
    notes: tuple[str, ...] = ()
    synthetic: Synthetic = ""

    def __post_init__(self) -> None:
        if self.voxels.ndim != 3:
            raise ValueError(f"an image has three axes [k, j, i], not {self.voxels.ndim}")
        affine = np.array(self.affine, dtype=np.float64)
        if affine.shape != (4, 4) or not np.all(np.isfinite(affine)):
            raise ValueError("the affine must be a finite 4 x 4 matrix")
        if not np.array_equal(affine[3], (0.0, 0.0, 0.0, 1.0)):
            raise ValueError("the last row of the affine must be (0, 0, 0, 1)")
        # a determinant is relative to the spacing: micrometer voxels are small, not singular
        with np.errstate(over="ignore"):
            norms = np.linalg.norm(affine[:3, :3], axis=0)
        if not np.all(np.isfinite(norms)):
            raise ValueError("the axes of the affine are too long")
        if np.any(norms == 0) or abs(np.linalg.det(affine[:3, :3] / norms)) < 1e-6:
            raise ValueError("the axes of the affine must not be parallel or zero")
        affine.setflags(write=False)
        object.__setattr__(self, "affine", affine)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along (k, j, i)."""
        k, j, i = self.voxels.shape
        return k, j, i

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between voxel centers in millimeters, along (i, j, k)."""
        si, sj, sk = (float(v) for v in np.linalg.norm(self.affine[:3, :3], axis=0))
        return si, sj, sk

    @property
    def origin(self) -> tuple[float, float, float]:
        """LPS millimeters of the center of voxel (0, 0, 0)."""
        x, y, z = (float(v) for v in self.affine[:3, 3])
        return x, y, z

    @property
    def direction(self) -> Affine:
        """3 x 3; columns are the unit vectors of i, j and k in LPS."""
        matrix: Affine = self.affine[:3, :3] / np.asarray(self.spacing)
        return matrix

    def with_voxels(self, voxels: Array, **changes: Any) -> Image:
        """The same place with other voxels of the same shape (and other fields, where named)."""
        if voxels.shape != self.voxels.shape:
            raise ValueError(f"voxels of shape {voxels.shape} do not fit {self.voxels.shape}")
        return replace(self, voxels=voxels, **changes)

    def same_grid(self, other: Image, tolerance_mm: float = 1e-3) -> bool:
        """Whether both images have the same shape and every corner within `tolerance_mm`."""
        if self.shape != other.shape:
            return False
        corners = corner_points(self.shape, self.affine) - corner_points(other.shape, other.affine)
        return bool(np.all(np.linalg.norm(corners, axis=1) <= tolerance_mm))

    def sha256(self) -> str:
        """SHA-256 of the voxels (little endian, C order), shape and affine (6 decimals)."""
        digest = hashlib.sha256()
        digest.update(str((self.shape, self.voxels.dtype.kind, self.voxels.itemsize)).encode())
        digest.update((np.round(self.affine, 6) + 0.0).astype("<f8").tobytes())
        little = np.ascontiguousarray(self.voxels, dtype=self.voxels.dtype.newbyteorder("<"))
        digest.update(little.reshape(-1).data)
        return digest.hexdigest()


def corner_points(shape: tuple[int, int, int], affine: Affine) -> Affine:
    """LPS millimeters of the eight corner voxel centers, shape (8, 3)."""
    k, j, i = (n - 1 for n in shape)
    index = np.array([(a, b, c, 1) for a in (0, i) for b in (0, j) for c in (0, k)], dtype=float)
    points: Affine = (index @ affine.T)[:, :3]
    return points


def make_affine(
    spacing: tuple[float, float, float],
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0),
    direction: Affine | None = None,
) -> Affine:
    """Affine from spacing (i, j, k), origin (LPS mm) and a 3 x 3 direction (default: identity)."""
    affine = np.eye(4)
    rotation = np.eye(3) if direction is None else np.asarray(direction, dtype=float)
    affine[:3, :3] = rotation * np.asarray(spacing, dtype=float)
    affine[:3, 3] = origin
    return affine


def notes_of(images: Mapping[str, Image], *, always: bool = False) -> list[str]:
    """The notes of images by role, with the role where there are several images, or `always`."""
    return [
        f"{role}: {note}" if always or len(images) > 1 else note
        for role, image in images.items()
        for note in image.notes
    ]


def summary(image: Image, sha256: str | None = None) -> Mapping[str, Any]:
    """What a record may say of an image: geometry, identity and hash, no path and no name.

    The hash is computed where it is not given.
    """
    return {
        "modality": image.modality,
        "unit": image.unit,
        "shape_kji": list(image.shape),
        "affine_lps": [[float(v) for v in row] for row in image.affine],
        "sha256": sha256 or image.sha256(),
        "source": image.source.kind,
        "series_instance_uid": image.source.series_uid,
        "notes": list(image.notes),
    }
