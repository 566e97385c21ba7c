"""What made a synthetic image, by the record it carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from SynthCore.dicom.record_tags import read_record_json
from SynthCore.errors import InputError
from SynthCore.files.record import read_record
from SynthCore.image import Image
from SynthCore.request import SynthesisRecord

_RECORDED = ("nifti", "nrrd")


@dataclass(frozen=True)
class MadeBy:
    """Task, model and versions of a synthetic image; all empty where it carries no record."""

    task: str = ""
    model: str = ""
    version: str = ""
    weights_sha256: str = ""
    created: str = ""
    software: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Model and version, empty where unknown."""
        return f"{self.model} {self.version}".strip()


def made_by(image: Image) -> MadeBy:
    """Read the record of an image: from its DICOM tags, or from its file or what lies beside it.

    An image that carries none, or none that can be read, was made by something unknown.
    """
    text: str | None = None
    try:
        if image.source.headers:
            text = read_record_json(image.source.headers[0])
        elif image.source.kind in _RECORDED and image.source.path:
            text = read_record(Path(image.source.path))
        if not text:
            return MadeBy()
        record = SynthesisRecord.from_json(text)
        return MadeBy(
            str(record.task),
            str(record.model),
            str(record.model_version),
            str(record.weights_sha256),
            str(record.created),
            {str(name): str(version) for name, version in dict(record.software).items()},
        )
    except (InputError, ValueError, TypeError, AttributeError, KeyError):
        return MadeBy()
