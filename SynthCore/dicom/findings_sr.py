"""Placed lesions as a DICOM Structured Report: one TID 1411 group a lesion, in a TID 1500 report.

Each group says what the lesion is, where, how large, which segment of which Segmentation object
holds its voxels and on which series they lie. The report is of a thing that is not in the patient,
and says so in its title's series, its marks and its conclusion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore.dicom.guard import quiet
from SynthCore.dicom.marks import MODEL_NAME, SCHEME
from SynthCore.dicom.object_marks import mark_object
from SynthCore.dicom.patient_study import patient_and_study
from SynthCore.dicom.seg.codes import Code, side_of, site_of, type_of
from SynthCore.dicom.sr_parts import (
    add_other_evidence,
    concept,
    evidence,
    image_library,
    observation_context,
    six_digits,
    sr_document,
    text_container,
    text_item,
)
from SynthCore.dicom.texts import LO, fit
from SynthCore.errors import InputError
from SynthCore.image import Image

SERIES_NUMBER = 9002
NOT_REAL = (
    "SYNTHETIC: every finding of this report was placed by software and is not in the patient. "
    "Research software: not cleared for clinical use."
)

_TITLE: Code = ("126000", "DCM", "Imaging Measurement Report")
_PROCEDURE: Code = ("image_synthesis", SCHEME, "Image synthesis")
_CONCLUSIONS, _CONCLUSION = ("121076", "DCM", "Conclusions"), ("121077", "DCM", "Conclusion")
_COMMENT: Code = ("121106", "DCM", "Comment")
_VOLUME: Code = ("118565006", "SCT", "Volume")
_DIAMETER: Code = ("81827009", "SCT", "Diameter")
_CENTER: Code = ("128137", "DCM", "Geometric Centerpoint")
_KIND: Code = ("lesion_kind", SCHEME, "Kind of the synthetic lesion")
_SPHERE: Code = ("sphere_of_volume", SCHEME, "Sphere of the same volume")
_ML, _MM = ("mL", "UCUM", "milliliter"), ("mm", "UCUM", "mm")


@dataclass(frozen=True)
class PlacedFinding:
    """One lesion that was put into the images.

    Attributes
    ----------
    segment_number : int
        Its segment in the Segmentation object.
    name : str
        Which one it is, for a person; also its tracking identifier.
    kind : str
        What it is: ``metastasis``, ``ms-plaque``, ...; its words choose the finding's code.
    volume_ml : float
        Of its mask.
    center_lps_mm : tuple of float
        x, y, z in the patient.
    site : str
        Where it lies, in words; may be empty.
    diameter_mm : float or None
        Of the sphere of its volume by default; None writes none.
    placed_by : str
        How and by what it was placed, a sentence.
    code : tuple of str, optional
        What it is (value, scheme, meaning), instead of the one its words choose.
    """

    segment_number: int
    name: str
    kind: str
    volume_ml: float
    center_lps_mm: tuple[float, float, float]
    site: str = ""
    diameter_mm: float | None = None
    placed_by: str = ""
    code: Code | None = None


@quiet()
def build_findings(
    findings: Sequence[PlacedFinding], segmentation: Dataset, series: Sequence[Image]
) -> Dataset:
    """Make the report.

    Parameters
    ----------
    findings : sequence of PlacedFinding
        At least one.
    segmentation : Dataset
        What `SynthCore.dicom.seg.build.build_seg` made, or the same read back.
    series : sequence of Image
        The series that hold the lesions, read from DICOM; first the one that the segmentation
        lies on.

    Returns
    -------
    pydicom.dataset.Dataset
        A `highdicom.sr.Comprehensive3DSR`, Explicit VR Little Endian.

    Raises
    ------
    InputError
        If there is no finding, a series is not DICOM, or a segment is not in the segmentation.
    """
    from highdicom.sr import Comprehensive3DSR, MeasurementReport

    headers = [image.source.headers for image in series]
    if not headers or not all(headers):
        raise InputError("A Structured Report belongs to a DICOM series; give its DICOM folder.")
    if not findings:
        raise InputError("A report of placed lesions needs at least one.")
    numbers = {int(item.SegmentNumber) for item in segmentation.SegmentSequence}
    missing = sorted({one.segment_number for one in findings} - numbers)
    if missing:
        raise InputError(f"The segmentation holds no segment {missing[0]}; give the one written.")
    base, _ = patient_and_study(headers[0][0], "")
    images, others = evidence(headers, base, str(base.StudyInstanceUID))
    masks, _ = evidence([[segmentation]], base, str(base.StudyInstanceUID))
    if not images or not masks:
        raise InputError("The segmentation and the series are of different studies.")
    root = MeasurementReport(
        observation_context=observation_context(""),
        procedure_reported=concept(_PROCEDURE),
        imaging_measurements=[_group(one, segmentation, base) for one in findings],
        title=concept(_TITLE),
    )
    root[0].ContentSequence.append(image_library(images))
    root[0].ContentSequence.append(text_container(_CONCLUSIONS, _CONCLUSION, [NOT_REAL]))
    report = sr_document(
        Comprehensive3DSR, root, [*images, *masks], SERIES_NUMBER, "placed lesions"
    )
    texts = "".join(f"{one.site}{one.placed_by}" for one in findings)
    mark_object(
        report, base, contribution=NOT_REAL, source=headers[0][0], any_script=not texts.isascii()
    )
    add_other_evidence(report, others)
    return report


def _group(one: PlacedFinding, segmentation: Dataset, base: Dataset) -> Any:
    from highdicom.sr import (
        FindingSite,
        Measurement,
        QualitativeEvaluation,
        TrackingIdentifier,
        VolumetricROIMeasurementsAndQualitativeEvaluations,
    )

    site, side = site_of(one.site, one.kind), side_of(one.site)
    measurements = [Measurement(concept(_VOLUME), six_digits(one.volume_ml), concept(_ML))]
    if one.diameter_mm is not None:
        measurements.append(
            Measurement(
                concept(_DIAMETER),
                six_digits(one.diameter_mm),
                concept(_MM),
                method=concept(_SPHERE),
            )
        )
    group = VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            _tracking_uid(segmentation, one.segment_number), fit(one.name, LO)
        ),
        referenced_segment=_reference(segmentation, one.segment_number),
        finding_type=concept(one.code or type_of(one.kind)),
        finding_sites=None
        if site is None
        else [FindingSite(concept(site), laterality=None if side is None else concept(side))],
        measurements=measurements,
        qualitative_evaluations=[
            QualitativeEvaluation(concept(_KIND), concept(_own_code(one.kind)))
        ],
    )
    group[0].ContentSequence.append(_center(one, base))
    told = " ".join(text for text in (one.placed_by, f"Site: {one.site}." * bool(one.site)) if text)
    group[0].ContentSequence.append(
        text_item(_COMMENT, told or f"Placed by {MODEL_NAME}.", "CONTAINS")
    )
    return group


def _reference(segmentation: Dataset, number: int) -> Any:
    from highdicom.sr import ReferencedSegment, SourceSeriesForSegmentation

    series = segmentation.ReferencedSeriesSequence[0].SeriesInstanceUID
    return ReferencedSegment(
        sop_class_uid=segmentation.SOPClassUID,
        sop_instance_uid=segmentation.SOPInstanceUID,
        segment_number=number,
        source_series=SourceSeriesForSegmentation(series),
    )


def _tracking_uid(segmentation: Dataset, number: int) -> str:
    """The segment's own, so that mask and measurement are of one thing."""
    for item in segmentation.SegmentSequence:
        if int(item.SegmentNumber) == number and item.get("TrackingUID"):
            return str(item.TrackingUID)
    return str(generate_uid())


def _center(one: PlacedFinding, base: Dataset) -> Any:
    from highdicom.sr import Scoord3DContentItem
    from highdicom.sr.enum import GraphicTypeValues3D, RelationshipTypeValues

    return Scoord3DContentItem(
        name=concept(_CENTER),
        graphic_type=GraphicTypeValues3D.POINT,
        graphic_data=np.array([one.center_lps_mm], dtype=float),
        frame_of_reference_uid=str(base.FrameOfReferenceUID),
        relationship_type=RelationshipTypeValues.CONTAINS,
    )


def _own_code(kind: str) -> Code:
    """The kind as a code of our scheme: a code value holds 16 characters."""
    return (fit(kind, LO)[:16], SCHEME, fit(kind.replace("-", " ").replace("_", " "), LO))
