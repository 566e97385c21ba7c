"""What will be written, for a person to look at before anything is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pydicom.dataset import Dataset

from SynthCore.dicom.guard import quiet
from SynthCore.dicom.series_plan import NewStudy, plan_series, slice_data_set
from SynthCore.image import Image
from SynthCore.request import SynthesisResult

_LONG = 200


class TagLine(NamedTuple):
    """One element: ``(0008,001C)``, its name, its value as text, and how deep it is nested."""

    tag: str
    name: str
    value: str
    depth: int


@quiet()
def preview_tags(
    result: SynthesisResult,
    *,
    source: Image | None = None,
    more_sources: Sequence[Image] = (),
    study: NewStudy | None = None,
) -> tuple[TagLine, ...]:
    """The elements of the first object that `export_dicom` would write, in order.

    The arguments are those of `SynthCore.dicom.write.export_dicom`; UIDs will be others.

    Raises
    ------
    InputError, ComputationError
        Where `export_dicom` would.
    """
    plan = plan_series(result, (source or result.image, *more_sources), study)
    return tuple(_lines(slice_data_set(plan, 0), 0))


def _lines(header: Dataset, depth: int) -> Iterator[TagLine]:
    for element in header:
        tag = f"({element.tag.group:04X},{element.tag.element:04X})"
        if element.VR == "SQ":
            count = len(element.value)
            yield TagLine(tag, element.name, f"{count} item{'' if count == 1 else 's'}", depth)
            for item in element.value:
                yield from _lines(item, depth + 1)
        elif isinstance(element.value, bytes):
            yield TagLine(tag, element.name, f"{len(element.value)} bytes", depth)
        else:
            yield TagLine(tag, element.name, _text(element.value), depth)


def _text(value: object) -> str:
    parts = value if isinstance(value, list | tuple) or hasattr(value, "append") else [value]
    text = "\\".join("" if part is None else str(part) for part in parts)  # type: ignore[attr-defined]
    return text if len(text) <= _LONG else text[:_LONG] + " ..."
