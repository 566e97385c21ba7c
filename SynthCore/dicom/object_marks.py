"""The marks of an object that is made of synthetic data and is no image: a report, a mask."""

from __future__ import annotations

from pydicom.dataset import Dataset

from SynthCore import __version__
from SynthCore.dicom.equipment import UNKNOWN
from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.legal import copy_legal
from SynthCore.dicom.marks import (
    ACQUISITION_EQUIPMENT,
    MANUFACTURER,
    MODEL_NAME,
    SCHEME,
    SYNTHESIZING_EQUIPMENT,
    code_item,
)
from SynthCore.dicom.patient_study import now_for
from SynthCore.dicom.texts import LO, ST, fit

DEVICE_SERIAL = f"{MODEL_NAME}-{__version__}"
SOFTWARE = fit(f"{MODEL_NAME} {__version__}", LO)


def mark_object(
    target: Dataset,
    base: Dataset,
    *,
    contribution: str = "",
    source: Dataset | None = None,
    any_script: bool = True,
) -> None:
    """Write who made the object and that it is synthetic into it.

    Parameters
    ----------
    target : Dataset
        A report or a segmentation; what was copied into it is text, not bytes.
    base : Dataset
        Patient and study, as `patient_and_study` gives them: the time zone is theirs.
    contribution : str
        What this software did, for a person; empty where the object itself says it.
    source : Dataset, optional
        A header of the series that the object belongs to: the equipment behind it is named
        before this software.
    any_script : bool
        Whether the object has texts of its own that are not ASCII. Without, it keeps the
        character set of `base`, so that the patient's name has the same bytes as in the images.
    """
    target.SyntheticData = "YES"
    target.ContentQualification = "RESEARCH"
    if any_script:
        target.SpecificCharacterSet = "ISO_IR 192"
    elif base.get("SpecificCharacterSet"):
        target.SpecificCharacterSet = base.SpecificCharacterSet
    elif "SpecificCharacterSet" in target:  # everything is ASCII, and the images name none
        del target.SpecificCharacterSet
    target.ManufacturerModelName = MODEL_NAME
    target.DeviceSerialNumber = DEVICE_SERIAL
    target.SoftwareVersions = SOFTWARE
    target.CodingSchemeIdentificationSequence = [own_scheme()]
    equipment = Dataset()
    equipment.Manufacturer, equipment.ManufacturerModelName = MANUFACTURER, MODEL_NAME
    equipment.SoftwareVersions = SOFTWARE
    equipment.ContributionDateTime = now_for(base).strftime("%Y%m%d%H%M%S.%f%z")
    if contribution:
        equipment.ContributionDescription = fit(contribution, ST)
    equipment.PurposeOfReferenceCodeSequence = [code_item(SYNTHESIZING_EQUIPMENT)]
    target.ContributingEquipmentSequence = [*_behind(source), equipment]


def own_scheme() -> Dataset:
    """What the private coding scheme is, for CodingSchemeIdentificationSequence."""
    scheme = Dataset()
    scheme.CodingSchemeDesignator = SCHEME
    scheme.CodingSchemeName = f"{MANUFACTURER} {MODEL_NAME} local codes"
    scheme.CodingSchemeResponsibleOrganization = MANUFACTURER
    return scheme


def _behind(source: Dataset | None) -> list[Dataset]:
    """The scanner, or what a synthetic source says of its own origin."""
    if source is None:
        return []
    item = Dataset()
    if is_synthetic(source):
        copy_legal(source, item, ("ContributingEquipmentSequence",))
        return list(item.get("ContributingEquipmentSequence") or ())
    copy_legal(source, item, ("Manufacturer", "ManufacturerModelName"))
    if not item.get("Manufacturer"):
        item.Manufacturer = UNKNOWN
    if "ManufacturerModelName" in item and not item.ManufacturerModelName:
        del item.ManufacturerModelName
    item.PurposeOfReferenceCodeSequence = [code_item(ACQUISITION_EQUIPMENT)]
    return [item]
