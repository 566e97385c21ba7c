"""Short values that stay only where they are on a list: body parts, methods, agents."""

from __future__ import annotations

import re

from SynthCore.dicom.deidentify.words import VOCABULARY, imaging_words

METHODS = frozenset(
    """
    Radiopharmaceutical ReconstructionMethod AttenuationCorrectionMethod ScatterCorrectionMethod
    ProcessingFunction FrameLabelVector TransducerData DetectorLinesOfResponseUsed
    CardiacFramingType TriggerSourceOrType
    """.split()  # noqa: SIM905
)
"""Text of free form that says how; what is not on the list goes."""

NAMES_OF_PARTS = frozenset(("GraphicLayer", "StackID"))
"""Names by which parts of one object refer to each other: they become numbers."""

CLOSED = frozenset(
    """
    ORIGINAL DERIVED PRIMARY SECONDARY AXIAL LOCALIZER OTHER NONE UNKNOWN MIXED IMAGE VOLUME SAMPLED
    DISTORTED MANUAL AUTOMATIC SEMIAUTOMATIC BINARY FRACTIONAL LABELMAP POINT POLYLINE CIRCLE
    ELLIPSE MULTI CONTAINER CONTAINS SEPARATE CONTINUOUS COMPLETE PARTIAL VERIFIED UNVERIFIED
    PHYSICAL PATIENT RIGID SCAN STATIC DYNAMIC GATED WHOLE BODY NORMAL REFORMATTED REPROJECTION
    PRODUCT RESEARCH SERVICE SUBTRACT MAGNITUDE PHASE REAL IMAGINARY MASK CONSTANT LINEAR EXACT
    SIGMOID IDENTITY INVERSE REPLACE MODIFY REPLICATE CUBIC SPIRAL SEQUENCED AXIAL HELIX STATIONARY
    FREE
    """.split()  # noqa: SIM905
)
"""Defined terms that may also be somebody's name."""

MAKERS = frozenset(
    (
        "Manufacturer",
        "DetectorManufacturerName",
        "ReceiveCoilManufacturerName",
        "TransmitCoilManufacturerName",
        "SecondaryCaptureDeviceManufacturer",
    )
)
"""Attributes in which the words of `maker_words` stay."""

_OF_MAKERS = frozenset(
    """
    ge siemens philips canon toshiba hitachi fujifilm fuji hologic agfa carestream kodak bruker
    elekta varian accuray konica minolta samsung mindray esaote shimadzu neusoft united imaging
    healthineers healthcare medical systems system nucletec mediso hermes picker marconi elscint
    lumenisis barco merge vital mim brainlab raysearch adac cti siemens/cti slicersynth synthcore
    general electric corporation corp inc gmbh ag ltd co nemoto ziehm sonosite supersonic
    """.split()  # noqa: SIM905
)

_METHOD_WORDS = frozenset(
    """
    osem osem3d osem2d mlem fbp ramla blob-os-tf blob psf tof truex tr vpfx vpfx-s vpfxs q.clear
    qclear bsrem row-action dlyd rand singles ran sss model-based convolution measured attenuation
    scatter correction corrected none calculated transmission ge-68 cs-137 ct-based ctac mrac ac
    nac iterative iterations subsets iteration subset gaussian filter filtered back projection 2d 3d
    4d all pass fdg 18f f18 f-18 c11 c-11 11c n13 n-13 13n o15 o-15 15o ga68 ga-68 68ga cu64 cu-64
    64cu zr89 zr-89 89zr rb82 rb-82 82rb tc99m tc-99m 99mtc i123 i-123 123i i131 i-131 131i in111
    in-111 111in lu177 lu-177 177lu fluorodeoxyglucose deoxyglucose fluoro psma dotatate dotatoc
    dotanoc fet fmiso flt florbetapir florbetaben flutemetamol flortaucipir dopa choline methionine
    ammonia water acetate naf sodium fluoride mdp hmpao mibi sestamibi tetrofosmin mibg datscan
    ioflupane solution ecg ekg vcg pp rr forw back fwd bkwd percentage time forward backward
    linear curved sector phased convex array endocavity transesophageal
    """.split()  # noqa: SIM905
)
_COUNTS = re.compile(r"\d{1,3}i\d{1,3}s|\d{1,2}(?:\.\d{1,2})?(?:mm)?")
_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]*")

_BODY_PARTS = frozenset(
    """
    ABDOMEN ABDOMENPELVIS ADRENAL ANKLE ANUS AORTA ARM AXILLA BACK BLADDER BRAIN BREAST BRONCHUS
    BUTTOCK CALCANEUS CALF CAROTID CEREBELLUM CSPINE CTSPINE CERVIX CHEEK CHEST CHESTABDOMEN
    CHESTABDPELVIS CIRCLEOFWILLIS CLAVICLE COCCYX COLON CORNEA CORONARYARTERY DUODENUM EAR ELBOW
    WHOLEBODY ESOPHAGUS EXTREMITY EYE EYELID FACE FEMUR FINGER FOOT GALLBLADDER HAND HEAD HEADNECK
    HEART HIP HUMERUS ILEUM ILIUM IAC JAW JEJUNUM JOINT KIDNEY KNEE LARYNX LEG LIVER LSPINE LSSPINE
    LUNG MAXILLA MEDIASTINUM MOUTH NECK NECKCHEST NECKCHESTABDOMEN NECKCHESTABDPELV NOSE ORBIT OVARY
    PANCREAS PAROTID PATELLA PELVIS PENIS PHARYNX PROSTATE RADIUS RADIUSULNA RECTUM RIB SSPINE
    SCALP SCAPULA SCLERA SCROTUM SHOULDER SIJOINT SKULL SPINE SPLEEN STERNUM STOMACH SUBMANDIBULAR
    TESTIS THIGH THUMB THYMUS THYROID THORAX TIBIA TIBIAFIBULA TLSPINE TMJ TOE TONGUE TRACHEA
    TSPINE ULNA UPPERARM URETER URETHRA UTERUS VAGINA VULVA WRIST ZYGOMA BREASTS PHANTOM
    """.split()  # noqa: SIM905
)
"""Defined terms of PS3.16, annex L, as far as they are in use."""


def body_part(text: str) -> str:
    """BodyPartExamined, where it is a defined term or words of the vocabulary; else empty."""
    plain = text.strip(" \0").upper()
    if re.sub(r"[ _]", "", plain) in _BODY_PARTS:
        return plain[:16]
    return imaging_words(text, 16).upper()


def method_words(text: str, length: int = 64) -> str:
    """What a text says in words of methods and of the vocabulary."""
    kept = []
    for token in _TOKEN.findall(text):
        plain = token.lower().strip(".-")
        if plain in _METHOD_WORDS or plain in VOCABULARY or _COUNTS.fullmatch(plain):
            kept.append(token)
    says_something = any(not token.isdigit() for token in kept)
    return " ".join(kept)[:length].strip() if says_something else ""


def is_maker(text: str) -> bool:
    """Whether every word of a text is one of makers of scanners and software."""
    words = re.findall(r"[^\s,.()]+", text.lower())
    return bool(words) and all(word in _OF_MAKERS for word in words)
