"""The slices of a series as their headers describe them, classic and enhanced alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from SynthCore.dicom.acquisition import kind_of
from SynthCore.dicom.headers import Header, code, integer, item, items, number, numbers, text
from SynthCore.dicom.scan import Instance
from SynthCore.errors import InputError
from SynthCore.image import Affine

_TELLING = (
    "TemporalPositionIdentifier",
    "TemporalPositionIndex",
    "EchoTime",
    "EffectiveEchoTime",
    "EchoNumbers",
    "DiffusionBValue",
    "TriggerTime",
    "NominalPercentageOfCardiacPhase",
    "NominalCardiacTriggerDelayTime",
    "InversionTime",
    "FlipAngle",
    "StackID",
    "ComplexImageComponent",
    "ImageType",
    "FrameType",
    "AcquisitionNumber",
    "AcquisitionTime",
    "FrameAcquisitionDateTime",
    "ContentTime",
)
"""What may differ between images at one position, the most telling first."""


@dataclass(frozen=True)
class Frame:
    """One slice.

    Attributes
    ----------
    instance : Instance
        The file it is in.
    index : int or None
        Its number (from 0) in a multi-frame object, None in a single-frame one.
    position : numpy.ndarray
        ImagePositionPatient, LPS mm, of the center of the first pixel.
    row, column : numpy.ndarray
        Unit vectors along which the column index i and the row index j grow.
    pixel_spacing : tuple of float
        PixelSpacing in mm as DICOM orders it: between rows (j), between columns (i).
    thickness, between : float or None
        SliceThickness and SpacingBetweenSlices in mm.
    slope, intercept : float
        Of the rescaling; 1 and 0 where there is none.
    rescaled, looked_up : bool
        Whether both are there and numbers; whether a lookup table stands for them.
    ct : bool
        Whether it is of a CT object, whose neighbors are as far apart as they are thick, or nearer.
    rescale_type : str
        RescaleType, empty where it is not said.
    telling : Mapping
        Values that may tell several volumes in one series apart.
    """

    instance: Instance
    index: int | None
    position: Affine
    row: Affine
    column: Affine
    pixel_spacing: tuple[float, float]
    thickness: float | None
    between: float | None
    slope: float
    intercept: float
    rescaled: bool = True
    looked_up: bool = False
    ct: bool = False
    rescale_type: str = ""
    telling: Mapping[str, str] = field(default_factory=dict)

    @property
    def normal(self) -> Affine:
        """Unit vector of row x column: the way k grows."""
        normal = np.cross(self.row, self.column)
        return np.asarray(normal / np.linalg.norm(normal), dtype=np.float64)

    @property
    def name(self) -> str:
        """How a message names it."""
        frame = "" if self.index is None else f" (frame {self.index + 1})"
        return f"{self.instance.path.name}{frame}"


def frames_of(instance: Instance) -> tuple[Frame, ...]:
    """The slices of one DICOM object, in the order of the file.

    Raises
    ------
    InputError
        If one has no usable position, orientation or pixel spacing.
    """
    header = instance.header
    groups = items(header, "PerFrameFunctionalGroupsSequence")
    count = integer(header, "NumberOfFrames", 1)
    shared = item(header, "SharedFunctionalGroupsSequence")
    if not groups and shared is None:
        if count > 1:
            raise InputError(
                f"{instance.path.name} holds {count} frames without positions; give a series of "
                "CT, MR or PET images, or an enhanced multi-frame one."
            )
        return (_frame(instance, None, (header,)),)
    if len(groups) != count:
        raise InputError(
            f"{instance.path.name} claims {count} frames but describes {len(groups)}; "
            "it is damaged, copy it again."
        )
    return tuple(
        _frame(instance, index, tuple(_groups(group, shared, header)))
        for index, group in enumerate(groups)
    )


_MACROS = (
    "PlanePositionSequence",
    "PlaneOrientationSequence",
    "PixelMeasuresSequence",
    "PixelValueTransformationSequence",
    "FrameContentSequence",
    "MREchoSequence",
    "MRDiffusionSequence",
    "MRImageFrameTypeSequence",
    "CTImageFrameTypeSequence",
    "MRTimingAndRelatedParametersSequence",
    "CardiacSynchronizationSequence",
)


def _groups(group: Header, shared: Header | None, header: Header) -> list[Header]:
    levels = []
    for macro in _MACROS:
        found = item(group, macro)
        if found is None and shared is not None:
            found = item(shared, macro)
        if found is not None:
            levels.append(found)
    return [*levels, header]


def _frame(instance: Instance, index: int | None, levels: tuple[Header, ...]) -> Frame:
    where = instance.path.name if index is None else f"{instance.path.name} (frame {index + 1})"
    position = _vector(levels, "ImagePositionPatient", 3)
    orientation = _vector(levels, "ImageOrientationPatient", 6)
    spacing = _vector(levels, "PixelSpacing", 2)
    if position is None or orientation is None:
        if kind_of(instance.header) == "XR":
            raise InputError(
                f"{where} is a projection image, whose pixels have no place in the patient; give a "
                "series of CT, MR or PET images."
            )
        missing = "ImagePositionPatient" if position is None else "ImageOrientationPatient"
        raise InputError(
            f"{where} has no {missing}, so its place in the patient is unknown; "
            "export the original series again."
        )
    if spacing is None or min(spacing) <= 0:
        raise InputError(f"{where} has no usable PixelSpacing; export the original series again.")
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if not np.allclose(lengths, 1.0, atol=1e-2) or abs(float(row @ column)) > 1e-3:
        raise InputError(
            f"{where} has an ImageOrientationPatient that is no pair of perpendicular directions; "
            "export the original series again."
        )
    slope = _scalar(levels, "RescaleSlope")
    intercept = _scalar(levels, "RescaleIntercept")
    if slope == 0:
        raise InputError(f"{where} has a RescaleSlope of 0; export the original series again.")
    return Frame(
        instance=instance,
        index=index,
        position=np.array(position),
        row=row / lengths[0],
        column=column / lengths[1],
        pixel_spacing=(spacing[0], spacing[1]),
        thickness=_positive(_scalar(levels, "SliceThickness")),
        between=_positive(_scalar(levels, "SpacingBetweenSlices")),
        slope=1.0 if slope is None else slope,
        intercept=0.0 if intercept is None else intercept,
        rescaled=slope is not None and intercept is not None,
        looked_up=item(instance.header, "ModalityLUTSequence") is not None,
        ct=kind_of(instance.header) == "CT",
        rescale_type=next((found for one in levels if (found := code(one, "RescaleType"))), ""),
        telling={word: found for word in _TELLING if (found := _telling(levels, word))},
    )


def _vector(levels: tuple[Header, ...], keyword: str, length: int) -> tuple[float, ...] | None:
    for level in levels:
        found = numbers(level, keyword)
        if len(found) == length:
            return found
    return None


def _scalar(levels: tuple[Header, ...], keyword: str) -> float | None:
    for level in levels:
        found = number(level, keyword)
        if found is not None:
            return found
    return None


def _telling(levels: tuple[Header, ...], keyword: str) -> str:
    return next((found for found in (text(level, keyword) for level in levels) if found), "")


def _positive(found: float | None) -> float | None:
    # GE writes a negative SpacingBetweenSlices for the direction of the table
    return abs(found) if found else None
