"""What is done with an element, by its tag first and by its value representation else.

The table of the profile lists what the standard's authors knew to identify. It says nothing of
text attributes beyond it, of retired ones and of those that an object should not have at all; for
them the rule is the other way round here: text stays only in the attributes of `TECHNICAL`.
"""

from __future__ import annotations

from typing import Literal

from pydicom.datadict import dictionary_has_tag, dictionary_is_retired, dictionary_keyword
from pydicom.tag import BaseTag

from SynthCore.dicom.deidentify.options import DeidentifyOptions
from SynthCore.dicom.deidentify.profile import ACTIONS

Verb = Literal["remove", "empty", "dummy", "uid", "date", "inside", "label", "scrub", "keep"]
"""remove; present without value; dummy value; replace the UID; remove, keep or shift the date;
go into the sequence; words of the vocabulary, else a dummy; keep less what is known; keep."""

TEXT = ("LO", "SH", "LT", "ST", "UT", "UC", "UR")
DATES = ("DA", "TM", "DT")
BULK = ("OB", "OW", "OF", "OD", "OL", "OV", "OB or OW", "UN")

TECHNICAL = frozenset(
    """
    CodeValue LongCodeValue CodingSchemeDesignator CodingSchemeVersion CodeMeaning
    Manufacturer ManufacturerModelName ManufacturerModelVersion SoftwareVersions
    SecondaryCaptureDeviceManufacturer SecondaryCaptureDeviceManufacturerModelName
    SecondaryCaptureDeviceSoftwareVersions DetectorManufacturerName DetectorManufacturerModelName
    ReceiveCoilManufacturerName TransmitCoilManufacturerName DigitalImageFormatAcquired
    VideoImageFormatAcquired
    ConvolutionKernel FilterType TypeOfFilters ImageFilter SequenceName PulseSequenceName
    ReceiveCoilName TransmitCoilName MultiCoilElementName MultiCoilConfiguration ImagedNucleus
    ContrastBolusRoute Radiopharmaceutical RadiopharmaceuticalRoute SourceIsotopeName
    AttenuationCorrectionMethod ScatterCorrectionMethod ReconstructionMethod
    DetectorLinesOfResponseUsed CardiacFramingType TriggerSourceOrType TransducerData
    ProcessingFunction PhosphorType RescaleType ModalityLUTType PositionReferenceIndicator
    AlgorithmName AlgorithmVersion AlgorithmSource SegmentAlgorithmName StackID FrameLabelVector
    DimensionIndexPrivateCreator FunctionalGroupPrivateCreator FontName CSSFontName
    """.split()  # noqa: SIM905
)
"""Text attributes that are not in the profile and say how an image was made."""

LABELS = frozenset(
    """
    SegmentLabel SegmentDescription ROIName ContrastBolusAgent DimensionDescriptionLabel FrameLabel
    ContentDescription BeamName FiducialDescription ViewName EnergyWindowName LUTExplanation
    WindowCenterWidthExplanation TextValue UnformattedTextValue
    """.split()  # noqa: SIM905
)
"""Text that names a part of the object: words of the vocabulary may stay."""

DESCRIPTIONS = frozenset(
    (
        *("SeriesDescription", "StudyDescription", "ProtocolName"),
        *("RequestedProcedureDescription", "PerformedProcedureStepDescription"),
        "AcquisitionProtocolDescription",
    )
)
CHARACTERISTICS = frozenset(("PatientSex", "PatientAge", "PatientSize", "PatientWeight"))

_PIXELS = frozenset(("PixelData", "FloatPixelData", "DoubleFloatPixelData"))
_LOOKED_AT = "PaletteColorLookupTableData"
_BULK_KEPT = frozenset(
    """
    VectorGridData PointCoordinatesData VectorCoordinateData VerticesOfThePolygonalOutline LUTData
    LongPrimitivePointIndexList LongTrianglePointIndexList LongEdgePointIndexList
    LongVertexPointIndexList ExtendedOffsetTable ExtendedOffsetTableLengths
    """.split()  # noqa: SIM905
)
_BIRTH = ("Birth", "Death", "LastMenstrual")

