"""Put slices in order along their normal and find the grid they lie on, or say why there is none.

The order is by position, never by instance number or file name. k grows along
row x column, so the axes (i, j, k) are right-handed (PS3.3 C.7.6.2.1.1 gives i and j).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SynthCore.dicom.frames import Frame
from SynthCore.errors import InputError
from SynthCore.image import Affine, Array

MAX_SHEAR = 1e-4
"""Largest cosine between two axes; DICOM planes can only be orthogonal. 0.03 mm over 300 mm."""

EVEN_MM = 0.02
EVEN_PART = 0.01
"""Slices this near to an even grid (mm, or part of the spacing) are taken as even: headers
round positions."""

GAP_PART = 1.75
"""A gap of this many times the usual one is a missing slice."""

SPARSE_PART = 1.5
"""From so many times the stated spacing (or, in CT, thickness) on, a stack may lack slices."""

TILT_DEGREES = 0.1
TILT_PIXELS = 0.25
"""A stack that leans by more than both (angle, and drift in pixels) is sheared."""


_ONE_CONTRAST = (
    "EchoTime", "EffectiveEchoTime", "EchoNumbers", "DiffusionBValue", "InversionTime",
)  # fmt: skip
"""Attributes that one MR image has one value of, and by how much of it values may differ."""
APART_PART = 0.1

_PARTS = frozenset("MPRI")
"""Magnitude, phase, real and imaginary part, in ImageType."""


@dataclass(frozen=True)
class Stack:
    """Slices in order.

    Attributes
    ----------
    frames : tuple of Frame
        In the order of k.
    affine : numpy.ndarray
        4 x 4, indices (i, j, k, 1) to LPS mm.
    positions : numpy.ndarray or None
        Where the spacing is uneven: the place of each slice along k in units of the even grid of
        `affine`, shape (slices,). None where it is even.
    notes : tuple of str
        What was assumed.
    """

    frames: tuple[Frame, ...]
    affine: Affine
    positions: Affine | None = None
    notes: tuple[str, ...] = ()


def build_stack(frames: tuple[Frame, ...], where: str) -> Stack:
    """Order parallel slices and find their grid.

    Raises
    ------
    InputError
        Several images at one position (4D), several contrasts, missing slices, or gantry tilt.
    """
    first = frames[0]
    if len(frames) == 1:
        return _single(first)
    normal = first.normal
    points = np.array([frame.position for frame in frames])
    order = np.argsort(points @ normal, kind="stable")
    ordered = tuple(frames[n] for n in order)
    points = points[order]
    along = points @ normal
    _check_one_volume(ordered, along, where)
    _check_alike(ordered, where)
    _check_gaps(ordered, along, where)
    _check_tilt(points, normal, min(first.pixel_spacing), where)
    step = (points[-1] - points[0]) / (len(frames) - 1)
    affine, straightened = _straight(_affine(first, step, points[0]))
    even = np.linspace(along[0], along[-1], len(frames))
    spacing = float(np.linalg.norm(step))
    off = float(np.abs(along - even).max())
    notes = (*straightened, *_sparse(ordered, spacing))
    if off <= max(EVEN_MM, EVEN_PART * spacing):
        return Stack(ordered, affine, None, notes)
    gaps = np.diff(along)
    note = (
        f"Slices were {gaps.min():.2f} to {gaps.max():.2f} mm apart; they were resampled linearly "
        f"to {spacing:.2f} mm."
    )
    return Stack(ordered, affine, (along - along[0]) / spacing, (*notes, note))


def resample_to_even(voxels: Array, positions: Affine) -> Array:
    """Linear interpolation along k from uneven `positions` (units of k) to 0, 1, ... n - 1.

    Parameters
    ----------
    voxels : numpy.ndarray
        Shape (k, j, i).
    positions : numpy.ndarray
        Ascending from 0 to n - 1, shape (k,).

    Returns
    -------
    numpy.ndarray
        The same shape and type; whole numbers are rounded.
    """
    even = np.arange(len(positions), dtype=np.float64)
    upper = np.clip(np.searchsorted(positions, even, side="left"), 1, len(positions) - 1)
    lower = upper - 1
    part = (even - positions[lower]) / (positions[upper] - positions[lower])
    result = np.empty_like(voxels)
    for k, weight in enumerate(np.clip(part, 0.0, 1.0)):
        mixed = voxels[lower[k]] * (1.0 - weight) + voxels[upper[k]] * weight
        result[k] = np.rint(mixed) if voxels.dtype.kind in "iu" else mixed
    return result


def _single(frame: Frame) -> Stack:
    notes: tuple[str, ...] = ()
    thickness = frame.thickness or frame.between
    if thickness is None:
        thickness = 1.0
        notes = ("One slice of unknown thickness; 1 mm was assumed.",)
    return Stack((frame,), _affine(frame, frame.normal * thickness, frame.position), None, notes)


def _affine(frame: Frame, step: Affine, origin: Affine) -> Affine:
    affine = np.eye(4)
    affine[:3, 0] = frame.row * frame.pixel_spacing[1]
    affine[:3, 1] = frame.column * frame.pixel_spacing[0]
    affine[:3, 2] = step
    affine[:3, 3] = origin
    return affine


def _straight(affine: Affine) -> tuple[Affine, tuple[str, ...]]:
    """Axes at right angles, where rounded headers left them a little off; the rows stay."""
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    axes = affine[:3, :3] / lengths
    off = float(np.abs(axes.T @ axes - np.eye(3)).max())
    if off <= MAX_SHEAR:
        return affine, ()
    row = axes[:, 0]
    column = axes[:, 1] - (axes[:, 1] @ row) * row
    column /= np.linalg.norm(column)
    normal = np.cross(row, column)
    straight = affine.copy()
    straight[:3, :3] = np.stack([row, column, normal * np.sign(normal @ axes[:, 2])], 1) * lengths
    degrees = float(np.degrees(off))
    return straight, (
        f"The axes of the slices were {degrees:.2f} degrees off a right angle, as rounded headers "
        "leave them; they were made perpendicular.",
    )


def _check_one_volume(frames: tuple[Frame, ...], along: Affine, where: str) -> None:
    apart = np.diff(along) > 0.01 * min(1.0, *frames[0].pixel_spacing)
    group = np.concatenate(([0], np.cumsum(apart)))
    counts = np.bincount(group)
    if counts.max() == 1:
        return
    together = [frames[n] for n in np.flatnonzero(group == int(np.argmax(counts)))]
    words = {word for frame in together for word in frame.telling}
    differing = [
        word for word in sorted(words) if len({f.telling.get(word, "") for f in together}) > 1
    ]
    telling = list(together[0].telling) + differing
    named = sorted(set(differing), key=telling.index)[:2]
    why = f"; they differ in {' and '.join(named)}" if named else ""
    if counts.min() == counts.max():
        raise InputError(
            f"The series in {where} is four-dimensional: {counts.max()} images at each position"
            f"{why}; split it and give one volume."
        )
    raise InputError(
        f"The series in {where} has more than one image at {int(np.sum(counts > 1))} of its "
        f"{len(counts)} positions{why}; split it and give one volume."
    )


def _check_alike(frames: tuple[Frame, ...], where: str) -> None:
    """Refuse slices of two contrasts, which lie beside each other where a series was cut off."""
    for word in _ONE_CONTRAST:
        values = {float(v) for f in frames if (v := f.telling.get(word)) and _is_number(v)}
        if values and max(values) - min(values) > APART_PART * max(abs(v) for v in values):
            raise InputError(
                f"The slices of the series in {where} differ in {word} ({min(values):g} and "
                f"{max(values):g}); they are not one image: split the series."
            )
    kinds = {kind for f in frames for kind in _PARTS.intersection(_words(f))}
    parts = {part for f in frames if (part := f.telling.get("ComplexImageComponent"))}
    for word, found in (("ImageType", kinds), ("ComplexImageComponent", parts)):
        if len(found) > 1:
            raise InputError(
                f"The slices of the series in {where} are of different kinds ({word} "
                f"{' and '.join(sorted(found))}); they are not one image: split the series."
            )


def _words(frame: Frame) -> list[str]:
    return frame.telling.get("ImageType", "").split("\\")


def _is_number(value: str) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except ValueError:
        return False


def _check_gaps(frames: tuple[Frame, ...], along: Affine, where: str) -> None:
    gaps = np.diff(along)
    usual = float(np.median(gaps))
    multiples = gaps / gaps.min()
    whole = np.rint(multiples)
    on_grid = bool(np.all(np.abs(multiples - whole) <= 0.05 * whole)) and whole.max() >= 2
    wide = gaps > (1.5 * gaps.min() if on_grid else GAP_PART * usual)
    wide &= ~_filled(frames, gaps)
    if not wide.any():
        return
    stacks = sorted({stack for f in frames if (stack := f.telling.get("StackID"))})
    if len(stacks) > 1:
        raise InputError(
            f"The series in {where} holds {len(stacks)} stacks of slices (StackID "
            f"{', '.join(stacks)}), not one volume; split it and give one of them."
        )
    k = int(np.argmax(wide))
    step = float(gaps.min()) if on_grid else usual
    missing = max(1, int(np.sum(np.rint(gaps[wide] / step) - 1)))
    slices = "A slice is" if missing == 1 else f"{missing} slices are"
    raise InputError(
        f"{slices} missing in the series in {where}: the gap after {frames[k].name} is "
        f"{gaps[k]:.2f} mm where {step:.2f} mm is usual; export the series again."
    )


def _filled(frames: tuple[Frame, ...], gaps: Affine) -> Array:
    """Gaps that a thicker slice fills, where a scan changes its thickness on the way."""
    thickness = np.array([frame.thickness or 0.0 for frame in frames])
    if thickness.min() <= 0 or thickness.max() < 1.5 * thickness.min():
        return np.zeros(len(gaps), dtype=bool)
    thicker = np.maximum(thickness[1:], thickness[:-1])
    return np.asarray((thicker > 1.5 * thickness.min()) & (gaps <= 1.05 * thicker))


def _sparse(frames: tuple[Frame, ...], spacing: float) -> tuple[str, ...]:
    """A note where slices lie farther apart than their headers say."""
    stated = [frame.between or (frame.thickness if frame.ct else None) for frame in frames]
    known = [one for one in stated if one is not None]
    usual = float(np.median(known)) if len(known) == len(frames) else np.inf
    if spacing <= SPARSE_PART * usual:
        return ()
    return (
        f"Slices lie {spacing:g} mm apart where their headers say {usual:g} mm: what lies between "
        "was not scanned, or every other slice is missing.",
    )


def _check_tilt(points: Affine, normal: Affine, pixel: float, where: str) -> None:
    from_first = points - points[0]
    along = from_first @ normal
    aside = from_first - np.outer(along, normal)
    drift = float(np.linalg.norm(aside, axis=1).max())
    if drift <= TILT_PIXELS * pixel:
        return
    angle = float(np.degrees(np.arctan2(np.linalg.norm(aside[-1]), along[-1])))
    bent = float(np.linalg.norm(aside - np.outer(along / along[-1], aside[-1]), axis=1).max())
    if bent > TILT_PIXELS * pixel:
        raise InputError(
            f"The slices of the series in {where} are shifted against each other by up to "
            f"{drift:.1f} mm; give a series whose slices lie behind one another."
        )
    if angle > TILT_DEGREES:
        raise InputError(
            f"The series in {where} was acquired with a gantry tilt of {angle:.1f} degrees; "
            "resample it to a straight grid first."
        )
