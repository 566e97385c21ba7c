"""Parts that every Structured Report of this package is put together from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore import __version__
from SynthCore.dicom.marks import MANUFACTURER, MODEL_NAME, PREFIX
from SynthCore.dicom.texts import LO, fit


def concept(code: tuple[str, str, str]) -> Any:
    """A coded concept from (value, scheme, meaning)."""
    from highdicom.sr import CodedConcept

    return CodedConcept(value=code[0], scheme_designator=code[1], meaning=code[2])


def six_digits(value: float) -> float:
    """A number as a decimal string of at most sixteen characters can hold it."""
    return float(f"{value:.6g}")


def text_item(name: tuple[str, str, str], text: str, relation: str) -> Any:
    """A text under a concept; `relation` is a DICOM relationship type."""
    from highdicom.sr import RelationshipTypeValues, TextContentItem

    return TextContentItem(concept(name), text, RelationshipTypeValues(relation))


def text_container(
    container: tuple[str, str, str], name: tuple[str, str, str], texts: Sequence[str]
) -> Any:
    """A container of sentences under one concept."""
    from highdicom.sr import ContainerContentItem, ContentSequence, RelationshipTypeValues

    made = ContainerContentItem(
        concept(container), relationship_type=RelationshipTypeValues("CONTAINS")
    )
    made.ContentSequence = ContentSequence([text_item(name, t, "CONTAINS") for t in texts])
    return made


def observation_context(observer: str) -> Any:
    """Who observed: this software, and the person who is named (TID 1001)."""
    from highdicom.sr import (
        DeviceObserverIdentifyingAttributes,
        ObservationContext,
        ObserverContext,
        PersonObserverIdentifyingAttributes,
    )

    device = ObserverContext(
        observer_type=concept(("121007", "DCM", "Device")),
        observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
            uid=generate_uid(), name=MODEL_NAME, manufacturer_name=MANUFACTURER,
            model_name=f"{MODEL_NAME} {__version__}",
        ),
    )  # fmt: skip
    if not observer:
        return ObservationContext(observer_device_context=device)
    *given, family = fit(observer, LO).replace("^", " ").split() or [observer]
    person = ObserverContext(
        observer_type=concept(("121006", "DCM", "Person")),
        observer_identifying_attributes=PersonObserverIdentifyingAttributes(
            name=f"{family}^{' '.join(given)}"
        ),
    )
    return ObservationContext(observer_person_context=person, observer_device_context=device)


def image_library(images: Sequence[Dataset]) -> Any:
    """Every image of the study that was looked at (TID 1600, without descriptors)."""
    from highdicom.sr import (
        ContainerContentItem,
        ContentSequence,
        ImageContentItem,
        RelationshipTypeValues,
    )

    contains = RelationshipTypeValues("CONTAINS")
    group = ContainerContentItem(
        concept(("126200", "DCM", "Image Library Group")), relationship_type=contains
    )
    group.ContentSequence = ContentSequence(
        [
            ImageContentItem(
                concept(("260753009", "SCT", "Source")), str(image.SOPClassUID),
                str(image.SOPInstanceUID), relationship_type=contains,
            )
            for image in images
        ]
    )  # fmt: skip
    library = ContainerContentItem(
        concept(("111028", "DCM", "Image Library")), relationship_type=contains
    )
    library.ContentSequence = ContentSequence([group])
    return library


def sr_document(
    kind: Any, root: Any, images: Sequence[Dataset], series_number: int, description: str
) -> Any:
    """A finished report of one of highdicom's SR classes, alone in a series of its own.

    Parameters
    ----------
    kind : type
        ``highdicom.sr.ComprehensiveSR`` or ``Comprehensive3DSR``.
    root : highdicom.sr.MeasurementReport
        The content.
    images : sequence of Dataset
        Evidence within the study.
    series_number : int
        Of the series.
    description : str
        Of the series, after the mark.
    """
    return kind(
        evidence=images,
        content=root[0],
        series_instance_uid=generate_uid(),
        series_number=series_number,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        series_description=fit(f"{PREFIX} {description}", LO),
    )


def evidence(
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


def add_other_evidence(report: Dataset, headers: Sequence[Dataset]) -> None:
    """Name objects of other studies in the report (highdicom takes those of one study)."""
    if headers:
        items = list(report.get("PertinentOtherEvidenceSequence") or ())
        report.PertinentOtherEvidenceSequence = [*items, *_studies(headers)]


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
