"""Patient, study and frame of reference of a synthetic series: the source's, or new ones.

Only attributes of the modules named here are copied (PS3.3, section C.7.1, C.7.2 and C.7.4.1);
whatever else a source holds, private groups above all, stays behind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore.dicom.charset import charset_note, choose_charset
from SynthCore.dicom.legal import copy_legal
from SynthCore.dicom.marks import PREFIX
from SynthCore.dicom.texts import value_text
from SynthCore.errors import InputError

PATIENT = (
    "PatientName", "PatientID", "IssuerOfPatientID", "TypeOfPatientID",
    "IssuerOfPatientIDQualifiersSequence", "PatientBirthDate", "PatientBirthTime", "PatientSex",
    "QualityControlSubject", "OtherPatientIDs", "OtherPatientIDsSequence", "OtherPatientNames",
    "EthnicGroup", "EthnicGroupCodeSequence", "PatientSpeciesDescription",
    "PatientSpeciesCodeSequence", "PatientBreedDescription", "PatientBreedCodeSequence",
    "BreedRegistrationSequence", "StrainDescription", "StrainNomenclature", "StrainCodeSequence",
    "ResponsiblePerson", "ResponsiblePersonRole", "ResponsibleOrganization", "PatientComments",
    "ReferencedPatientSequence", "PatientIdentityRemoved", "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
)  # fmt: skip

TRIAL_SUBJECT = (
    "ClinicalTrialSponsorName", "ClinicalTrialProtocolID", "ClinicalTrialProtocolName",
    "ClinicalTrialSiteID", "ClinicalTrialSiteName", "ClinicalTrialSubjectID",
    "ClinicalTrialSubjectReadingID", "ClinicalTrialProtocolEthicsCommitteeName",
    "ClinicalTrialProtocolEthicsCommitteeApprovalNumber",
)  # fmt: skip

STUDY = (
    "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "AccessionNumber",
    "IssuerOfAccessionNumberSequence", "ReferringPhysicianName",
    "ReferringPhysicianIdentificationSequence", "ConsultingPhysicianName", "StudyDescription",
    "ProcedureCodeSequence", "PhysiciansOfRecord", "NameOfPhysiciansReadingStudy",
    "ReferencedStudySequence", "RequestingService", "RequestingServiceCodeSequence",
    "ReasonForPerformedProcedureCodeSequence", "ClinicalTrialTimePointID",
    "ClinicalTrialTimePointDescription", "LongitudinalTemporalOffsetFromEvent",
    "LongitudinalTemporalEventType",
)  # fmt: skip

PATIENT_STUDY = (
    "AdmittingDiagnosesDescription", "AdmittingDiagnosesCodeSequence", "PatientAge", "PatientSize",
    "PatientWeight", "PatientBodyMassIndex", "MedicalAlerts", "Allergies", "Occupation",
    "SmokingStatus", "AdditionalPatientHistory", "PregnancyStatus", "LastMenstrualDate",
    "PatientSexNeutered", "ReasonForVisit", "ReasonForVisitCodeSequence", "AdmissionID",
    "ServiceEpisodeID", "ServiceEpisodeDescription", "PatientState",
)  # fmt: skip

FRAME_OF_REFERENCE = ("FrameOfReferenceUID", "PositionReferenceIndicator")
SERIES = ("BodyPartExamined", "Laterality", "PatientPosition", "AnatomicalOrientationType")
TIMES = ("TimezoneOffsetFromUTC", "LongitudinalTemporalInformationModified")

COPIED = (*PATIENT, *TRIAL_SUBJECT, *STUDY, *PATIENT_STUDY, *FRAME_OF_REFERENCE, *SERIES, *TIMES)
"""Everything a synthetic series may take over from its source's headers."""

_IDENTITY = ("PatientName", "PatientID", "StudyInstanceUID", "FrameOfReferenceUID")

_EMPTY_WHERE_UNKNOWN = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
    "StudyID", "AccessionNumber", "ReferringPhysicianName", "PositionReferenceIndicator",
    "PatientPosition", "Laterality",
)  # fmt: skip
"""Type 2: present even when nothing is known; planning systems reject series without them."""

_UNPAIRED = (
    *("ABDOMEN", "ABDOMENPELVIS", "AORTA", "BLADDER", "BRAIN", "CHEST", "CHESTABDOMEN"),
    *("CHESTABDPELVIS", "COLON", "CSPINE", "HEAD", "HEADNECK", "HEART", "LIVER", "LSPINE"),
    *("LUMBARSPINE", "NECK", "NECKCHEST", "PANCREAS", "PELVIS", "PROSTATE", "SACRUM", "SKULL"),
    *("SPINE", "SPLEEN", "STOMACH", "THORAX", "TLSPINE", "TSPINE", "UTERUS", "WHOLEBODY"),
    "WHOLESPINE",
)
"""Body parts without a side: Laterality may not be there at all (PS3.3, C.7.3.1)."""


