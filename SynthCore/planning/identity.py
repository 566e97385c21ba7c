"""Whose an image is and where it lies, by its headers: for things that belong together."""

from __future__ import annotations

from SynthCore.dicom.headers import first_text
from SynthCore.errors import InputError
from SynthCore.image import Image


def frame_of(image: Image) -> str:
    """Its frame of reference; empty where nothing says."""
    return first_text(image.source.headers, "FrameOfReferenceUID")


def patient_of(image: Image) -> str:
    """Its patient's ID; empty where nothing says."""
    return first_text(image.source.headers, "PatientID")


def position_of(image: Image) -> str:
    """How its patient lay (Patient Position); empty where nothing says."""
    return first_text(image.source.headers, "PatientPosition")


def require_same_frame(
    synthetic: Image, other: Image, what: str, notes: list[str], *, registered: bool = False
) -> None:
    """Refuse an image of another patient, or of another frame of reference unless registered.

    Raises
    ------
    InputError
        If so.
    """
    frames = frame_of(synthetic), frame_of(other)
    if all(frames) and frames[0] != frames[1] and not registered:
        raise InputError(
            f"The {what} lies in another frame of reference than the synthetic CT: register it "
            "first, and write it in the synthetic CT's."
        )
    patients = patient_of(synthetic), patient_of(other)
    if all(patients) and patients[0] != patients[1]:
        raise InputError(f"The {what} is of another patient than the synthetic CT.")
    if not all(frames) and not registered:
        notes.append(f"Nothing says that the {what} lies in the synthetic CT's frame of reference.")


def require_same(a: str, b: str, what: str, of: str) -> None:
    """Refuse what states another patient, plan or frame of reference; what states none passes.

    Raises
    ------
    InputError
        If both are stated and differ.
    """
    if a and b and a != b:
        raise InputError(f"The {what} belongs to another {of}: give one of this study.")
