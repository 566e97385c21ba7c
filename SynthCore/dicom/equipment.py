"""Which equipment made a synthetic object: the scanner of its source, and this software."""

from __future__ import annotations

from datetime import datetime

from pydicom.dataset import Dataset

from SynthCore import __version__
from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.legal import copy_legal
from SynthCore.dicom.marks import (
    ACQUISITION_EQUIPMENT,
    MANUFACTURER,
    MODEL_NAME,
    SYNTHESIZING_EQUIPMENT,
    code_item,
)
from SynthCore.dicom.texts import LO, ST, fit
from SynthCore.request import SynthesisRecord

UNKNOWN = "UNKNOWN"
"""Manufacturer of a scanner that the source does not name (type 1 in every item)."""

_SCANNER = ("Manufacturer", "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions")


def general_equipment(record: SynthesisRecord) -> Dataset:
    """The creator of the object, which is this software and never the scanner."""
    target = Dataset()
    target.Manufacturer = MANUFACTURER
    target.ManufacturerModelName = MODEL_NAME
    target.DeviceSerialNumber = f"{MODEL_NAME}-{__version__}"
    target.SoftwareVersions = _versions(record)
    return target


def contributing_equipment(
    header: Dataset | None, record: SynthesisRecord, now: datetime
) -> list[Dataset]:
    """The items of ContributingEquipmentSequence.

    First the scanner, last this software. A source that is synthetic itself hands on its own
    items: the scanner behind it, if there was one, and what synthesized it. An image made from
    nothing has no scanner.
    """
    items: list[Dataset] = []
    if header is not None and is_synthetic(header):
        earlier = Dataset()
        copy_legal(header, earlier, ("ContributingEquipmentSequence",))
        items.extend(earlier.get("ContributingEquipmentSequence") or ())
    elif record.inputs:
        items.append(_scanner(header))
    return [*items, _this_software(record, now)]


def derivation(record: SynthesisRecord) -> str:
    """What a person reads of how the image was made, at most 1024 characters."""
    model = f"model {record.model} {record.model_version}".rstrip()
    weights = f"weights SHA-256 {record.weights_sha256}" if record.weights_sha256 else "no weights"
    inputs = ", ".join(record.inputs) or "no image"
    return fit(
        f"SYNTHETIC {record.target} computed from {inputs} by {MODEL_NAME} {__version__}, "
        f"task {record.task}, {model}, {weights}, seed {record.options.get('seed', 0)}. "
        "Not acquired from the patient. Research software, not cleared for clinical use.",
        ST,
    )


def _scanner(header: Dataset | None) -> Dataset:
    item = Dataset()
    if header is not None:
        copy_legal(header, item, _SCANNER)
    for keyword in _SCANNER:
        if keyword in item and not item.get(keyword):
            delattr(item, keyword)
    if "Manufacturer" not in item:
        item.Manufacturer = UNKNOWN
    item.PurposeOfReferenceCodeSequence = [code_item(ACQUISITION_EQUIPMENT)]
    return item


def _this_software(record: SynthesisRecord, now: datetime) -> Dataset:
    item = general_equipment(record)
    item.ContributionDateTime = now.strftime("%Y%m%d%H%M%S.%f%z")
    item.ContributionDescription = derivation(record)
    item.PurposeOfReferenceCodeSequence = [code_item(SYNTHESIZING_EQUIPMENT)]
    return item


def _versions(record: SynthesisRecord) -> list[str]:
    # The hash is as long as LO allows. Last, it could get the padding, which readers count; so
    # the model's name stands there, one shorter.
    versions = (
        fit(f"{MODEL_NAME} {__version__}", LO),
        fit(record.weights_sha256, LO),
        fit(f"{record.model} {record.model_version}".strip(), LO - 1),
    )
    return [version for version in versions if version]
