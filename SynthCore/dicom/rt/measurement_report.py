"""Measurements on a synthetic series as a DICOM Structured Report (TID 1500).

One group (TID 1501) for each measurement: its name, value and UCUM unit, and how it stands. Codes
that the standard does not have are of our own scheme, which the report declares. The report
belongs to the study of the first series, names every image that was looked at, and is marked as
made of synthetic data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore.dicom.guard import quiet
from SynthCore.dicom.marks import SCHEME
from SynthCore.dicom.object_marks import mark_object
from SynthCore.dicom.patient_study import patient_and_study
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

SERIES_NUMBER = 9000
UNITS: Mapping[str, tuple[str, str]] = {
    "HU": ("[hnsf'U]", "Hounsfield unit"),
    "mm": ("mm", "mm"),
    "%": ("%", "Percent"),
    "Gy": ("Gy", "Gy"),
    "ml": ("mL", "milliliter"),
    "dB": ("dB", "Decibel"),
    "deg": ("deg", "Degree"),
}
"""UCUM code and meaning; every other unit is counted in 1."""

IMAGE_QUALITY = ("133887000", "SCT", "Computer assisted image analysis for image quality")
CONCLUSIONS, CONCLUSION = ("121076", "DCM", "Conclusions"), ("121077", "DCM", "Conclusion")
RESULT = ("result", SCHEME, "Result of the check")
ACCEPTED = ("accepted", SCHEME, "Accepted or expected values")
ACCEPTED_BY = ("accepted_by", SCHEME, "Source of these values")
REASON = ("reason", SCHEME, "Reason")
CIRCUMSTANCES = ("circumstances", SCHEME, "Circumstances of the check")
FACT = ("circumstance", SCHEME, "Circumstance of the check")


@dataclass(frozen=True)
class Measured:
    """One measurement.

    Attributes
    ----------
    title : str
        Which one it is, with the structure or beam.
    code : str
        Of our scheme, at most 16 characters; the same for all of its kind.
    meaning : str
        Of the code.
    value : float or None
        Nothing where it is not defined.
    unit : str
        A key of `UNITS`, or empty.
    result : tuple of str
        Code of our scheme and its meaning: how it stands.
    accepted, accepted_by, reason : str
        What was accepted, by whose word, and why it stands so; may be empty.
    """

    title: str
    code: str
    meaning: str
    value: float | None
    unit: str
    result: tuple[str, str]
    accepted: str = ""
    accepted_by: str = ""
    reason: str = ""


@quiet()
def build_report(
    series: Sequence[Sequence[Dataset]],
    measured: Sequence[Measured],
    conclusions: Sequence[str],
    circumstances: Sequence[str],
    *,
    observer: str = "",
    description: str = "plan check",
) -> Dataset:
    """Make the report.

    Parameters
    ----------
    series : sequence
        Headers of every series that was looked at, the synthetic one first.
    measured : sequence of Measured
        At least one.
    conclusions, circumstances : sequence of str
        Sentences.
    observer : str
        Person who made the check, as they want to be named.
    description : str
        Of the series, after the mark.

    Returns
    -------
    pydicom.dataset.Dataset
        With file meta information, Explicit VR Little Endian.
    """
    from highdicom.sr import ComprehensiveSR, MeasurementReport

    header = series[0][0]
    base, _ = patient_and_study(header, "")
    study = str(base.StudyInstanceUID)
    same, others = evidence(series, base, study)
    root = MeasurementReport(
        observation_context=observation_context(observer),
        procedure_reported=concept(IMAGE_QUALITY),
        imaging_measurements=[_group(one) for one in measured],
        title=concept(("126000", "DCM", "Imaging Measurement Report")),
    )
    root[0].ContentSequence.append(image_library(same))
    root[0].ContentSequence.append(text_container(CONCLUSIONS, CONCLUSION, conclusions))
    root[0].ContentSequence.append(text_container(CIRCUMSTANCES, FACT, circumstances))
    report = sr_document(ComprehensiveSR, root, same, SERIES_NUMBER, description)
    mark_object(report, base)
    add_other_evidence(report, others)
    return report


def _group(one: Measured) -> Any:
    from highdicom.sr import (
        Measurement,
        MeasurementsAndQualitativeEvaluations,
        QualitativeEvaluation,
        TrackingIdentifier,
    )

    name = concept((one.code, SCHEME, fit(one.meaning, LO)))
    result = QualitativeEvaluation(
        concept(RESULT), concept((one.result[0], SCHEME, fit(one.result[1], LO)))
    )
    measurements = None
    told = result[0]
    if one.value is not None:
        unit, words = UNITS.get(one.unit, ("1", "no units"))
        measurement = Measurement(name, six_digits(one.value), concept((unit, "UCUM", words)))
        measurements, told = [measurement], measurement[0]
    texts = [
        text_item(said, text, "HAS PROPERTIES")
        for said, text in (
            (ACCEPTED, one.accepted), (ACCEPTED_BY, one.accepted_by), (REASON, one.reason),
        )
        if text
    ]  # fmt: skip
    if texts:  # of the number, or of the result where there is none
        told.ContentSequence = [*(told.get("ContentSequence") or ()), *texts]
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(generate_uid(), fit(one.title, 200)),
        finding_type=name,
        measurements=measurements,
        qualitative_evaluations=[result],
    )