def patient_and_study(header: Dataset | None, anonymous_id: str) -> tuple[Dataset, tuple[str, ...]]:
    """Patient, study, frame of reference and body part for a synthetic series.

    Parameters
    ----------
    header
        A header of the source, None where there is none: then a new study of a patient without
        a name, and a new frame of reference.
    anonymous_id
        PatientID of that nameless patient: archives merge patients whose ID is empty.

    Returns
    -------
    Dataset
        The attributes, every one of type 2 present.
    tuple of str
        Notes on what could not be copied.
    """
    target = Dataset()
    notes: tuple[str, ...] = ()
    target.SpecificCharacterSet = "ISO_IR 100"
    if header is not None:
        notes = charset_note(header)
        notes += copy_legal(header, target, COPIED, keep=_IDENTITY)
        notes += _complete_trial(target) + _complete_deidentification(target)
        notes += _check_timezone(target)
        choose_charset(header, target)
    else:
        target.PatientID = anonymous_id
        target.StudyID = PREFIX
        target.StudyDate = datetime.now().strftime("%Y%m%d")
        target.StudyTime = datetime.now().strftime("%H%M%S")
    for keyword, what in (
        ("StudyInstanceUID", "study"),
        ("FrameOfReferenceUID", "frame of reference"),
    ):
        if not target.get(keyword):
            setattr(target, keyword, generate_uid())
            if header is not None:
                notes += (f"The source names no {what}; a new one was made.",)
    for keyword in _EMPTY_WHERE_UNKNOWN:
        if keyword not in target:
            setattr(target, keyword, "")
    if value_text(target.get("BodyPartExamined")) in _UNPAIRED and not target.Laterality:
        del target.Laterality
    return target, notes


def require_one_patient(headers: Sequence[Dataset]) -> None:
    """Check that all headers name one patient.

    Raises
    ------
    InputError
        If two of them differ in PatientID, its issuer or PatientName. Case and empty components
        of a name do not count, nor does an issuer that only one of them states.
    """
    for keyword in ("PatientID", "IssuerOfPatientID", "PatientName"):
        values = {value_text(header.get(keyword)).casefold().rstrip("^ ") for header in headers}
        if keyword == "IssuerOfPatientID":
            values.discard("")
        if len(values) > 1:
            raise InputError(
                f"The source images differ in {keyword}; give images of one patient only."
            )


def now_for(target: Dataset) -> datetime:
    """The time, in the zone that TimezoneOffsetFromUTC states, else in the computer's."""
    offset = value_text(target.get("TimezoneOffsetFromUTC"))
    if not offset:
        return datetime.now().astimezone()
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    return datetime.now(timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes)))


def _check_timezone(target: Dataset) -> tuple[str, ...]:
    offset = value_text(target.get("TimezoneOffsetFromUTC"))
    if "TimezoneOffsetFromUTC" not in target or re.fullmatch(r"[+-](0\d|1[0-4])[0-5]\d", offset):
        return ()
    del target.TimezoneOffsetFromUTC
    return ("TimezoneOffsetFromUTC of the source is not legal and was left out.",)


def _complete_trial(target: Dataset) -> tuple[str, ...]:
    """Drop a clinical trial module whose required attributes the source does not have."""
    present = [keyword for keyword in TRIAL_SUBJECT if keyword in target]
    if not present:
        return ()
    subject = target.get("ClinicalTrialSubjectID") or target.get("ClinicalTrialSubjectReadingID")
    if subject and target.get("ClinicalTrialSponsorName") and target.get("ClinicalTrialProtocolID"):
        for keyword in (
            "ClinicalTrialProtocolName",
            "ClinicalTrialSiteID",
            "ClinicalTrialSiteName",
        ):
            if keyword not in target:
                setattr(target, keyword, "")
        return ()
    for keyword in present:
        delattr(target, keyword)
    return ("The clinical trial attributes of the source are not complete and were left out.",)


def _complete_deidentification(target: Dataset) -> tuple[str, ...]:
    """Say how identity was removed where the source only says that it was (type 1C)."""
    if "DeidentificationMethod" in target and not target.DeidentificationMethod:
        del target.DeidentificationMethod
    if target.get("PatientIdentityRemoved") != "YES" or any(
        target.get(keyword)
        for keyword in ("DeidentificationMethod", "DeidentificationMethodCodeSequence")
    ):
        return ()
    target.DeidentificationMethod = "Not stated in the source"
    return ("The source does not say how identity was removed.",)
