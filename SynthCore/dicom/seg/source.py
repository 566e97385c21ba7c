"""The images that a segmentation lies on, as highdicom takes them: only what may be copied.

highdicom copies patient, study and frame of reference from the images it is given, legal or not;
so it is given these, made by the same rule as every other synthetic object's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from SynthCore.dicom.patient_study import patient_and_study, require_one_patient
from SynthCore.dicom.source_slices import SourceSlice, is_multiframe, match_slices, unique_headers
from SynthCore.errors import InputError
from SynthCore.image import Array, Image

_FRAMES = (
    "NumberOfFrames", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
    "DimensionOrganizationSequence", "DimensionIndexSequence", "DimensionOrganizationType",
)  # fmt: skip


@dataclass(frozen=True)
class OnSeries:
    """A label image on the planes of a series.

    Attributes
    ----------
    images : list of Dataset
        One a slice, or the one enhanced object.
    planes : numpy.ndarray
        Labels [plane, row, column], in the order of `images` or of the object's frames.
    base : Dataset
        Patient, study and frame of reference.
    """

    images: list[Dataset]
    planes: Array
    base: Dataset


def on_series(labels: Image, series: Image) -> OnSeries:
    """Put labels on the planes of the series they were drawn on.

    Parameters
    ----------
    labels : Image
        Voxels [k, j, i], on the grid of `series`.
    series : Image
        Read from DICOM; only its headers are looked at.

    Raises
    ------
    InputError
        If the series has no headers, or its planes are not those of the labels.
    """
    headers = unique_headers(series)
    if not headers:
        raise InputError(
            "A DICOM segmentation belongs to a DICOM series, and this image is not one: give the "
            "DICOM folder, or write the mask as NIfTI."
        )
    require_one_patient(headers)
    matched = match_slices(labels, series)
    if matched is None:
        raise InputError(
            "The mask does not lie on the planes of the DICOM series; give the mask that was "
            "drawn on this series."
        )
    base, _ = patient_and_study(headers[0], "")
    if is_multiframe(matched[0].header):
        images, planes = _one_object(matched, labels, base)
    else:
        images = [_plane_image(one, labels.shape, base) for one in matched]
        planes = np.asarray(labels.voxels)
    return OnSeries(images, planes, base)


def _image(header: Dataset, shape: tuple[int, int, int], base: Dataset) -> Dataset:
    image = Dataset()
    image.update({element.tag: element for element in base})
    image.SOPClassUID, image.SOPInstanceUID = header.SOPClassUID, header.SOPInstanceUID
    image.SeriesInstanceUID = header.SeriesInstanceUID
    image.Modality = header.get("Modality", "OT")
    image.Rows, image.Columns = shape[1:]
    image.ImageType = ["DERIVED", "SECONDARY"]
    return image


def _plane_image(one: SourceSlice, shape: tuple[int, int, int], base: Dataset) -> Dataset:
    image = _image(one.header, shape, base)
    image.ImagePositionPatient = list(one.plane.position)
    image.ImageOrientationPatient = list(one.plane.orientation)
    image.PixelSpacing = list(one.plane.pixel_spacing)
    # highdicom needs one; where the source states none the grid's distance is written later
    image.SliceThickness = one.plane.thickness or one.header.get("SpacingBetweenSlices") or "1"
    return image


def _one_object(
    matched: Sequence[SourceSlice], labels: Image, base: Dataset
) -> tuple[list[Dataset], Array]:
    header = matched[0].header
    frames = [one.frames for one in matched]
    count = int(header.get("NumberOfFrames", 0) or 0)
    if len({id(one.header) for one in matched}) > 1 or {n for f in frames for n in f} != set(
        range(1, count + 1)
    ):
        raise InputError(
            "The mask covers only a part of the multi-frame object; give the mask of all of it."
        )
    image = _image(header, labels.shape, base)
    for keyword in _FRAMES:
        if keyword in header:
            image[keyword] = header[keyword]
    planes = np.zeros((count, *labels.shape[1:]), labels.voxels.dtype)
    for k, numbers in enumerate(frames):
        for number in numbers:
            planes[number - 1] = labels.voxels[k]
    return [image], planes
