"""Was an image compressed with loss? What its header states, or else its transfer syntax."""

from __future__ import annotations

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    JPEG2000MC,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
)

from SynthCore.dicom.headers import Header, text

_ALWAYS = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless)
_PERHAPS = (JPEG2000, JPEG2000MC, HTJ2K)
"""With or without loss (PS3.5, 8.2.4 and 8.2.14); LossyImageCompression has to tell which."""


def loss_note(header: Header) -> str:
    """Say in a sentence that an image was compressed with loss, or may have been; else empty."""
    stated = text(header, "LossyImageCompression")
    syntax = text(getattr(header, "file_meta", None) or {}, "TransferSyntaxUID")
    if stated == "01" or syntax in _ALWAYS:
        return "The series was compressed with loss."
    if syntax in _PERHAPS and stated != "00":
        return (
            "The series is in a compression that may lose detail, and does not say whether it did: "
            "it is taken as compressed with loss."
        )
    return ""
