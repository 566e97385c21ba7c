"""Is what a synthetic image is compared with real? Figures against anything else mislead."""

from __future__ import annotations

import numpy as np

from SynthCore.image import Image
from SynthCore.quality.ct_numbers import reach_hu


def not_real(reference: Image, synthetic: Image, name: str = "reference") -> str:
    """Say why a reference is no image of a patient, as a sentence; empty where nothing says so.

    Parameters
    ----------
    reference : Image
        What should have been acquired. The scan of a digital phantom is the truth of its phantom:
        `of_phantom` speaks of it.
    synthetic : Image
        What is compared with it.
    name : str
        Of the reference, in the sentence.
    """
    if reference.synthetic == "YES":
        exchanged = "" if synthetic.synthetic else "; were the two images exchanged?"
        return f"The {name} is marked as synthetic, and was not acquired{exchanged or '.'}"
    if reference.same_grid(synthetic) and np.array_equal(reference.voxels, synthetic.voxels):
        return f"The {name} is the synthetic image itself, voxel for voxel."
    return ""


def of_phantom(reference: Image, name: str = "reference") -> str:
    """Say that a reference is a digital phantom's, as a sentence; empty where it is not."""
    if reference.synthetic != "PHANTOM":
        return ""
    return f"The {name} is a simulated scan of a digital phantom: no figure speaks of a patient."


def not_synthetic(image: Image) -> str:
    """Say that an image to be judged as synthetic carries no such mark, as a sentence, or empty.

    Images that other programs made may lack it.
    """
    if image.synthetic == "YES":
        return ""
    what = "a simulated scan of a digital phantom" if image.synthetic else "not marked as synthetic"
    return f"The image given as the synthetic CT is {what}: is it the one to be checked?"


METAL_HU = 1e5
"""No CT number is higher: extended scales end at 65535."""


def not_hu(image: Image, name: str) -> str:
    """Say that an image's values are hardly CT numbers, as a sentence; empty where they may be."""
    low, high = float(np.nanmin(image.voxels)), float(np.nanmax(image.voxels))
    if reach_hu(low, high) and high <= METAL_HU:
        return ""
    return f"The {name} runs from {low:g} to {high:g}: these are not CT numbers in HU."


def doubts(reference: Image, synthetic: Image) -> list[str]:
    """All that is to be said of a reference before a figure is believed."""
    found = (
        not_real(reference, synthetic),
        of_phantom(reference),
        _elsewhere(reference, synthetic),
    )
    return [told for told in found if told]


def _elsewhere(reference: Image, synthetic: Image) -> str:
    """Another patient, or another frame of reference, where both state one."""
    if not (reference.source.headers and synthetic.source.headers):
        return ""
    headers = reference.source.headers[0], synthetic.source.headers[0]
    for keyword, what in (("PatientID", "patient"), ("FrameOfReferenceUID", "frame of reference")):
        one, other = (str(header.get(keyword, "") or "") for header in headers)
        if one and other and one != other:
            return (
                f"The reference states another {what} than the synthetic image: figures of them "
                "mean nothing unless that is only a matter of names."
            )
    return ""
