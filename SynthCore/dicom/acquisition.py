"""How an image was acquired, read alike from classic and enhanced multi-frame headers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from SynthCore.dicom.headers import Header, is_synthetic, item, number, text, texts, words

SOP_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.2.1": "CT",
    "1.2.840.10008.5.1.4.1.1.2.2": "CT",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.4.1": "MR",
    "1.2.840.10008.5.1.4.1.1.4.3": "MR",
    "1.2.840.10008.5.1.4.1.1.4.4": "MR",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
    "1.2.840.10008.5.1.4.1.1.128.1": "PT",
    "1.2.840.10008.5.1.4.1.1.130": "PT",
    "1.2.840.10008.5.1.4.1.1.13.1.1": "XA3D",
    "1.2.840.10008.5.1.4.1.1.1": "XR",
    "1.2.840.10008.5.1.4.1.1.1.1": "XR",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "XR",
    "1.2.840.10008.5.1.4.1.1.12.1": "XR",
    "1.2.840.10008.5.1.4.1.1.12.1.1": "XR",
    "1.2.840.10008.5.1.4.1.1.12.2": "XR",
    "1.2.840.10008.5.1.4.1.1.12.2.1": "XR",
}
"""SOP classes that hold an image a task can start from, and the kind of image (PS3.4 table B.5-1):
classic, enhanced and legacy converted CT, MR (and enhanced color), PET; X-ray 3D angiography;
CR, DX, XA and RF."""

_MODALITIES = {"CT": "CT", "MR": "MR", "PT": "PT", "CR": "XR", "DX": "XR", "XA": "XR", "RF": "XR"}


def kind_of(header: Header) -> str:
    """``CT``, ``MR``, ``PT``, ``XA3D`` or ``XR``; empty for whatever is no such image."""
    sop_class = text(header, "SOPClassUID")
    if sop_class:
        return SOP_CLASSES.get(sop_class, "")
    return _MODALITIES.get(text(header, "Modality"), "")


@dataclass(frozen=True)
class Acquisition:
    """What a header says that bears on the role of a series; times in milliseconds.

    Attributes
    ----------
    kind : str
        As `kind_of` gives it.
    description, protocol, step : str
        SeriesDescription, ProtocolName, PerformedProcedureStepDescription, lower case. The
        latter two may speak of the whole study.
    maker : str
        Manufacturer, model and station, lower case.
    image_type : tuple of str
        ImageType.
    echo : str
        ``SE`` spin echo, ``GR`` gradient echo, ``EP`` echo planar, empty where unknown.
    inversion, prepared, spoiled, steady : bool
        Inversion recovery; magnetization prepared; spoiled; steady state without spoiling.
    tr, te, ti, flip : float or None
        RepetitionTime, EchoTime, InversionTime (ms), FlipAngle (degrees).
    contrast : bool or None
        Whether a contrast agent is named; None where the attribute is missing altogether.
    synthetic : bool
        SyntheticData is YES.
    corrections : tuple of str
        CorrectedImage of PET.
    """

    kind: str
    description: str
    protocol: str
    step: str
    maker: str
    image_type: tuple[str, ...]
    echo: str
    inversion: bool
    prepared: bool
    spoiled: bool
    steady: bool
    tr: float | None
    te: float | None
    ti: float | None
    flip: float | None
    contrast: bool | None
    synthetic: bool
    corrections: tuple[str, ...]


def acquisition(header: Header) -> Acquisition:
    """What `header` says, from the top level or from the functional groups."""
    levels = tuple(_levels(header))
    scanning = {part for level in levels for part in texts(level, "ScanningSequence")}
    variant = {part for level in levels for part in texts(level, "SequenceVariant")}
    pulse = _first_text(levels, "EchoPulseSequence")
    echo_time = _first(levels, "EchoTime", "EffectiveEchoTime")
    inversion_time = _first(levels, "InversionTime", "InversionTimes")
    planar = "EP" in scanning or _first_text(levels, "EchoPlanarPulseSequence") == "YES"
    spin = "SE" in scanning or pulse == "SPIN"
    gradient = "GR" in scanning or pulse == "GRADIENT"
    spoiling = _first_text(levels, "Spoiling")
    steady = _first_text(levels, "SteadyStatePulseSequence") not in ("", "NONE")
    return Acquisition(
        kind=kind_of(header),
        description=words(header, "SeriesDescription"),
        protocol=words(header, "ProtocolName"),
        step=words(header, "PerformedProcedureStepDescription"),
        maker=words(header, "Manufacturer", "ManufacturerModelName", "StationName"),
        image_type=texts(header, "ImageType"),
        echo="EP" if planar else "GR" if gradient else "SE" if spin else "",
        inversion="IR" in scanning or _first_text(levels, "InversionRecovery") == "YES",
        prepared="MP" in variant,
        spoiled="SP" in variant or spoiling in ("RF", "GRADIENT", "RF_AND_GRADIENT"),
        steady=("SS" in variant or "TRSS" in variant or steady) and not variant & {"SP", "MP"},
        tr=_positive(_first(levels, "RepetitionTime")),
        te=_positive(echo_time),
        ti=_positive(inversion_time),
        flip=_positive(_first(levels, "FlipAngle")),
        contrast=_contrast(header),
        synthetic=is_synthetic(header),
        corrections=texts(header, "CorrectedImage"),
    )


_GROUPS = (
    "MRTimingAndRelatedParametersSequence",
    "MREchoSequence",
    "MRModifierSequence",
    "MRImageFrameTypeSequence",
)


def _levels(header: Header) -> Iterator[Header]:
    yield header
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        frame = item(header, groups)
        for keyword in _GROUPS if frame is not None else ():
            group = item(frame, keyword)
            if group is not None:
                yield group


def _first(levels: tuple[Header, ...], *keywords: str) -> float | None:
    for level in levels:
        for keyword in keywords:
            found = number(level, keyword)
            if found is not None:
                return found
    return None


def _first_text(levels: tuple[Header, ...], keyword: str) -> str:
    return next((found for found in (text(level, keyword) for level in levels) if found), "")


def _positive(found: float | None) -> float | None:
    return found if found is not None and found > 0 else None


_NO_AGENT = {"none", "no", "n", "0", "non", "without", "no contrast", "null", "off"}


def _contrast(header: Header) -> bool | None:
    agent = text(header, "ContrastBolusAgent").lower()
    if agent:
        return agent not in _NO_AGENT
    if item(header, "ContrastBolusAgentSequence") is not None:
        return True
    try:
        return False if "ContrastBolusAgent" in header else None
    except Exception:
        return None