_ABOVE_THE_TABLE: dict[str, Verb] = {
    # type 1 of presentation states and of enhanced PET, though the table says X
    "PresentationCreationDate": "date", "PresentationCreationTime": "date",
    "RadiopharmaceuticalStartDateTime": "date",
    # type 2 within a reference to a request
    "RequestedProcedureID": "empty",
    # a name for the whole object, and one that no table lists
    "ContentLabel": "dummy", "URNCodeValue": "remove",
    # who did it: nothing stays of the whole item
    "InstitutionCodeSequence": "remove", "OperatorIdentificationSequence": "remove",
    "PersonIdentificationCodeSequence": "dummy", "PersonName": "dummy",
    # an institution's own names for its machines; not in the table beside TreatmentMachineName
    "RadiationMachineName": "dummy",
    # a second image, or an encrypted copy of the original header
    "EncryptedAttributesSequence": "remove", "IconImageSequence": "remove",
    "DeidentificationMethod": "remove", "DeidentificationMethodCodeSequence": "remove",
    "SpecificCharacterSet": "remove", "CodingSchemeIdentificationSequence": "remove",
    "MACParametersSequence": "remove",
    # about private elements, which all go
    "PrivateDataElementCharacteristicsSequence": "remove",
}  # fmt: skip


def verb_for(tag: BaseTag, vr: str, options: DeidentifyOptions) -> Verb:
    """What is done with the element.

    Parameters
    ----------
    tag : BaseTag
        Its tag; a private one is removed.
    vr : str
        Its value representation: the file's, or the dictionary's where the file has none.
    options : DeidentifyOptions
        The options of the profile.
    """
    group = tag.group
    if tag.is_private or tag.element == 0 or not dictionary_has_tag(tag):
        return "remove"
    if group in (0x0000, 0x0002, 0x0004, 0xFFFA, 0xFFFC) or group >> 8 in (0x50, 0x60):
        return "remove"
    keyword = dictionary_keyword(tag)
    if keyword in _ABOVE_THE_TABLE:
        return _ABOVE_THE_TABLE[keyword]
    if options.keep_characteristics and keyword in CHARACTERISTICS:
        return "keep"
    if keyword == "TimezoneOffsetFromUTC":
        return "keep" if options.dates == "keep" else "remove"
    if vr in DATES and not any(word in keyword for word in _BIRTH):
        return _dates(tag, options)
    if keyword in LABELS or (options.keep_words and keyword in DESCRIPTIONS):
        return "label"
    return _of_table(tag, vr) if tag in ACTIONS else _by_kind(tag, vr, keyword)


def _dates(tag: BaseTag, options: DeidentifyOptions) -> Verb:
    if options.dates != "remove":
        return "date"
    action = ACTIONS.get(int(tag), "X/Z/D")
    return {"X": "remove", "Z": "empty", "X/Z": "empty"}.get(action, "date")  # type: ignore[return-value]


def _of_table(tag: BaseTag, vr: str) -> Verb:
    action = ACTIONS[int(tag)]
    if action == "X":
        return "remove"
    if action == "U":
        return "uid"
    if vr == "SQ":
        return "empty" if action == "Z" else "inside"
    return "empty" if action in ("Z", "X/Z") else "dummy"


def _by_kind(tag: BaseTag, vr: str, keyword: str) -> Verb:
    if tag.group in (0x0032, 0x0038, 0x0400, 0x4008) and vr != "SQ":
        return "remove"
    if tag.group == 0x0010 and keyword != "PatientSpeciesCodeSequence":
        return "remove"
    if keyword in _PIXELS:
        return "keep"
    if vr in BULK:
        kept = keyword in _BULK_KEPT or keyword.endswith(_LOOKED_AT)
        return "keep" if kept else "remove"
    if vr == "SQ":
        return "inside"
    if vr == "UI":
        return "uid"
    if vr in (*TEXT, "PN", "AE"):
        if keyword in TECHNICAL:
            return "scrub"
        return "remove" if dictionary_is_retired(tag) or vr in ("UR", "LT") else "dummy"
    return "scrub" if vr in ("CS", "AS", "IS", "DS") else "keep"
