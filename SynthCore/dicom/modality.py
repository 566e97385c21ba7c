"""What makes an object a CT Image or an MR Image (PS3.3, C.8.2.1 and C.8.3.1)."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, MRImageStorage

from SynthCore.dicom.legal import legal_value
from SynthCore.dicom.marks import CT_IMAGE_TYPE, MR_IMAGE_TYPE
from SynthCore.dicom.stored import CT_INTERCEPT
from SynthCore.errors import InputError
from SynthCore.tasks import CT_ROLES, MR_ROLES, SAME_ROLE_TASKS


def modality_of(role: str) -> str:
    """``CT`` or ``MR``.

    Raises
    ------
    InputError
        If the role is neither.
    """
    if role in CT_ROLES:
        return "CT"
    if role in MR_ROLES:
        return "MR"
    raise InputError(
        f"A synthetic {role or 'image without a role'} cannot be written as DICOM; "
        f"only {', '.join((*MR_ROLES, *CT_ROLES))} can."
    )


def modality_elements(role: str, task: str, header: Dataset | None) -> Dataset:
    """The attributes of the CT Image or MR Image module, pixels and window apart."""
    if modality_of(role) == "CT":
        return _ct(header if task in SAME_ROLE_TASKS else None)
    return _mr()


def _ct(header: Dataset | None) -> Dataset:
    """`header` is the CT that this one is a changed version of, None if there is none."""
    target = Dataset()
    target.SOPClassUID = CTImageStorage
    target.Modality = "CT"
    target.ImageType = list(CT_IMAGE_TYPE)
    # Hounsfield units depend on the tube voltage only where a tube made them
    kvp = (
        legal_value(header, "KVP")
        if header is not None and header.get("Modality") == "CT"
        else None
    )
    target.KVP = kvp
    target.RescaleIntercept = str(CT_INTERCEPT)
    target.RescaleSlope = "1"
    target.RescaleType = "HU"
    return target


def _mr() -> Dataset:
    target = Dataset()
    target.SOPClassUID = MRImageStorage
    target.Modality = "MR"
    target.ImageType = list(MR_IMAGE_TYPE)
    target.ScanningSequence = "RM"
    target.SequenceVariant = "NONE"
    # no sequence was run: present and empty. InversionTime must not be there at all, nor Rescale
    target.ScanOptions = None
    target.MRAcquisitionType = None
    target.RepetitionTime = None
    target.EchoTime = None
    target.EchoTrainLength = None
    return target
