"""What a report says of its subject in coded items: birth, sex, age, size and weight."""

from __future__ import annotations

from pydicom.dataset import Dataset

from SynthCore.dicom.deidentify.dates import DUMMY
from SynthCore.dicom.deidentify.values import REMOVED, dummy_code
from SynthCore.dicom.texts import value_text

_IDENTITY = frozenset(("121029", "121030", "121031", "21112-8", "184099003"))
_CHARACTERISTICS = frozenset(
    """
    121032 121033 121035 30525-0 29553-5 8302-2 3137-7 3138-5 3141-9 29463-7 8277-6 3140-1 39156-5
    397669002 424144002 63900-5 263495000 184100006 27113001 50373000 60621009 301898006 72514-3
    46098-0 11977-6 11996-6 11778-8 11955-2
    """.split()  # noqa: SIM905
)
"""Sex, age, height, weight, surface, obstetric history and dates, in DCM, LOINC and SNOMED CT."""

_AGES = ("121033", "30525-0", "29553-5", "397669002", "424144002")
_OLDEST = {"a": 90.0, "mo": 1080.0, "wk": 4696.0, "d": 32872.0}


def about_subject(item: Dataset) -> bool:
    """Whether an item says who the subject is, or when they were born."""
    return bool(_concepts(item) & _IDENTITY)


def clean_subject(source: Dataset, target: Dataset, *, keep_characteristics: bool) -> None:
    """Empty a content item that describes the subject; its place stays, as others point to it.

    Where characteristics are kept, an age stays up to 90 years.
    """
    concepts = _concepts(source)
    if concepts & _IDENTITY or (concepts & _CHARACTERISTICS and not keep_characteristics):
        _say_nothing(target)
    elif concepts & set(_AGES):
        for measured in target.get("MeasuredValueSequence") or ():
            _cap(measured)


def _say_nothing(target: Dataset) -> None:
    for keyword, vr in (("Date", "DA"), ("DateTime", "DT"), ("Time", "TM")):
        if keyword in target:
            setattr(target, keyword, DUMMY[vr])
    if "MeasuredValueSequence" in target:
        target.MeasuredValueSequence = []  # type 2: a measurement without a value
    if "NumericValue" in target:
        target.NumericValue = 0
    for keyword in ("FloatingPointValue", "RationalNumeratorValue", "RationalDenominatorValue"):
        if keyword in target:
            delattr(target, keyword)
    if "ConceptCodeSequence" in target:
        target.ConceptCodeSequence = [dummy_code()]
    if "TextValue" in target:
        target.TextValue = REMOVED


def _cap(measured: Dataset) -> None:
    units = measured.get("MeasurementUnitsCodeSequence") or ()
    unit = value_text(units[0].get("CodeValue")) if units else ""
    oldest = _OLDEST.get(unit, 0.0)
    try:
        years = float(measured.get("NumericValue") or 0)
    except (TypeError, ValueError):
        years = oldest + 1
    if years > oldest:
        measured.NumericValue = f"{oldest:g}"
        for keyword in ("FloatingPointValue", "RationalNumeratorValue", "RationalDenominatorValue"):
            if keyword in measured:
                delattr(measured, keyword)


def _concepts(item: Dataset) -> set[str]:
    try:
        return {
            value_text(code.get("CodeValue")) for code in item.get("ConceptNameCodeSequence") or ()
        }
    except Exception:  # bytes that do not fit: the item's value is not kept either
        return set()
