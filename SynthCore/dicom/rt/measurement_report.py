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

from SynthCore import __version__
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.marks import (
    MANUFACTURER,
    MODEL_NAME,
    PREFIX,
    SCHEME,
    SYNTHESIZING_EQUIPMENT,
    code_item,
)
from SynthCore.dicom.patient_study import now_for, patient_and_study
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
ACCEPTED = ("accepted", SCHEME, "Accepted values")
ACCEPTED_BY = ("accepted_by", SCHEME, "Source of the accepted values")
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
    same, others = _evidence(series, base, study)
    root = MeasurementReport(
        observation_context=_context(observer),
        procedure_reported=_code(IMAGE_QUALITY),
        imaging_measurements=[_group(one) for one in measured],
        title=_code(("126000", "DCM", "Imaging Measurement Report")),
    )
    root[0].ContentSequence.append(_library(same))
    root[0].ContentSequence.append(_texts(CONCLUSIONS, CONCLUSION, conclusions))
    root[0].ContentSequence.append(_texts(CIRCUMSTANCES, FACT, circumstances))
    report = ComprehensiveSR(
        evidence=same,
        content=root[0],
        series_instance_uid=generate_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        series_description=fit(f"{PREFIX} {description}", LO),
    )
    return _marked(report, base, others)


def _context(observer: str) -> Any:
    from highdicom.sr import (
        DeviceObserverIdentifyingAttributes,
        ObservationContext,
        ObserverContext,
        PersonObserverIdentifyingAttributes,
    )

    device = ObserverContext(
        observer_type=_code(("121007", "DCM", "Device")),
        observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
            uid=generate_uid(), name=MODEL_NAME, manufacturer_name=MANUFACTURER,
            model_name=f"{MODEL_NAME} {__version__}",
        ),
    )  # fmt: skip
    if not observer:
        return ObservationContext(observer_device_context=device)
    *given, family = fit(observer, LO).replace("^", " ").split() or [observer]
    person = ObserverContext(
        observer_type=_code(("121006", "DCM", "Person")),
        observer_identifying_attributes=PersonObserverIdentifyingAttributes(
            name=f"{family}^{' '.join(given)}"
        ),
    )
    return ObservationContext(observer_person_context=person, observer_device_context=device)


def _group(one: Measured) -> Any:
    from highdicom.sr import (
        Measurement,
        MeasurementsAndQualitativeEvaluations,
        QualitativeEvaluation,
        TrackingIdentifier,
    )

    name = _code((one.code, SCHEME, fit(one.meaning, LO)))
    result = QualitativeEvaluation(
        _code(RESULT), _code((one.result[0], SCHEME, fit(one.result[1], LO)))
    )
    measurements = None
    if one.value is not None:
        unit, words = UNITS.get(one.unit, ("1", "no units"))
        measurement = Measurement(name, _decimal(one.value), _code((unit, "UCUM", words)))
        texts = [
            _text(concept, text, "HAS PROPERTIES")
            for concept, text in (
                (ACCEPTED, one.accepted), (ACCEPTED_BY, one.accepted_by), (REASON, one.reason),
            )
            if text
        ]  # fmt: skip
        if texts:
            number = measurement[0]
            number.ContentSequence = [*(number.get("ContentSequence") or ()), *texts]
        measurements = [measurement]
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(generate_uid(), fit(one.title, 200)),
        finding_type=name,
        measurements=measurements,
        qualitative_evaluations=[result],
    )


def _decimal(value: float) -> float:
    """Six significant digits: a decimal string holds sixteen characters."""
    return float(f"{value:.6g}")


def _code(code: tuple[str, str, str]) -> Any:
    from highdicom.sr import CodedConcept

    return CodedConcept(value=code[0], scheme_designator=code[1], meaning=code[2])


def _text(concept: tuple[str, str, str], text: str, relation: str) -> Any:
    from highdicom.sr import RelationshipTypeValues, TextContentItem

    return TextContentItem(_code(concept), text, RelationshipTypeValues(relation))


def _texts(
    container: tuple[str, str, str], concept: tuple[str, str, str], texts: Sequence[str]
) -> Any:
    from highdicom.sr import ContainerContentItem, ContentSequence, RelationshipTypeValues

    made = ContainerContentItem(
        _code(container), relationship_type=RelationshipTypeValues("CONTAINS")
    )
    made.ContentSequence = ContentSequence([_text(concept, t, "CONTAINS") for t in texts])
    return made


