"""The record that goes wherever an image or a mask of a person goes."""

from __future__ import annotations

from datetime import datetime

from SynthCore import __version__
from SynthCore.image import Image, summary
from SynthCore.people.draws import Draws
from SynthCore.people.person_file import digest_of, software
from SynthCore.request import SynthesisRecord
from SynthCore.tasks import PHANTOM_TASK

MODEL = "generated-person"


def record_of(draws: Draws, person: str, image: Image, when: datetime) -> SynthesisRecord:
    """How an image, or a map of the truth, was made: as that of a digital phantom.

    Parameters
    ----------
    draws : Draws
        All of them lie in the person's file; the record holds their hash.
    person : str
        Name of the person.
    image : Image
        Its role is the record's target.
    when : datetime
        Of its making.
    """
    options = {
        "seed": draws.seed,
        "person": person,
        "anatomy": draws.origin.kind,
        "draws_sha256": digest_of(draws),
    }
    return SynthesisRecord(
        task=PHANTOM_TASK,
        target=image.modality,
        model=MODEL,
        model_version=__version__,
        weights_sha256="",
        inputs={},
        mask=None,
        options=options,
        device="cpu",
        backend="torch",
        software=software(),
        checks=(),
        warnings=(),
        output=summary(image),
        created=when.isoformat(timespec="seconds"),
    )
