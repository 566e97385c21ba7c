"""What a teacher says of a case as a Basic Text SR: IHE's Additional Teaching File Information.

Title and concepts are of the IHE Radiology Technical Framework (scheme ``IHERADTF``, transaction
RAD-52, Store Additional Teaching File Information): TCE006 and TCE101 to TCE111, categories TCE301
to TCE311; history is DCM 121060. The question and its choices, which IHE does not know, are of our
own scheme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import BasicTextSRStorage, generate_uid

from SynthCore.dicom.guard import quiet
from SynthCore.dicom.marks import MANUFACTURER, SCHEME
from SynthCore.dicom.sr_parts import concept, text_item
from SynthCore.dicom.teaching.objects import (
    SERIES_NUMBERS,
    base_of,
    described,
    referred,
    state_maker,
)
from SynthCore.dicom.texts import LO, fit

Code = tuple[str, str, str]

IHE = "IHERADTF"
TITLE: Code = ("TCE006", IHE, "Additional Teaching File Information")
AUTHOR: Code = ("TCE101", IHE, "Author")
ABSTRACT: Code = ("TCE104", IHE, "Abstract")
KEYWORDS: Code = ("TCE105", IHE, "Keywords")
DISCUSSION: Code = ("TCE106", IHE, "Discussion")
DIAGNOSIS: Code = ("TCE107", IHE, "Diagnosis")
CATEGORY: Code = ("TCE109", IHE, "Category")
HISTORY: Code = ("121060", "DCM", "History")
QUESTION: Code = ("question", SCHEME, "Question")
CHOICE: Code = ("choice", SCHEME, "Choice of an answer")
KEY_IMAGE: Code = ("121180", "DCM", "Key Images")

CATEGORIES: Mapping[str, Code] = {
    word: (f"TCE{301 + n}", IHE, meaning)
    for n, (meaning, words) in enumerate(
        (
            ("Musculoskeletal", ("musculoskeletal", "msk", "bone")),
            ("Pulmonary", ("pulmonary", "chest", "thorax", "thoracic", "lung")),
            ("Cardiovascular", ("cardiovascular", "cardiac", "heart")),
            ("Gastrointestinal", ("gastrointestinal", "abdomen", "abdominal", "liver")),
            ("Genitourinary", ("genitourinary", "urogenital")),
            ("Neuro", ("neuro", "neuroradiology", "brain", "spine")),
            ("Vascular and Interventional", ("vascular and interventional", "interventional")),
            ("Nuclear", ("nuclear", "nuclear medicine")),
            ("Ultrasound", ("ultrasound",)),
            ("Pediatric", ("pediatric", "pediatrics", "paediatric")),
            ("Breast", ("breast", "mammography")),
        )
    )
    for word in words
}
"""IHE's categories by the words a teacher may use."""


@dataclass(frozen=True)
class TeachingInformation:
    """The words of a case; what is empty is left out.

    Attributes
    ----------
    author, abstract, history, question, diagnosis, discussion, category : str
    keywords, choices : tuple of str
    """

    author: str = ""
    abstract: str = ""
    history: str = ""
    question: str = ""
    diagnosis: str = ""
    discussion: str = ""
    category: str = ""
    keywords: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@quiet()
def build_information(
    words: TeachingInformation, key_images: Sequence[Dataset], study: Sequence[Dataset]
) -> Dataset:
    """Make the report.

    Parameters
    ----------
    words : TeachingInformation
    key_images : sequence of Dataset
        Headers of the images it points to; may be empty.
    study : sequence of Dataset
        Headers of the images of the case; the report is in the study of the first.

    Returns
    -------
    pydicom.dataset.Dataset
        A Basic Text SR, Explicit VR Little Endian.
    """
    from highdicom.sr import (
        ContainerContentItem,
        ContentSequence,
        EnhancedSR,
        ImageContentItem,
        RelationshipTypeValues,
    )

    contains = RelationshipTypeValues("CONTAINS")
    root = ContainerContentItem(concept(TITLE), template_id=None)
    items = [text_item(code, text, "CONTAINS") for code, text in _texts(words)]
    if words.category:
        items.append(_category(words.category))
    images = referred(key_images) if key_images else []
    items += [
        ImageContentItem(
            concept(KEY_IMAGE), str(one.SOPClassUID), str(one.SOPInstanceUID),
            relationship_type=contains,
        )
        for one in images
    ]  # fmt: skip
    root.ContentSequence = ContentSequence(items)
    made: Dataset = EnhancedSR(
        evidence=images or referred(study[:1]),
        content=root,
        series_instance_uid=generate_uid(),
        series_number=SERIES_NUMBERS["information"],
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        series_description=described(study, "teaching file information"),
    )
    # the same document without the value types that an Enhanced SR has beyond text
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = BasicTextSRStorage
    texts = "".join(text for _, text in _texts(words)) + words.category
    state_maker(made, base_of(study), study, texts)
    return made


def _texts(words: TeachingInformation) -> list[tuple[Code, str]]:
    """Concept and text, in the order of IHE's template."""
    found = [
        (AUTHOR, words.author),
        (ABSTRACT, words.abstract),
        *((KEYWORDS, one) for one in words.keywords),
        (HISTORY, words.history),
        (QUESTION, words.question),
        *((CHOICE, one) for one in words.choices),
        (DISCUSSION, words.discussion),
        (DIAGNOSIS, words.diagnosis),
    ]
    return [(code, text) for code, text in found if text]


def _category(name: str) -> object:
    from highdicom.sr import CodeContentItem, RelationshipTypeValues

    code = CATEGORIES.get(name.casefold()) or ("category", SCHEME, fit(name, LO))
    return CodeContentItem(concept(CATEGORY), concept(code), RelationshipTypeValues("CONTAINS"))
