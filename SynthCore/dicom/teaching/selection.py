"""The manifest of a teaching file: a Key Object Selection "For Teaching File Export" (IHE TCE).

It names every object of the case; a system that takes part in the profile exports what it names.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore.dicom.guard import quiet
from SynthCore.dicom.marks import MANUFACTURER
from SynthCore.dicom.sr_parts import concept
from SynthCore.dicom.teaching.objects import (
    SERIES_NUMBERS,
    base_of,
    described,
    referred,
    state_maker,
)

TITLE = ("TCE001", "IHERADTF", "For Teaching File Export")


@quiet()
def build_selection(
    images: Sequence[Dataset], objects: Sequence[Dataset], *, description: str
) -> Dataset:
    """Make the document.

    Parameters
    ----------
    images : sequence of Dataset
        Headers of the images, de-identified and of one study.
    objects : sequence of Dataset
        Segmentation, presentation states and information of the case.
    description : str
        What the case is, for a person.

    Returns
    -------
    pydicom.dataset.Dataset
        A `highdicom.ko.KeyObjectSelectionDocument`, Explicit VR Little Endian.
    """
    from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument

    named = referred([*images, *objects])
    made: Dataset = KeyObjectSelectionDocument(
        evidence=named,
        content=KeyObjectSelection(
            document_title=concept(TITLE),
            referenced_objects=named,
            description=description or None,
        ),
        series_instance_uid=generate_uid(),
        series_number=SERIES_NUMBERS["selection"],
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        series_description=described([*images, *objects], "teaching file"),
    )
    state_maker(made, base_of(images), [*images, *objects], description)
    return made