def _library(images: Sequence[Dataset]) -> Any:
    """Every image of the study that was looked at (TID 1600, without descriptors)."""
    from highdicom.sr import (
        ContainerContentItem,
        ContentSequence,
        ImageContentItem,
        RelationshipTypeValues,
    )

    contains = RelationshipTypeValues("CONTAINS")
    group = ContainerContentItem(
        _code(("126200", "DCM", "Image Library Group")), relationship_type=contains
    )
    group.ContentSequence = ContentSequence(
        [
            ImageContentItem(
                _code(("260753009", "SCT", "Source")), str(image.SOPClassUID),
                str(image.SOPInstanceUID), relationship_type=contains,
            )
            for image in images
        ]
    )  # fmt: skip
    library = ContainerContentItem(
        _code(("111028", "DCM", "Image Library")), relationship_type=contains
    )
    library.ContentSequence = ContentSequence([group])
    return library


def _evidence(
    series: Sequence[Sequence[Dataset]], base: Dataset, study: str
) -> tuple[list[Dataset], list[Dataset]]:
    """Images of this study with its patient and study attributes, and those of other studies."""
    same: dict[str, Dataset] = {}
    others: dict[str, Dataset] = {}
    for headers in series:
        for header in headers:
            if not header.get("SOPInstanceUID") or not header.get("SOPClassUID"):
                continue
            uid = str(header.SOPInstanceUID)
            if str(header.get("StudyInstanceUID", "")) not in ("", study):
                others[uid] = header
                continue
            image = Dataset()
            image.update({element.tag: element for element in base})
            image.SOPClassUID, image.SOPInstanceUID = header.SOPClassUID, uid
            image.SeriesInstanceUID = header.SeriesInstanceUID
            image.Modality = header.get("Modality", "OT")
            same[uid] = image
    return list(same.values()), list(others.values())


def _marked(report: Dataset, base: Dataset, others: Sequence[Dataset]) -> Dataset:
    report.SyntheticData = "YES"
    # names of structures are in any script; what was copied is text, not bytes
    report.SpecificCharacterSet = "ISO_IR 192"
    report.ManufacturerModelName = MODEL_NAME
    report.DeviceSerialNumber = f"{MODEL_NAME}-{__version__}"
    report.SoftwareVersions = fit(f"{MODEL_NAME} {__version__}", LO)
    scheme = Dataset()
    scheme.CodingSchemeDesignator = SCHEME
    scheme.CodingSchemeName = f"{MANUFACTURER} {MODEL_NAME} local codes"
    scheme.CodingSchemeResponsibleOrganization = MANUFACTURER
    report.CodingSchemeIdentificationSequence = [scheme]
    equipment = Dataset()
    equipment.Manufacturer, equipment.ManufacturerModelName = MANUFACTURER, MODEL_NAME
    equipment.SoftwareVersions = fit(f"{MODEL_NAME} {__version__}", LO)
    equipment.ContributionDateTime = now_for(base).strftime("%Y%m%d%H%M%S.%f%z")
    equipment.PurposeOfReferenceCodeSequence = [code_item(SYNTHESIZING_EQUIPMENT)]
    report.ContributingEquipmentSequence = [equipment]
    if others:
        items = list(report.get("PertinentOtherEvidenceSequence") or ())
        report.PertinentOtherEvidenceSequence = [*items, *_studies(others)]
    return report


def _studies(headers: Sequence[Dataset]) -> list[Dataset]:
    studies: dict[str, dict[str, list[Dataset]]] = {}
    for header in headers:
        item = Dataset()
        item.ReferencedSOPClassUID = header.SOPClassUID
        item.ReferencedSOPInstanceUID = header.SOPInstanceUID
        series = studies.setdefault(str(header.StudyInstanceUID), {})
        series.setdefault(str(header.SeriesInstanceUID), []).append(item)
    made = []
    for study, found in studies.items():
        outer = Dataset()
        outer.StudyInstanceUID = study
        outer.ReferencedSeriesSequence = []
        for uid, items in found.items():
            inner = Dataset()
            inner.SeriesInstanceUID = uid
            inner.ReferencedSOPSequence = items
            outer.ReferencedSeriesSequence.append(inner)
        made.append(outer)
    return made
