"""Which objects are fetched by C-GET: an association proposes 128 kinds at most, so these."""

from __future__ import annotations

_STORAGE = "1.2.840.10008.5.1.4.1.1."

FETCHED_CLASSES = tuple(
    _STORAGE + end
    for end in (
        "2", "2.1", "2.2",  # CT, enhanced, legacy converted
        "4", "4.1", "4.3", "4.4",  # MR, enhanced, enhanced color, legacy converted
        "128", "130", "128.1",  # PET, enhanced, legacy converted
        "1", "1.1", "1.1.1",  # CR, DX for presentation and for processing
        "12.1", "12.2", "13.1.1", "13.1.2",  # XA, XRF, 3D X-ray angiographic and craniofacial
        "7", "7.1", "7.2", "7.3", "7.4",  # secondary capture
        "20", "30",  # NM, parametric map
        "66", "66.1", "66.2", "66.3", "66.4", "66.5", "66.7",  # raw, registrations, segmentations
        "481.1", "481.2", "481.3", "481.5", "481.8",  # RT image, dose, structures, plan, ion plan
        "88.11", "88.22", "88.33", "88.34", "88.59", "88.67",  # reports, key objects, dose
        "11.1", "104.1",  # presentation state, encapsulated PDF
    )
)  # fmt: skip

FETCHED_SYNTAXES = [
    "1.2.840.10008.1.2.1",  # explicit little endian
    "1.2.840.10008.1.2",  # implicit little endian
    "1.2.840.10008.1.2.4.70",  # JPEG lossless
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.80",  # JPEG-LS
    "1.2.840.10008.1.2.4.90",  # JPEG 2000
    "1.2.840.10008.1.2.5",  # RLE
    "1.2.840.10008.1.2.4.50",  # lossy: the images say so, and reading warns of it
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.2",  # explicit big endian
]
"""In the order of preference, which the archive may follow or not."""
