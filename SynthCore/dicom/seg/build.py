"""A label image as a DICOM Segmentation (binary) in the study of its series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore import __version__
from SynthCore.dicom.file_bytes import file_bytes
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.marks import MANUFACTURER, MODEL_NAME, PREFIX, SCHEME
from SynthCore.dicom.object_marks import DEVICE_SERIAL, SOFTWARE, mark_object
from SynthCore.dicom.seg.codes import CATEGORY, Code, side_of, site_of, type_of
from SynthCore.dicom.seg.source import on_series
from SynthCore.dicom.sr_parts import concept
from SynthCore.dicom.texts import LO, fit
from SynthCore.errors import InputError
from SynthCore.image import Array, Image
from SynthCore.staging import new_files

SERIES_NUMBER = 9001
_FAMILY: Code = ("image_synthesis", SCHEME, "Image synthesis")
"""CID 7162 has families of algorithms that find things, and none for one that puts them there."""


@dataclass(frozen=True)
class Segment:
    """One segment.

    Attributes
    ----------
    value : int
        Its value in the label image, 1 to 255.
    label : str
        For a person, as a viewer lists it.
    kind : str
        What it is: its words choose the coded type (`SynthCore.dicom.seg.codes`).
    site : str
        Where it lies, for the coded anatomy; may be empty.
    code : tuple of str, optional
        What it is (value, scheme, meaning), instead of the one its words choose.
    tracking_id : str
        Name of the same thing in other objects; by default the label.
    tracking_uid : str
        UID of the same thing in other objects; a new one by default.
    """

    value: int
    label: str
    kind: str = ""
    site: str = ""
    code: Code | None = None
    tracking_id: str = ""
    tracking_uid: str = field(default_factory=lambda: str(generate_uid()))

    def __post_init__(self) -> None:
        if not 1 <= self.value <= 255:
            raise ValueError("a segment's value is 1 to 255")
        if not self.label.strip():
            raise ValueError("a segment has a label")


@quiet()
def build_seg(
    labels: Image,
    segments: Sequence[Segment],
    series: Image,
    *,
    description: str = "segmentation",
    contribution: str = "",
) -> Dataset:
    """Make the object.

    Parameters
    ----------
    labels : Image
        Whole numbers [k, j, i], 0 for background, on the grid of `series`.
    segments : sequence of Segment
        One for each value in `labels`; segment numbers are counted from 1 in this order.
    series : Image
        The images the mask lies on, read from DICOM.
    description : str
        Of the series, after the mark.
    contribution : str
        What made the mask, for a person.

    Returns
    -------
    pydicom.dataset.Dataset
        A `highdicom.seg.Segmentation` with file meta information, Explicit VR Little Endian.

    Raises
    ------
    InputError
        If the labels hold none or other values than the segments', or the series does not fit.
    """
    from highdicom.seg import Segmentation

    renumbered = _numbered(labels.voxels, segments)
    placed = on_series(labels.with_voxels(renumbered), series)
    made = Segmentation(
        source_images=placed.images,
        pixel_array=placed.planes,
        segmentation_type="BINARY",
        segment_descriptions=[_description(n, one) for n, one in enumerate(segments, start=1)],
        series_instance_uid=generate_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MODEL_NAME,
        software_versions=SOFTWARE,
        device_serial_number=DEVICE_SERIAL,
        content_label="SYNTHETIC",
        content_description=fit(f"{PREFIX} {description}", LO),
        content_creator_name=MODEL_NAME,
        series_description=fit(f"{PREFIX} {description}", LO),
    )
    headers = series.source.headers
    mark_object(made, placed.base, contribution=contribution, source=headers[0],
                any_script=False)  # fmt: skip
    _state_spacing(made, labels, headers[0])
    return made


def write_object(path: Path, made: Dataset) -> None:
    """Write one object under its name at the end; nothing is written over.

    Raises
    ------
    InputError
        If the file exists or the folder cannot be written.
    """
    with new_files(path) as (part,):
        part.write_bytes(file_bytes(made))


def _numbered(voxels: Array, segments: Sequence[Segment]) -> Array:
    values = [one.value for one in segments]
    found = {int(v) for v in np.unique(voxels)} - {0}
    if not segments or len(set(values)) != len(values):
        raise InputError("Name each segment of the mask once.")
    if found - set(values):
        raise InputError(
            f"The mask holds the values {sorted(found - set(values))}, which no segment names."
        )
    if not found:
        raise InputError("The mask is empty; there is no segment to write.")
    empty = [one.label for one in segments if one.value not in found]
    if empty:
        raise InputError(f"The mask has no voxel of {', '.join(empty)}; leave that segment out.")
    table = np.zeros(256, np.uint8)
    table[values] = np.arange(1, len(values) + 1)
    return np.asarray(table[voxels.astype(np.uint8)])


def _description(number: int, one: Segment) -> Any:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentDescription

    site, side = site_of(one.site, one.kind), side_of(one.site)
    made = SegmentDescription(
        segment_number=number,
        segment_label=fit(one.label, LO),
        segmented_property_category=concept(CATEGORY),
        segmented_property_type=concept(one.code or type_of(one.kind or one.label)),
        algorithm_type="AUTOMATIC",
        algorithm_identification=AlgorithmIdentificationSequence(
            name=MODEL_NAME, family=concept(_FAMILY), version=__version__, source=MANUFACTURER
        ),
        tracking_uid=one.tracking_uid,
        tracking_id=fit(one.tracking_id or one.label, LO),
        anatomic_regions=[concept(site)] if site is not None else None,
    )
    if site is not None and side is not None:
        made.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [concept(side)]
    return made


def _state_spacing(made: Dataset, labels: Image, header: Dataset) -> None:
    """The distance of the slices, also where the source states none or too thin ones."""
    shared = made.SharedFunctionalGroupsSequence[0]
    measures = (shared.get("PixelMeasuresSequence") or [None])[0]
    if measures is not None:
        measures.SpacingBetweenSlices = f"{labels.spacing[2]:.10g}"
        if not header.get("SliceThickness") and "PixelSpacing" in header:
            measures.SliceThickness = f"{labels.spacing[2]:.10g}"
