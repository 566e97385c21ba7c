"""Terms that the standard lists for an attribute: they stay, whoever is called so.

A treatment center is called after protons, a patient is called Hu: `PROTON` and `HU` are nobody's
name where the standard has them. Enumerated values and defined terms
of DICOM PS3.3 for attributes without which an object cannot be read or means something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydicom.dataset import Dataset

_LISTED = {
    # text, not code strings; PS3.3, C.11.1.1.2
    "RescaleType ModalityLUTType": "OD HU US MGML Z_EFF ED EDW HU_MOD PCT",
    "RTBeamLimitingDeviceType": "X Y ASYMX ASYMY MLCX MLCY",
    "BeamType": "STATIC DYNAMIC",
    "BlockDivergence BlockType": "PRESENT ABSENT SHIELDING APERTURE",
    "CollimatorShape": "RECTANGULAR CIRCULAR POLYGONAL",
    "CompletionFlag": "PARTIAL COMPLETE",
    "ContinuityOfContent": "SEPARATE CONTINUOUS",
    "ContourGeometricType": "POINT OPEN_PLANAR OPEN_NONPLANAR CLOSED_PLANAR CLOSEDPLANAR_XOR",
    "ContrastBolusAgentAdministered ContrastBolusAgentDetected": "YES NO",
    "ConvolutionKernelGroup": "BRAIN SOFT_TISSUE LUNG BONE CONSTANT_ANGLE",
    "DecayCorrection": "NONE START ADMIN",
    "DoseReferenceStructureType": "POINT VOLUME COORDINATES SITE",
    "DoseReferenceType": "TARGET ORGAN_AT_RISK",
    "DoseSummationType": "PLAN MULTI_PLAN PLAN_OVERVIEW FRACTION BEAM BRACHY FRACTION_SESSION "
    "BEAM_SESSION BRACHY_SESSION CONTROL_POINT RECORD",
    "DoseType": "PHYSICAL EFFECTIVE ERROR",
    "DoseUnits": "GY RELATIVE",
    "DVHROIContributionType": "INCLUDED EXCLUDED",
    "DVHType": "DIFFERENTIAL CUMULATIVE NATURAL",
    "DVHVolumeUnits": "CM3 PERCENT PER_U",
    "FixationDeviceType": "BITEBLOCK HEADFRAME MASK MOLD CAST HEADREST BREAST_BOARD BODY_FRAME "
    "VACUUM_MOLD WHOLE_BODY_POD RECTAL_BALLOON HEAD_FRAME",
    "GantryRotationDirection BeamLimitingDeviceRotationDirection PatientSupportRotationDirection "
    "TableTopEccentricRotationDirection GantryPitchRotationDirection "
    "TableTopPitchRotationDirection TableTopRollRotationDirection": "CW CC NONE",
    "GraphicType": "POINT POLYLINE INTERPOLATED CIRCLE ELLIPSE MULTIPOINT POLYGON ELLIPSOID",
    "GraphicAnnotationUnits BoundingBoxAnnotationUnits AnchorPointAnnotationUnits": "PIXEL DISPLAY "
    "MATRIX",
    "HighDoseTechniqueType": "NORMAL TBI HDR",
    "ImageType": "ORIGINAL DERIVED PRIMARY SECONDARY AXIAL LOCALIZER DRR PORTAL SIMULATOR "
    "RADIOGRAPH BLANK FLUENCE M P R I NORM DIS2D DIS3D ND FFE SE PROJECTION MIP MPR VOLUME "
    "NONE RESAMPLED",
    "LateralSpreadingDeviceType": "SCATTERER MAGNET",
    "LossyImageCompression": "00 01",
    "MappingResource": "DCMR SDM",
    "ModulationType": "NONE SPOT LAYER",
    "PatientPosition": "HFS HFP HFDR HFDL FFS FFP FFDR FFDL SITTING LFP LFS RFP RFS AFDR AFDL PFDR "
    "PFDL",
    "PatientSupportType": "TABLE CHAIR",
    "PhotometricInterpretation": "MONOCHROME1 MONOCHROME2 RGB YBR_FULL YBR_FULL_422 YBR_ICT "
    "YBR_RCT YBR_PARTIAL_420 PALETTE_COLOR",
    "PlanIntent": "CURATIVE PALLIATIVE PROPHYLACTIC VERIFICATION MACHINE_QA RESEARCH SERVICE",
    "PresentationSizeMode": "MAGNIFY TRUE SIZE SCALE TO FIT",
    "PrimaryDosimeterUnit": "MU MINUTE NP",
    "RadiationType": "PHOTON ELECTRON NEUTRON PROTON ION",
    "RangeModulatorType": "FIXED WHL_FIXEDWEIGHTS WHL_MODWEIGHTS",
    "RangeShifterType": "ANALOG BINARY",
    "RelationshipType": "CONTAINS HAS OBS CONTEXT ACQ PROPERTIES CONCEPT MOD INFERRED FROM "
    "SELECTED",
    "ROIGenerationAlgorithm": "AUTOMATIC SEMIAUTOMATIC MANUAL",
    "RTImagePlane": "NORMAL NON_NORMAL",
    "RTPlanGeometry": "PATIENT TREATMENT_DEVICE",
    "RTPlanRelationship": "PRIOR ALTERNATIVE PREDECESSOR VERIFIED_PLAN CONCURRENT",
    "RTROIInterpretedType": "EXTERNAL PTV CTV GTV TREATED_VOLUME IRRAD_VOLUME OAR BOLUS AVOIDANCE "
    "ORGAN MARKER REGISTRATION ISOCENTER CONTRAST_AGENT CAVITY BRACHY_CHANNEL BRACHY_ACCESSORY "
    "BRACHY_SRC_APP BRACHY_CHNL_SHLD SUPPORT FIXATION DOSE_REGION CONTROL DOSE_MEASUREMENT ITV",
    "RTROIRelationship": "SAME ENCLOSED ENCLOSING",
    "ScanMode": "NONE UNIFORM MODULATED MODULATED_SPEC",
    "ScanOptions": "AXIAL HELICAL HELIX SPIRAL MODE CINE SURVIEW SCOUT PER RG CG PPG FC PFF PFP SP "
    "FS CT GP SAT1 SAT2 FAST_GEMS IR WE SURVEY SEQUENCE",
    "SequenceVariant": "SK MTC SS TRSS SP MP OSP NONE",
    "SetupTechnique": "ISOCENTRIC FIXED_SSD TBI BREAST_BRIDGE SKIN_APPOSITION",
    "ShieldingDeviceType": "GUM EYE GONAD",
    "TemporalRangeType": "POINT MULTIPOINT SEGMENT MULTISEGMENT BEGIN END",
    "TissueHeterogeneityCorrection": "IMAGE ROI_OVERRIDE WATER",
    "TreatmentDeliveryType": "TREATMENT OPEN_PORTFILM TRMT_PORTFILM CONTINUATION SETUP "
    "VERIFICATION QA",
    "ValueType": "TEXT NUM CODE DATETIME DATE TIME UIDREF PNAME COMPOSITE IMAGE WAVEFORM SCOORD "
    "SCOORD3D TCOORD CONTAINER TABLE",
    "VerificationFlag": "VERIFIED UNVERIFIED",
    "WedgeType": "STANDARD DYNAMIC MOTORIZED PARTIAL_STANDARD PARTIAL_MOTORIZ",
    "ApprovalStatus": "APPROVED UNAPPROVED REJECTED",
    "ApplicatorType": "ELECTRON_SQUARE ELECTRON_RECT ELECTRON_CIRC ELECTRON_SHORT ELECTRON_OPEN "
    "PHOTON_SQUARE PHOTON_RECT PHOTON_CIRC INTRAOPERATIVE STEREOTACTIC",
}

ENUMERATED: Mapping[str, frozenset[str]] = {
    keyword: frozenset(terms.split()) for keywords, terms in _LISTED.items()
    for keyword in keywords.split()
}  # fmt: skip
"""Words of the terms by keyword; a term of several words stays where all of them are listed."""


_TERMS = " ".join(sorted(frozenset().union(*ENUMERATED.values())))


def within_a_term(text: str) -> bool:
    """Whether a text is part of a term of any of them: then finding it in a file says nothing."""
    return text.upper() in _TERMS


def is_enumerated(keyword: str, text: str) -> bool:
    """Whether a value of an attribute is a term that the standard lists for it."""
    words = text.split()
    return bool(words) and set(words) <= ENUMERATED.get(keyword, frozenset())


def is_template(keyword: str, text: str, item: Dataset) -> bool:
    """Whether a value is the number of a template of PS3.16: a reader finds its way by it."""
    return (
        keyword == "TemplateIdentifier"
        and str(item.get("MappingResource", "")).strip() == "DCMR"
        and re.fullmatch(r"[1-9]\d{0,4}", text) is not None
    )
